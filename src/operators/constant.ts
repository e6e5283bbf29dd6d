/**
 * What constants become beside other types. How types fit together:
 *
 * | expression | operands | result |
 * |---|---|---|
 * | `+ - *`, negation | numbers | the type in which they meet (1) |
 * | `/` | numbers | float32 of float32 and what meets it, else float64 (2) |
 * | `%` | numbers | the type in which they meet, with the sign of the left (3) |
 * | `= <> < <= > >=` | two of one type but json; two numbers; utf8 and binary | bool (4) |
 * | `and or not` | bool | bool, three-valued (5) |
 * | `is null`, `is not null` | any | bool, never null |
 * | `coalesce` | values of one type; numbers | the widest of them |
 * | `in` | as `=`, scalars | bool (6) |
 * | `.member` | struct | the member's type, null where the struct is |
 *
 * Where an operand is null, so is the result, but for and, or, is null, coalesce. Further:
 *
 * 1. an integer overflow fails the row (`EVALUATION_FAILED`); floats overflow to infinity. Sums of
 *    decimals have a digit more, products those of both, 38 at most; beyond them the row fails.
 * 2. by 0 it is infinite; 0 / 0 is NaN.
 * 3. by 0 it is null for integers, NaN for floats; the least integer % -1 is 0.
 * 4. NaN equals NaN and is above every number; -0 equals 0; texts and bytes are compared byte by
 *    byte, a prefix is less; false is below true. Structs go by their first members that differ,
 *    lists and maps by their first items or entries, else the shorter is less; within them null is
 *    itself and above everything.
 * 5. `false and null` is false, `true or null` is true, all else with a null is null.
 * 6. null where the operand is, or where nothing equals and the list has a null; with an empty list
 *    it is false.
 *
 * Where types meet: see `common-type.ts`. An int64 beside a float64 is rounded to float64, also
 * where it is compared (as SQL engines do). Constants adapt: `1` is whatever number its neighbour
 * is and holds it; `0.5` is exact beside a decimal and makes an integer float64; a text beside a
 * date, time, timestamp or duration is parsed as JSON's text of it; a `Date` is a timestamp.
 *
 * Only rows that are selected can fail, and the right side of `and`, `or`, `coalesce` is evaluated
 * only where the left side does not decide. Columns that nothing reads are not evaluated at all.
 */
import type { DataType, DecimalType, ScalarDataType } from '../arrow/schema.ts';
import { TIMESTAMP } from '../arrow/schema.ts';
import {
  commonType,
  type IntegerKind,
  integerRange,
  isFloat,
  isInteger,
  isNumeric,
} from './common-type.ts';
import { decimalFromText, decimalTypeOf, rescale } from './decimal-literal.ts';
import type { LiteralNode } from './expr/node.ts';
import type { ConstantProgram, ConstantValue } from './program.ts';
import { misfitText } from './range-text.ts';
import { parseTemporal } from './temporal-literal.ts';
import { valueToString } from './value-text.ts';

const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;
const TEMPORAL: readonly string[] = ['date', 'time', 'duration', 'timestamp'];

/**
 * The type of a constant beside values of type `beside` (undefined: alone); undefined for null,
 * which fits any.
 */
export function literalType(
  literal: LiteralNode,
  beside: ScalarDataType | undefined,
): ScalarDataType | undefined {
  switch (literal.type) {
    case 'null':
      return undefined;
    case 'number':
      return numberType(literal.value, beside);
    case 'bigint':
      return wholeType(literal.value, beside, false);
    case 'utf8':
      return textType(literal.value, beside);
    case 'timestamp':
      return beside?.kind === 'timestamp' ? beside : TIMESTAMP;
    default:
      return { kind: literal.type };
  }
}

function textType(text: string, beside: ScalarDataType | undefined): ScalarDataType {
  if (beside === undefined) return { kind: 'utf8' };
  if (TEMPORAL.includes(beside.kind) || beside.kind === 'binary') return beside;
  if (beside.kind !== 'decimal') return { kind: 'utf8' };
  const value = decimalFromText(text);
  return value === undefined ? { kind: 'utf8' } : decimalTypeOf(value);
}

function numberType(value: number, beside: ScalarDataType | undefined): ScalarDataType {
  const isWhole = Number.isInteger(value) && !Object.is(value, -0);
  if (beside !== undefined && isFloat(beside.kind)) return beside;
  if (isWhole && (Number.isSafeInteger(value) || beside !== undefined)) {
    return wholeType(BigInt(value), beside, true);
  }
  const exact = beside?.kind === 'decimal' ? decimalFromText(String(value)) : undefined;
  return exact === undefined ? { kind: 'float64' } : decimalTypeOf(exact);
}

