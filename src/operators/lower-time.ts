/**
 * `+`, `-`, `*` and `/` where dates, times, timestamps or durations are among the operands:
 *
 * | left | right | result |
 * |---|---|---|
 * | timestamp | ± duration | timestamp, in microseconds at least |
 * | date | ± duration | timestamp(us,local) |
 * | date | ± integer | date, so many days later or earlier |
 * | time | ± duration | time, round within the day |
 * | duration | ± duration | duration |
 * | date | - date | int64: days |
 * | timestamp | - timestamp or date | duration |
 * | duration | * integer or float | duration, halves to even |
 * | duration | / number | duration, halves to even; null by 0 |
 *
 * The operands of `+` and `*` may change places. Overflow fails the row.
 */
import type { ScalarDataType } from '../arrow/schema.ts';
import { isFloat, isInteger, isNumeric, isScalar } from './common-type.ts';
import type { ArithmeticOp, BinaryNode, ExprNode } from './expr/node.ts';
import { exprToString } from './expr-text.ts';
import { inMicros, sumType } from './functions/time-calls.ts';
import type { TimeSum } from './kernels/time.ts';
import type { Typed } from './program.ts';
import { parseTemporal } from './temporal-literal.ts';
import { typeMismatch } from './type-mismatch.ts';
import {
  describe,
  isLiteral,
  meetingType,
  type Operand,
  operandAs,
  typeOfOperand,
} from './unify.ts';

const TEMPORAL: readonly string[] = ['date', 'time', 'timestamp', 'duration'];
const DURATION: ScalarDataType = { kind: 'duration' };
const INT64: ScalarDataType = { kind: 'int64' };
const FLOAT64: ScalarDataType = { kind: 'float64' };
const DATE: ScalarDataType = { kind: 'date' };

/**
 * The program of a sum, difference or product of times; undefined where no operand is one.
 *
 * @throws MillraceError `TYPE_MISMATCH` where the operands are no pair that can be computed with.
 */
export function lowerTimeArithmetic(
  node: BinaryNode,
  op: ArithmeticOp,
  operands: readonly Operand[],
): Typed | undefined {
  const sides = operands.map((operand, i) => ({
    operand,
    node: i === 0 ? node.left : node.right,
    kind: typeOfOperand(operand)?.kind,
  })) as unknown as readonly [Side, Side];
  if (!sides.some(({ kind }) => kind !== undefined && TEMPORAL.includes(kind))) return undefined;
  const [left, right] = sides;
  const isTemporal = left.kind !== undefined && TEMPORAL.includes(left.kind);
  // A text or a number in front of a time: what is behind it says what it is.
  const commutes = op === 'add' || op === 'mul';
  const turns = commutes && (!isTemporal || (left.kind === 'duration' && op === 'add'));
  const found = turns ? [compute(node, op, right, left), compute(node, op, left, right)] : [];
  const result = found.find((typed) => typed !== undefined) ?? compute(node, op, left, right);
  if (result !== undefined) return result;
  throw typeMismatch(node, describe([node.left, node.right], operands));
}

interface Side {
  readonly operand: Operand;
  readonly node: ExprNode;
  /** Undefined: null. */
  readonly kind: string | undefined;
}

function compute(node: BinaryNode, op: ArithmeticOp, left: Side, right: Side): Typed | undefined {
  if (op === 'mul') return multiply(node, left, right);
  if (op === 'div') return divide(node, left, right);
  if (op !== 'add' && op !== 'sub') return undefined;
  const other = kindOf(right, left.kind, op);
  const factor = op === 'sub' ? -1n : 1n;
  const as = (side: Side, type: ScalarDataType) => operandAs(side.operand, side.node, node, type);
  if (other === 'duration') {
    const type = leftType(left);
    if (type === undefined) return undefined;
    const result = sumType(type);
    const kernel = result.kind === 'time' ? 'timeSum' : 'timestampSum';
    return call(node, kernel, [as(left, result), as(right, DURATION)], result, factor);
  }
  if (left.kind === 'date' && (isIntegerSide(right) || right.kind === undefined)) {
    return call(node, 'dateSum', [as(left, DATE), as(right, INT64)], DATE, factor);
  }
  if (op === 'add') return undefined;
  return subtract(node, left, right);
}

