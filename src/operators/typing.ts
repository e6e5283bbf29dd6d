/**
 * Which types fit together, and what constants become beside them.
 *
 * | expression | operands | result |
 * |---|---|---|
 * | `+ - *`, negation | int32, int64, float64 | the widest of them (1) |
 * | `/` | int32, int64, float64 | float64 (2) |
 * | `%` | int32, int64, float64 | the widest of them, with the sign of the left (3) |
 * | `= <> < <= > >=` | two of one scalar type; two numbers; utf8 and binary | bool (4) |
 * | `and or not` | bool | bool, three-valued (5) |
 * | `is null`, `is not null` | any | bool, never null |
 * | `coalesce` | scalars of one type; numbers | the widest of them |
 * | `in` | as `=` | bool (6) |
 * | `.member` | struct | the member's type, null where the struct is |
 *
 * Where an operand is null, so is the result, but for and, or, is null, coalesce. Further:
 *
 * 1. an integer overflow fails the row (`EVALUATION_FAILED`); float64 overflows to infinity.
 * 2. by 0 it is infinite; 0 / 0 is NaN.
 * 3. by 0 it is null for integers, NaN for float64; the least integer % -1 is 0.
 * 4. NaN equals NaN and is above every number; -0 equals 0; texts and bytes are compared byte by
 *    byte, a prefix is less; false is below true.
 * 5. `false and null` is false, `true or null` is true, all else with a null is null.
 * 6. null where the operand is, or where nothing equals and the list has a null; with an empty list
 *    it is false.
 *
 * An int64 beside a float64 is rounded to float64, also where it is compared (as SQL engines do).
 * Constants adapt: `1` is int32, int64 or float64 as its neighbour is; `0.5` makes its neighbour
 * float64; a text beside a timestamp is parsed as ISO 8601; a `Date` is a timestamp.
 *
 * Only rows that are selected can fail, and the right side of `and`, `or`, `coalesce` is evaluated
 * only where the left side does not decide. Columns that nothing reads are not evaluated at all.
 */
import type { DataType, ScalarType } from '../arrow/schema.ts';
import type { LiteralNode } from './expr.ts';
import type { ConstantProgram, ConstantValue, NumericType } from './program.ts';
import { parseTimestamp } from './timestamp-literal.ts';

const NUMERIC_ORDER: readonly string[] = ['int32', 'int64', 'float64'];
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;
const INT64_END = 2 ** 63;

/** Whether values of a type can be computed with. */
export function isNumeric(kind: DataType['kind']): kind is NumericType {
  return NUMERIC_ORDER.includes(kind);
}

/** Whether a type is neither struct nor list. */
export function isScalar(kind: DataType['kind']): kind is ScalarType {
  return kind !== 'struct' && kind !== 'list';
}

/** Whether values are texts or bytes. */
export function isBytes(kind: DataType['kind']): boolean {
  return kind === 'utf8' || kind === 'binary';
}

/** The type in which two types meet, or undefined where they do not. */
export function commonType(a: ScalarType, b: ScalarType): ScalarType | undefined {
  if (a === b) return a;
  if (!isNumeric(a) || !isNumeric(b)) return undefined;
  return NUMERIC_ORDER.indexOf(a) > NUMERIC_ORDER.indexOf(b) ? a : b;
}

/**
 * The type of a constant beside values of type `beside` (undefined: alone); undefined for null,
 * which fits any.
 */
export function literalType(
  literal: LiteralNode,
  beside: ScalarType | undefined,
): ScalarType | undefined {
  switch (literal.type) {
    case 'null':
      return undefined;
    case 'number':
      return numberType(literal.value, beside);
    case 'bigint':
      return beside === 'float64' ? 'float64' : 'int64';
    case 'utf8':
      return beside === 'timestamp' || beside === 'binary' ? beside : 'utf8';
    default:
      return literal.type;
  }
}

function numberType(value: number, beside: ScalarType | undefined): ScalarType {
  const isWhole = Number.isInteger(value) && !Object.is(value, -0);
  if (beside === 'float64' || !isWhole || Math.abs(value) >= INT64_END) return 'float64';
  if (beside === 'int64') return 'int64';
  if (value >= INT32_MIN && value <= INT32_MAX) return 'int32';
  return Number.isSafeInteger(value) || beside === 'int32' ? 'int64' : 'float64';
}

/**
 * A constant as a value of `type`, or, as text, why it cannot be one. `type` is `literalType`'s
 * answer or wider.
 */
export function constantOf(literal: LiteralNode, type: ScalarType): ConstantProgram | string {
  const value = convert(literal, type);
  return typeof value === 'object' && value !== null
    ? value.refusal
    : { kind: 'constant', type, value };
}

type Refusal = { readonly refusal: string };

function convert(literal: LiteralNode, type: ScalarType): ConstantValue | Refusal {
  if (literal.type === 'number') return convertNumber(literal.value, type);
  if (literal.type === 'bigint' && type === 'float64') {
    const value = Number(literal.value);
    if (BigInt(value) === literal.value) return value;
    return { refusal: `float64 does not hold ${literal.value} exactly; write ${value}` };
  }
  if (literal.type === 'utf8' && type === 'timestamp') {
    const refusal =
      `'${literal.value}' is no timestamp; write an ISO 8601 text such as ` +
      `'2024-05-01T12:00:00Z', or a Date`;
    return parseTimestamp(literal.value) ?? { refusal };
  }
  return literal.value;
}

function convertNumber(value: number, type: ScalarType): ConstantValue | Refusal {
  if (type !== 'int64') return value;
  if (Number.isSafeInteger(value)) return BigInt(value);
  const exact = BigInt(value);
  return { refusal: `${exact} is beyond the whole numbers a number holds; write ${exact}n` };
}