// A number is as narrow as its neighbour allows; a bigint is an int64 wherever that holds it.
function wholeType(
  value: bigint,
  beside: ScalarDataType | undefined,
  isNumber: boolean,
): ScalarDataType {
  if (beside !== undefined && isFloat(beside.kind)) return beside;
  if (beside?.kind === 'decimal') return decimalTypeOf({ unscaled: value, scale: 0 });
  const adapts = beside !== undefined && isInteger(beside.kind) && fits(value, beside.kind);
  if (adapts && (isNumber || beside.kind === 'uint64')) return beside;
  if (isNumber && value >= INT32_MIN && value <= INT32_MAX) return { kind: 'int32' };
  if (fits(value, 'int64')) return { kind: 'int64' };
  if (isNumber && beside === undefined) return { kind: 'float64' };
  if (fits(value, 'uint64')) return { kind: 'uint64' };
  return decimalTypeOf({ unscaled: value, scale: 0 });
}

function fits(value: bigint, kind: IntegerKind): boolean {
  const [low, high] = integerRange(kind);
  return value >= low && value <= high;
}

/**
 * The type that a constant and values of type `beside` meet in; undefined where they do not.
 */
export function meetLiteral(
  literal: LiteralNode,
  beside: ScalarDataType | undefined,
): ScalarDataType | undefined {
  const type = literalType(literal, beside);
  if (type === undefined || beside === undefined) return type ?? beside;
  return commonType(beside, type);
}

/**
 * A constant as a value of `type`, or, as text, why it cannot be one. `type` is `literalType`'s
 * answer or one in which that meets another.
 */
export function constantOf(literal: LiteralNode, type: ScalarDataType): ConstantProgram | string {
  const value = convert(literal, type);
  return typeof value === 'object' && value !== null
    ? value.refusal
    : { kind: 'constant', type, value };
}

function instantText(micros: bigint): string {
  return valueToString(micros, TIMESTAMP).replace('T00:00:00Z', '');
}

type Refusal = { readonly refusal: string };

function convert(literal: LiteralNode, type: ScalarDataType): ConstantValue | Refusal {
  switch (literal.type) {
    case 'number':
      return convertNumber(literal.value, type);
    case 'bigint':
      return convertWhole(literal.value, type);
    case 'utf8':
      return convertText(literal.value, type);
    case 'timestamp':
      if (type.kind !== 'timestamp') return literal.value;
      return (
        parseTemporal(literal.value, type) ?? {
          refusal: `${instantText(literal.value)} is ${misfitText(type, false)}`,
        }
      );
    default:
      return literal.value;
  }
}

function convertNumber(value: number, type: ScalarDataType): ConstantValue | Refusal {
  if (isFloat(type.kind)) return value;
  if (type.kind === 'decimal') return toDecimal(String(value), type);
  if (!isInteger(type.kind) || type.kind === 'int32') return value;
  if (Number.isSafeInteger(value)) return convertWhole(BigInt(value), type);
  const exact = BigInt(value);
  return { refusal: `${exact} is beyond the whole numbers a number holds; write ${exact}n` };
}

function convertWhole(value: bigint, type: ScalarDataType): ConstantValue | Refusal {
  if (type.kind === 'decimal') return toDecimal(String(value), type);
  if (!isFloat(type.kind)) {
    return type.kind === 'int64' || type.kind === 'uint64' ? value : Number(value);
  }
  const rounded = type.kind === 'float32' ? Math.fround(Number(value)) : Number(value);
  if (BigInt(rounded) === value) return rounded;
  return { refusal: `${type.kind} does not hold ${value} exactly; write ${rounded}` };
}

function convertText(text: string, type: ScalarDataType): ConstantValue | Refusal {
  if (type.kind === 'decimal') return toDecimal(text, type);
  if (!TEMPORAL.includes(type.kind)) return text;
  const refusal =
    `'${text}' is no ${type.kind}; write ` +
    {
      date: "a text such as '2024-05-01'",
      time: "a text such as '12:30:00'",
      duration: "an ISO 8601 duration such as 'PT1H30M'",
      timestamp: "an ISO 8601 text such as '2024-05-01T12:00:00Z', or a Date",
    }[type.kind as 'date'];
  const value = parseTemporal(text, type);
  if (value === undefined && isBeyondNanos(text, type)) {
    return { refusal: `'${text}' is ${misfitText(type, false)}` };
  }
  return value ?? { refusal };
}

// Of all units only nanoseconds do not reach to every year that is written.
function isBeyondNanos(text: string, type: ScalarDataType): boolean {
  if (type.kind !== 'timestamp' || type.unit !== 'ns') return false;
  return parseTemporal(text.replace(/\.\d{1,9}/, ''), { ...type, unit: 's' }) !== undefined;
}

function toDecimal(text: string, type: DecimalType): ConstantValue | Refusal {
  const value = decimalFromText(text);
  const unscaled = value && rescale(value, type);
  return unscaled ?? { refusal: `${text} is ${misfitText(type, false)}` };
}

/** Whether values of a type can stand where a number is asked for, for messages. */
export function isNumberLike(type: DataType): boolean {
  return isNumeric(type.kind) || type.kind === 'null';
}
