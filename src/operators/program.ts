/**
 * Typed expressions: what `lower` makes of an `ExprNode` and a schema, and what `Evaluator` runs.
 * Plain data; operands have the types that the kernels want, casts stand where one is needed.
 */
import type { DataType, ScalarDataType } from '../arrow/schema.ts';
import type { ArithmeticOp, CallOptions, ComparisonOp, LogicalOp } from './expr/node.ts';
import type { UdfProgram } from './udf/node.ts';

/**
 * A constant of a type: bigint for 64-bit integers, decimals (unscaled), times, timestamps and
 * durations, number for smaller integers, floats and dates (days).
 */
export type ConstantValue = null | boolean | number | bigint | string;

/** A column of the morsel. */
export interface ColumnProgram {
  readonly kind: 'column';
  readonly name: string;
}

/** One value for all rows. */
export type ConstantProgram = ScalarConstant | NullConstant;

/** A constant of a scalar type. */
export interface ScalarConstant {
  readonly kind: 'constant';
  readonly type: ScalarDataType;
  readonly value: ConstantValue;
}

/** A null of any type. */
export interface NullConstant {
  readonly kind: 'constant';
  readonly type: DataType;
  readonly value: null;
}

/** A value as one of another type. */
export interface CastProgram {
  readonly kind: 'cast';
  readonly from: ScalarDataType;
  readonly to: ScalarDataType;
  /** What happens to a value that `to` does not hold. */
  readonly misfit: 'fail' | 'null';
  readonly operand: Program;
  /** The expression as text, for the error of a row. */
  readonly text: string;
}

/** Both operands have the type of the result. */
export interface ArithmeticProgram {
  readonly kind: 'arithmetic';
  readonly op: ArithmeticOp;
  readonly type: ScalarDataType;
  readonly left: Program;
  readonly right: Program;
  /** The expression as text, for the error of a row. */
  readonly text: string;
  /** Whether it is a sign, whose left operand, a 0, nobody wrote. Default false. */
  readonly negates?: boolean;
}

/** What is compared: values of fixed width; utf8 or binary; structs, lists or maps. */
export type ComparedLayout = 'fixed' | 'bytes' | 'nested';

/** Both operands have one type. */
export interface CompareProgram {
  readonly kind: 'compare';
  readonly op: ComparisonOp;
  readonly layout: ComparedLayout;
  readonly left: Program;
  readonly right: Program;
}

/** `and`, `or`. */
export interface LogicProgram {
  readonly kind: 'logic';
  readonly op: LogicalOp;
  readonly left: Program;
  readonly right: Program;
  /** Whether `right` sees only the rows that `left` leaves open: see `isWorthNarrowing`. */
  readonly narrows: boolean;
}

/** `not`. */
export interface NotProgram {
  readonly kind: 'not';
  readonly operand: Program;
}

/** `is null` where `wanted`, else `is not null`. */
export interface IsNullProgram {
  readonly kind: 'isNull';
  readonly wanted: boolean;
  readonly operand: Program;
}

/** All operands have one type. */
export interface CoalesceProgram {
  readonly kind: 'coalesce';
  readonly operands: readonly Program[];
}

/** `values` have the operand's type; null is not among them but `hasNull`. */
export interface InProgram {
  readonly kind: 'in';
  readonly operand: Program;
  readonly type: ScalarDataType;
  readonly values: readonly ConstantValue[];
  readonly hasNull: boolean;
}

/** A member of a struct by its place. */
export interface FieldProgram {
  readonly kind: 'field';
  readonly operand: Program;
  readonly index: number;
  readonly name: string;
}

/** A call in words that users know: `explain()` prints it so. */
export type ShownCall =
  | {
      readonly kind: 'function';
      /** Of a method or function of the documentation. */
      readonly name: string;
      readonly options: CallOptions;
    }
  | { readonly kind: 'operator'; readonly op: ArithmeticOp };

/** A function: what `kernels/registry.ts` has under the name `kernel`. */
export interface CallProgram {
  readonly kind: 'call';
  readonly kernel: string;
  readonly shown: ShownCall;
  readonly operands: readonly Program[];
  readonly options: CallOptions;
  readonly type: DataType;
  /** Whether the result is null where an operand is. */
  readonly nullForNull: boolean;
  /** Whether a selected row may have no result. */
  readonly canFail: boolean;
  /** About how much a row costs, where an addition is 1. */
  readonly cost: number;
  /** The expression as text, for the error of a row. */
  readonly text: string;
}

/** `case when`: conditions and values by turns, then the value of all other rows. */
export interface CaseProgram {
  readonly kind: 'case';
  readonly operands: readonly Program[];
  readonly type: DataType;
}

/**
 * A program over a dictionary's texts, each once: `over` reads them as the column
 * {@link DICTIONARY_VALUES}, and the result is dealt to the rows by their index.
 */
export interface LiftProgram {
  readonly kind: 'lift';
  readonly operand: Program;
  readonly over: Program;
}

/** The one column that the program of a lift reads. */
export const DICTIONARY_VALUES = '';

/** A typed expression. */
export type Program =
  | ColumnProgram
  | ConstantProgram
  | CastProgram
  | ArithmeticProgram
  | CompareProgram
  | LogicProgram
  | NotProgram
  | IsNullProgram
  | CoalesceProgram
  | InProgram
  | FieldProgram
  | CallProgram
  | CaseProgram
  | LiftProgram
  | UdfProgram;

/** An expression with the type of its values. */
export interface Typed {
  readonly program: Program;
  readonly type: DataType;
  readonly nullable: boolean;
}

/** The programs right below a program. */
export function operandsOf(program: Program): readonly Program[] {
  switch (program.kind) {
    case 'column':
    case 'constant':
      return [];
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return [program.left, program.right];
    case 'coalesce':
    case 'call':
    case 'case':
    case 'udf':
      return program.operands;
    default:
      return [program.operand];
  }
}

/** The programs below a program, that over a dictionary's texts among them. */
export function partsOf(program: Program): readonly Program[] {
  return program.kind === 'lift' ? [program.operand, program.over] : operandsOf(program);
}

/** Names of the columns that a program reads. */
export function columnsOf(program: Program): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (part: Program) => {
    if (part.kind === 'column') names.add(part.name);
    operandsOf(part).forEach(visit);
  };
  visit(program);
  return names;
}

/** The same program over other operands, as many as it has. */
export function withOperands(program: Program, operands: readonly Program[]): Program {
  if (operandsOf(program).every((operand, i) => operand === operands[i])) return program;
  switch (program.kind) {
    case 'column':
    case 'constant':
      return program;
    case 'arithmetic':
    case 'compare':
    case 'logic':
      return { ...program, left: operands[0]!, right: operands[1]! };
    case 'coalesce':
    case 'call':
    case 'case':
    case 'udf':
      return { ...program, operands };
    default:
      return { ...program, operand: operands[0]! };
  }
}
