/** Which values Arrow's builders turn into what was meant; they take anything, and make 0 of it. */
import { parseUnscaled } from '../arrow/decimal.ts';
import type { DataType, DecimalType, Field, ScalarDataType } from '../arrow/schema.ts';
import { writeDecimal } from '../operators/udf/plain-column.ts';
import { type ValueCheck, valueCheckOf } from '../operators/udf/value-check.ts';

/** Whether a value that is not null is one of a type, as apache-arrow gives and takes it. */
export function arrowValueCheck(type: DataType): ValueCheck {
  switch (type.kind) {
    case 'date':
    case 'timestamp':
      return (value) => Number.isFinite(value instanceof Date ? value.getTime() : value);
    case 'decimal':
      return (value) => value instanceof Uint32Array && value.length === 4;
    case 'list':
      return listCheck(type.item);
    case 'struct':
      return structCheck(type.fields);
    case 'map':
      return mapCheck(type.value);
    default:
      return valueCheckOf(type as ScalarDataType);
  }
}

// Whether there may be nulls is seen where the batch is imported.
function fieldCheck({ type }: Field): ValueCheck {
  const check = arrowValueCheck(type);
  return (value) => value === null || check(value);
}

/**
 * What Arrow's builders take in the place of a value that they do not: bigints of whole numbers,
 * decimals of numbers and texts. Undefined where the type does not hold it exactly.
 */
export function exactValue(type: DataType, value: unknown): unknown {
  switch (type.kind) {
    case 'int64':
    case 'uint64': {
      const whole = Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
      return whole !== undefined && arrowValueCheck(type)(whole) ? whole : undefined;
    }
    case 'decimal':
      return decimalWords(type, value);
    default:
      return undefined;
  }
}

/** What a column of a type takes, where that is not plain; for errors. */
export function wantedValue(type: DataType): string | undefined {
  switch (type.kind) {
    case 'int64':
    case 'uint64':
      return 'give a bigint, or a whole number up to 2^53';
    case 'decimal':
      return "give a text or a number that it holds exactly, such as '12.50'";
    case 'time':
    case 'duration':
      return 'give microseconds as a bigint';
    case 'date':
    case 'timestamp':
      return 'give a Date, or milliseconds';
    default:
      return undefined;
  }
}

function decimalWords({ precision, scale }: DecimalType, value: unknown): unknown {
  // A bigint would be whole to some, and unscaled to others.
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const unscaled = parseUnscaled(text, scale, precision);
  if (typeof unscaled !== 'bigint') return undefined;
  const words = new BigUint64Array(2);
  writeDecimal(words, 0, unscaled);
  return new Uint32Array(words.buffer);
}

function listCheck(item: Field): ValueCheck {
  const check = fieldCheck(item);
  return (value) => {
    if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) return false;
    for (const each of value as Iterable<unknown>) if (!check(each)) return false;
    return true;
  };
}

function structCheck(fields: readonly Field[]): ValueCheck {
  const checks = fields.map((field) => [field.name, fieldCheck(field)] as const);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return checks.every(([name, check]) => check((value as Record<string, unknown>)[name] ?? null));
  };
}

function mapCheck(field: Field): ValueCheck {
  const check = fieldCheck(field);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const entries = value instanceof Map ? value.entries() : Object.entries(value);
    for (const [key, each] of entries) {
      if (typeof key !== 'string' || !check(each)) return false;
    }
    return true;
  };
}