// Dates and timestamps; texts are read as what is beside them.
function subtract(node: BinaryNode, left: Side, right: Side): Typed | undefined {
  const common = meetingType([left.operand, right.operand]);
  if (common === 'none' || common === undefined) return undefined;
  const as = (side: Side, type: ScalarDataType) => operandAs(side.operand, side.node, node, type);
  if (common.kind === 'date') {
    return call(node, 'dateDifference', [as(left, common), as(right, common)], INT64);
  }
  if (common.kind !== 'timestamp') return undefined;
  const type = inMicros(common);
  return call(node, 'timestampDifference', [as(left, type), as(right, type)], DURATION);
}

function multiply(node: BinaryNode, left: Side, right: Side): Typed | undefined {
  if (left.kind !== 'duration') return undefined;
  const type = typeOfOperand(right.operand);
  const isFraction = type !== undefined && (isFloat(type.kind) || type.kind === 'decimal');
  if (type !== undefined && !isFraction && !isIntegerSide(right)) return undefined;
  const number = isFraction ? FLOAT64 : INT64;
  const factors = [
    operandAs(left.operand, left.node, node, DURATION),
    operandAs(right.operand, right.node, node, number),
  ];
  return call(node, isFraction ? 'durationFloatProduct' : 'durationProduct', factors, DURATION);
}

function divide(node: BinaryNode, left: Side, right: Side): Typed | undefined {
  if (left.kind !== 'duration') return undefined;
  const type = typeOfOperand(right.operand);
  if (type !== undefined && !isNumeric(type.kind)) return undefined;
  const operands = [
    operandAs(left.operand, left.node, node, DURATION),
    operandAs(right.operand, right.node, node, FLOAT64),
  ];
  const quotient = call(node, 'durationQuotient', operands, DURATION);
  return { ...quotient, nullable: quotient.nullable || mayBeZero(right) };
}

function mayBeZero({ operand }: Side): boolean {
  return !isLiteral(operand) || Number(operand.value) === 0;
}

// A text is a duration where it reads as one, and beside a duration; so is null, but beside a date.
function kindOf(side: Side, beside: string | undefined, op: ArithmeticOp): string | undefined {
  const { operand, kind } = side;
  if (kind === undefined) return beside === 'date' ? undefined : 'duration';
  if (kind !== 'utf8' || !isLiteral(operand)) return kind;
  const isDuration = parseTemporal(String(operand.value), DURATION) !== undefined;
  return isDuration || op === 'add' || beside === 'duration' || beside === 'time'
    ? 'duration'
    : kind;
}

/** The type of what a duration is added to; undefined where it is no time. */
function leftType({ operand, kind }: Side): ScalarDataType | undefined {
  const type = typeOfOperand(operand);
  if (type === undefined) return DURATION;
  return kind !== undefined && TEMPORAL.includes(kind) && isScalar(type) ? type : undefined;
}

function isIntegerSide({ kind }: Side): boolean {
  return kind !== undefined && kind !== 'uint64' && isInteger(kind as 'int64');
}

function call(
  node: BinaryNode,
  kernel: TimeSum,
  operands: readonly Typed[],
  type: ScalarDataType,
  factor = 1n,
): Typed {
  return {
    program: {
      kind: 'call',
      kernel,
      shown: { kind: 'operator', op: node.op as ArithmeticOp },
      operands: operands.map((operand) => operand.program),
      options: { factor },
      type,
      canFail: true,
      nullForNull: true,
      cost: 1,
      text: exprToString(node),
    },
    type,
    nullable: operands.some((operand) => operand.nullable),
  };
}
