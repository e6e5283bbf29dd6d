/** `+ - * / %` and the sign, on numbers; on dates and times they are functions. */

import { MAX_PRECISION } from '../arrow/scalar-text.ts';
import type { ScalarDataType } from '../arrow/schema.ts';
import { decimalOf, decimalType, isNumeric } from './common-type.ts';
import type { ArithmeticOp, BinaryNode, UnaryNode } from './expr/node.ts';
import { exprToString } from './expr-text.ts';
import { lowerTimeArithmetic } from './lower-time.ts';
import type { ConstantValue, Program, Typed } from './program.ts';
import { typeMismatch } from './type-mismatch.ts';
import {
  describe,
  meetingType,
  operandAs,
  operandsIn,
  type Scope,
  type Unified,
  unify,
  unifyOperands,
} from './unify.ts';

const FLOAT64: ScalarDataType = { kind: 'float64' };

/** `left op right`. */
export function lowerArithmetic(node: BinaryNode, op: ArithmeticOp, scope: Scope): Typed {
  const nodes = [node.left, node.right];
  const typed = operandsIn(nodes, scope);
  const time = lowerTimeArithmetic(node, op, typed);
  if (time !== undefined) return time;
  const common = meetingType(typed);
  if (common === 'none' || (common !== undefined && !isNumeric(common.kind))) {
    throw typeMismatch(node, describe(nodes, typed));
  }
  if (common === undefined) return computed(node, op, nulls(op));
  if (op === 'div' && common.kind !== 'float32') {
    return computed(node, op, unifyOperands(node, nodes, typed, FLOAT64));
  }
  if (common.kind === 'decimal' && op !== 'mod') {
    return lowerDecimal(node, op as 'add' | 'sub' | 'mul', typed);
  }
  return computed(node, op, unifyOperands(node, nodes, typed, common));
}

// Nulls alone are nulls of some number.
function nulls(op: ArithmeticOp): Unified {
  const type: ScalarDataType = op === 'div' ? FLOAT64 : { kind: 'int32' };
  const operand: Typed = {
    program: { kind: 'constant', type, value: null },
    type,
    nullable: true,
  };
  return { type, operands: [operand, operand] };
}

function computed(node: BinaryNode, op: ArithmeticOp, { type, operands }: Unified): Typed {
  const [left, right] = operands as readonly [Typed, Typed];
  const divisor = right.program.kind === 'constant' ? right.program.value : 1;
  const isFloat = type.kind === 'float64' || type.kind === 'float32';
  const byZero = op === 'mod' && !isFloat && (right.program.kind !== 'constant' || !divisor);
  return {
    program: {
      kind: 'arithmetic',
      op,
      type,
      left: left.program,
      right: right.program,
      text: exprToString(node),
    },
    type,
    nullable: left.nullable || right.nullable || byZero,
  };
}

// A sum has one more digit than its operands, a product as many as both together; see
// https://duckdb.org/docs/stable/sql/data_types/numeric.html
function lowerDecimal(
  node: BinaryNode,
  op: 'add' | 'sub' | 'mul',
  typed: ReturnType<typeof operandsIn>,
): Typed {
  const nodes = [node.left, node.right];
  const decimals = typed.map((operand) => {
    const type = meetingType([operand], { kind: 'decimal', precision: 1, scale: 0 });
    return decimalOf(type as ScalarDataType)!;
  });
  const [a, b] = decimals as [(typeof decimals)[0], (typeof decimals)[0]];
  if (op !== 'mul') {
    const scale = Math.max(a.scale, b.scale);
    const whole = Math.max(a.precision - a.scale, b.precision - b.scale) + 1;
    const type = decimalType(whole, scale);
    const operands = typed.map((operand, i) => operandAs(operand, nodes[i]!, node, type));
    return computed(node, op, { type, operands });
  }
  const scale = a.scale + b.scale;
  if (scale > MAX_PRECISION) {
    throw typeMismatch(
      node,
      describe(nodes, typed),
      `the product has ${scale} digits behind the point, more than ${MAX_PRECISION}; ` +
        'cast one to fewer, or to float64',
    );
  }
  const type = decimalType(a.precision + b.precision - scale, scale);
  const operands = typed.map((operand, i) => operandAs(operand, nodes[i]!, node, decimals[i]!));
  return computed(node, op, { type, operands });
}

/** `-operand`. A 0 minus it would lose the sign of a float's zero. */
export function lowerNegation(node: UnaryNode, scope: Scope): Typed {
  const typed = operandsIn([node.operand], scope);
  const isNull = meetingType(typed) === undefined;
  const { type, operands } = unify(
    node,
    [node.operand],
    scope,
    isNull ? { kind: 'int32' } : undefined,
  );
  if (!isNumeric(type.kind) && type.kind !== 'duration') {
    throw typeMismatch(node, [{ node: node.operand, type }]);
  }
  if (type.kind.startsWith('uint')) {
    const why = 'an unsigned integer has no opposite; cast it to a signed one first';
    throw typeMismatch(node, [{ node: node.operand, type }], why);
  }
  const [operand] = operands as readonly [Typed];
  const program = negation(type, operand.program, exprToString(node));
  return { program, type, nullable: operand.nullable };
}

function negation(type: ScalarDataType, operand: Program, text: string): Program {
  const kind = 'arithmetic';
  if (type.kind === 'float64' || type.kind === 'float32') {
    const right: Program = { kind: 'constant', type, value: -1 };
    return { kind, op: 'mul', type, left: operand, right, text };
  }
  const isWide = ['int64', 'uint64', 'decimal', 'duration'].includes(type.kind);
  const zero: ConstantValue = isWide ? 0n : 0;
  return {
    kind,
    op: 'sub',
    type,
    left: { kind: 'constant', type, value: zero },
    right: operand,
    text,
    negates: true,
  };
}
