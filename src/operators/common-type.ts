/** Which types are numbers, and the type in which two types meet. */

import { MAX_PRECISION } from '../arrow/scalar-text.ts';
import type { TimestampType, TimeUnit } from '../arrow/schema.ts';
import {
  type DataType,
  type DecimalType,
  type Field,
  type ScalarDataType,
  TIMESTAMP,
} from '../arrow/schema.ts';
import type { ComparedLayout } from './program.ts';

/** Integer types: their bits, and whether they have a sign. */
const INTEGERS = {
  int8: { bits: 8, signed: true },
  int16: { bits: 16, signed: true },
  int32: { bits: 32, signed: true },
  int64: { bits: 64, signed: true },
  uint8: { bits: 8, signed: false },
  uint16: { bits: 16, signed: false },
  uint32: { bits: 32, signed: false },
  uint64: { bits: 64, signed: false },
} as const;

/** An integer type's name. */
export type IntegerKind = keyof typeof INTEGERS;
/** Kinds of numbers. */
export type NumericKind = IntegerKind | 'float32' | 'float64' | 'decimal';

/** Digits of the greatest value of each integer type, as DuckDB counts them. */
const INTEGER_DIGITS: Readonly<Record<IntegerKind, number>> = {
  int8: 3,
  uint8: 3,
  int16: 5,
  uint16: 5,
  int32: 10,
  uint32: 10,
  int64: 19,
  uint64: 20,
};

/** Whether a type is an integer's. */
export function isInteger(kind: DataType['kind']): kind is IntegerKind {
  return Object.hasOwn(INTEGERS, kind);
}

/** Whether a type is float32 or float64. */
export function isFloat(kind: DataType['kind']): kind is 'float32' | 'float64' {
  return kind === 'float32' || kind === 'float64';
}

/** Whether values of a type can be computed with. */
export function isNumeric(kind: DataType['kind']): kind is NumericKind {
  return isInteger(kind) || isFloat(kind) || kind === 'decimal';
}

/** Whether a type is neither struct nor list nor map. */
export function isScalar(type: DataType): type is ScalarDataType {
  return type.kind !== 'struct' && type.kind !== 'list' && type.kind !== 'map';
}

/** Whether values are texts or bytes. */
export function isBytes(kind: DataType['kind']): boolean {
  return kind === 'utf8' || kind === 'binary';
}

/** How values of a type are compared. */
export function layoutOf(type: DataType): ComparedLayout {
  if (!isScalar(type)) return 'nested';
  return isBytes(type.kind) ? 'bytes' : 'fixed';
}

/** The least and the greatest value of an integer type, both inclusive. */
export function integerRange(kind: IntegerKind): readonly [bigint, bigint] {
  const { bits, signed } = INTEGERS[kind];
  const width = BigInt(bits);
  return signed ? [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n] : [0n, (1n << width) - 1n];
}

/** Whether two types are the same in every parameter. */
export function sameType(a: DataType, b: DataType): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'decimal') {
    return a.precision === (b as DecimalType).precision && a.scale === (b as DecimalType).scale;
  }
  if (a.kind === 'timestamp') {
    return a.unit === (b as TimestampType).unit && a.zone === (b as TimestampType).zone;
  }
  if (a.kind === 'list') return sameField(a.item, (b as typeof a).item);
  if (a.kind === 'map') return sameField(a.value, (b as typeof a).value);
  if (a.kind !== 'struct') return true;
  const others = (b as typeof a).fields;
  return (
    a.fields.length === others.length &&
    a.fields.every((field, i) => field.name === others[i]!.name && sameField(field, others[i]!))
  );
}

function sameField(a: { type: DataType; nullable: boolean }, b: typeof a): boolean {
  return a.nullable === b.nullable && sameType(a.type, b.type);
}

/** Levels of a type: 1 of a scalar, one more than what lies in it of a struct, list or map. */
export function levelsOf(type: DataType): number {
  if (type.kind === 'list') return 1 + levelsOf(type.item.type);
  if (type.kind === 'map') return 1 + levelsOf(type.value.type);
  if (type.kind !== 'struct') return 1;
  return 1 + Math.max(...type.fields.map((field) => levelsOf(field.type)));
}

/** Whether a struct, list or map has a value of such a type somewhere in it. */
export function hasWithin(type: DataType, isSuch: (type: ScalarDataType) => boolean): boolean {
  if (type.kind === 'list') return hasWithin(type.item.type, isSuch);
  if (type.kind === 'map') return hasWithin(type.value.type, isSuch);
  if (type.kind !== 'struct') return isSuch(type);
  return type.fields.some((field) => hasWithin(field.type, isSuch));
}

