/** One call of a function: its operands as they come, and how they become what the kernel takes. */
import type { DataType, ScalarDataType } from '../../arrow/schema.ts';
import { sameType } from '../common-type.ts';
import { literalType } from '../constant.ts';
import type { CallNode, CallOption, CallOptions, LiteralNode } from '../expr/node.ts';
import { exprToString } from '../expr-text.ts';
import type { Program, Typed } from '../program.ts';
import { typeMismatch } from '../type-mismatch.ts';
import {
  describe,
  isLiteral,
  type Operand,
  operandAs,
  operandsIn,
  type Scope,
  type Unified,
  unifyOperands,
  widen,
} from '../unify.ts';

/** What a call gives, beside its kernel and operands. */
export interface CallResult {
  readonly type: DataType;
  /** Default: whether one of the operands is. */
  readonly nullable?: boolean;
  /** Default: the node's. */
  readonly options?: CallOptions;
  /** What `explain()` shows; default: the node's name and options. */
  readonly shown?: Partial<Pick<CallNode, 'fn' | 'options'>>;
  /** Default false. */
  readonly canFail?: boolean;
  /** Default 1; see `costOf`. */
  readonly cost?: number;
}

/** A call in a plan. */
export class CallSite {
  readonly node: CallNode;
  readonly options: CallOptions;
  /** Constants without a type of their own, or typed operands. */
  readonly operands: readonly Operand[];

  constructor(node: CallNode, scope: Scope) {
    this.node = node;
    this.options = node.options ?? {};
    this.operands = operandsIn(node.operands, scope);
  }

  /** The expression as text, for errors. */
  get text(): string {
    return exprToString(this.node);
  }

  /** The type of operand `i`; of a constant, what it is alone; of null, undefined. */
  type(i: number): DataType | undefined {
    const operand = this.operands[i]!;
    return isLiteral(operand) ? literalType(operand, undefined) : operand.type;
  }

  /** Operand `i` as it is; a constant takes the type that it has alone, null that of `ifNull`. */
  typed(i: number, ifNull: ScalarDataType): Typed {
    const operand = this.operands[i]!;
    if (!isLiteral(operand)) return operand;
    const type = literalType(operand, undefined) ?? ifNull;
    return operandAs(operand, this.node.operands[i]!, this.node, type);
  }

  /**
   * Operand `i` as a value of a type that holds it: constants are converted, columns widened.
   *
   * @throws MillraceError `TYPE_MISMATCH` where the constant is no such value.
   */
  as(i: number, type: ScalarDataType): Typed {
    return operandAs(this.operands[i]!, this.node.operands[i]!, this.node, type);
  }

  /** A typed operand as a value of another type that holds it. */
  widen(operand: Typed, i: number, type: ScalarDataType): Typed {
    return sameType(operand.type, type) ? operand : widen(operand, this.node.operands[i]!, type);
  }

  /** All operands, or those from `from` to `to` (exclusive), in the type in which they meet. */
  unified(from = 0, to = this.operands.length, atLeast?: ScalarDataType): Unified {
    const nodes = this.node.operands.slice(from, to);
    return unifyOperands(this.node, nodes, this.operands.slice(from, to), atLeast);
  }

  /** Operand `i` where it is a constant of the plan, else undefined. */
  literal(i: number): LiteralNode | undefined {
    const operand = this.operands[i];
    return operand !== undefined && isLiteral(operand) ? operand : undefined;
  }

  /** An option of the call. */
  option<T extends CallOption>(name: string): T {
    return this.options[name] as T;
  }

  /** The program of `kernel` over operands. */
  call(kernel: string, operands: readonly Typed[], result: CallResult): Typed {
    const { type, nullable, options = this.options, canFail = false, cost = 1 } = result;
    const { fn = this.node.fn, options: shownOptions = this.options } = result.shown ?? {};
    const program: Program = {
      kind: 'call',
      kernel,
      shown: { kind: 'function', name: fn, options: shownOptions },
      operands: operands.map((operand) => operand.program),
      options,
      type,
      nullForNull: nullable === undefined,
      canFail,
      cost,
      text: this.text,
    };
    return { program, type, nullable: nullable ?? operands.some((operand) => operand.nullable) };
  }

  /** The error of operands that do not fit. @param takes what the function takes. */
  mismatch(takes: string): Error {
    return typeMismatch(this.node, describe(this.node.operands, this.operands), takes);
  }
}