/** The decimal that holds every value of an integer type, or the decimal itself. */
export function decimalOf(type: ScalarDataType): DecimalType | undefined {
  if (type.kind === 'decimal') return type;
  if (!isInteger(type.kind)) return undefined;
  return { kind: 'decimal', precision: INTEGER_DIGITS[type.kind], scale: 0 };
}

/** A decimal of these digits on both sides of the point; at most 38 in all, the scale kept. */
export function decimalType(whole: number, scale: number): DecimalType {
  return { kind: 'decimal', precision: Math.min(whole + scale, MAX_PRECISION), scale };
}

/**
 * The type in which two types meet, or undefined where they do not: the wider of two numbers, as in
 * DuckDB (a float with any other number is that float, an unsigned integer beside a signed one that
 * does not hold it is int64, and uint64 decimal(20,0)); of a dictionary and utf8, utf8; of two
 * timestamps, the finer unit; of two structs, lists or maps that differ in what is nullable only,
 * the one in which all is that is so in one of them.
 */
export function commonType(a: ScalarDataType, b: ScalarDataType): ScalarDataType | undefined;
export function commonType(a: DataType, b: DataType): DataType | undefined;
export function commonType(a: DataType, b: DataType): DataType | undefined {
  if (sameType(a, b)) return a;
  if (a.kind === 'null') return b;
  if (b.kind === 'null') return a;
  return isScalar(a) && isScalar(b) ? commonScalar(a, b) : commonNested(a, b);
}

function commonScalar(a: ScalarDataType, b: ScalarDataType): ScalarDataType | undefined {
  if (isNumeric(a.kind) && isNumeric(b.kind)) return commonNumber(a, b);
  const kinds = [a.kind, b.kind];
  if (kinds.every((kind) => kind === 'utf8' || kind === 'dictionary')) return { kind: 'utf8' };
  if (kinds.every((kind) => kind === 'timestamp' || kind === 'date')) return commonTime(a, b);
  return undefined;
}

// Values within are not converted: where they differ, the types do not meet.
function commonNested(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === 'list' && b.kind === 'list') {
    const item = commonField(a.item, b.item);
    return item && { kind: 'list', item };
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const value = commonField(a.value, b.value);
    return value && { kind: 'map', value };
  }
  if (a.kind !== 'struct' || b.kind !== 'struct' || a.fields.length !== b.fields.length) {
    return undefined;
  }
  const fields = a.fields.map((field, i) => {
    const other = b.fields[i]!;
    return field.name === other.name ? commonField(field, other) : undefined;
  });
  return fields.every((field) => field !== undefined) ? { kind: 'struct', fields } : undefined;
}

function commonField(a: Field, b: Field): Field | undefined {
  const type = sameType(a.type, b.type) ? a.type : commonNested(a.type, b.type);
  return type && { name: a.name, type, nullable: a.nullable || b.nullable };
}

function commonNumber(a: ScalarDataType, b: ScalarDataType): ScalarDataType {
  const kinds = [a.kind, b.kind];
  if (kinds.includes('float64')) return { kind: 'float64' };
  if (kinds.includes('float32')) return { kind: 'float32' };
  if (kinds.includes('decimal')) return commonDecimal(decimalOf(a)!, decimalOf(b)!);
  return commonInteger(a.kind as IntegerKind, b.kind as IntegerKind);
}

function commonDecimal(a: DecimalType, b: DecimalType): DecimalType {
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return decimalType(whole, Math.max(a.scale, b.scale));
}

function commonInteger(a: IntegerKind, b: IntegerKind): ScalarDataType {
  const [x, y] = [INTEGERS[a], INTEGERS[b]];
  if (x.signed === y.signed) return { kind: x.bits > y.bits ? a : b };
  const [signed, unsigned] = x.signed ? [a, b] : [b, a];
  if (unsigned === 'uint64') return { kind: 'decimal', precision: 20, scale: 0 };
  return { kind: INTEGERS[signed].bits > INTEGERS[unsigned].bits ? signed : 'int64' };
}

const FINENESS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];

function commonTime(a: ScalarDataType, b: ScalarDataType): ScalarDataType | undefined {
  if (a.kind === 'date') return b.kind === 'timestamp' ? meetDate(b) : undefined;
  if (b.kind === 'date') return a.kind === 'timestamp' ? meetDate(a) : undefined;
  const [x, y] = [a as TimestampType, b as TimestampType];
  if ((x.zone === null) !== (y.zone === null)) return undefined;
  return FINENESS.indexOf(x.unit) > FINENESS.indexOf(y.unit) ? x : { ...y, zone: x.zone };
}

// A date is its midnight, in UTC where the timestamp has a zone.
function meetDate(type: TimestampType): TimestampType {
  return type.unit === 's' || type.unit === 'ms' ? { ...TIMESTAMP, zone: type.zone } : type;
}
