/** Values as Arrow's builders take them; the builders take anything, and make 0 of it. */
import { parseUnscaled } from '../arrow/decimal.ts';
import type { DataType, DecimalType, Field, ScalarDataType } from '../arrow/schema.ts';
import { writeDecimal } from '../operators/udf/plain-column.ts';
import { type ValueCheck, valueCheckOf, wantedOf } from '../operators/udf/value-check.ts';

/**
 * What the builders take in the place of a value that is not null: itself, or what means the same:
 * bigints for whole numbers, decimals for numbers and texts, arrays for lists and structs.
 *
 * @throws Misfit where the type does not hold the value, or not exactly.
 */
export type Intake = (value: unknown) => unknown;

/** A value that is none of its type, or has one in it that is none. */
export class Misfit extends Error {
  override readonly name = 'Misfit';
  /** Of the value that does not fit; undefined where the schema has no such member. */
  readonly type: DataType | undefined;
  /** What does not fit, however deep. */
  readonly value: unknown;
  /** Where it lies: `[2].price`; empty where it is the value itself. */
  readonly path: string;

  constructor(type: DataType | undefined, value: unknown, path = '') {
    super(path);
    this.type = type;
    this.value = value;
    this.path = path;
  }
}

/** How values of a type are taken. */
export function intakeOf(type: DataType): Intake {
  switch (type.kind) {
    case 'list':
      return listIntake(type, type.item);
    case 'struct':
      return structIntake(type, type.fields);
    case 'map':
      return mapIntake(type, type.value);
    default:
      return scalarIntake(type);
  }
}

/** What to give instead of a value that is none of a type; for errors. */
export function wantedValue(type: DataType, value: unknown): string {
  if (value === undefined) return 'give null where there is none';
  switch (type.kind) {
    case 'int64':
    case 'uint64':
      return 'give a bigint, or a whole number up to 2^53';
    case 'decimal': {
      const wanted = "give a text or a number that it holds exactly, such as '12.50'";
      if (typeof value !== 'bigint') return wanted;
      return `${wanted}; a bigint might lack its point, so give String(value) of a whole one`;
    }
    case 'time':
    case 'duration':
      return 'give microseconds as a bigint';
    case 'date':
    case 'timestamp':
      return 'give a Date, or milliseconds';
    case 'json':
      return 'give its JSON text: JSON.stringify(value)';
    default:
      return wantedOf(type, value);
  }
}

function scalarIntake(type: ScalarDataType): Intake {
  const fits = scalarCheck(type);
  return (value) => {
    if (fits(value)) return value;
    const exact = exactValue(type, value);
    if (exact === undefined || !fits(exact)) throw new Misfit(type, value);
    return exact;
  };
}

function scalarCheck(type: ScalarDataType): ValueCheck {
  switch (type.kind) {
    case 'date':
    case 'timestamp':
      return (value) => Number.isFinite(value instanceof Date ? value.getTime() : value);
    case 'decimal':
      return (value) => value instanceof Uint32Array && value.length === 4;
    default:
      return valueCheckOf(type);
  }
}

function exactValue(type: ScalarDataType, value: unknown): unknown {
  switch (type.kind) {
    case 'int64':
    case 'uint64':
      return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
    case 'decimal':
      return decimalWords(type, value);
    default:
      return undefined;
  }
}

function decimalWords({ precision, scale }: DecimalType, value: unknown): unknown {
  // A bigint would be whole to some, and unscaled to others: to a udf 1250n is 12.50.
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const unscaled = parseUnscaled(text, scale, precision);
  if (typeof unscaled !== 'bigint') return undefined;
  const words = new BigUint64Array(2);
  writeDecimal(words, 0, unscaled);
  return new Uint32Array(words.buffer);
}

// Whether there may be nulls is seen where the batch is imported.
function fieldIntake({ type }: Field): Intake {
  const take = intakeOf(type);
  return (value) => (value === null ? null : take(value));
}

function listIntake(type: DataType, field: Field): Intake {
  const take = fieldIntake(field);
  return (value) => {
    if (!isObject(value) || !(Symbol.iterator in value) || value instanceof Map) {
      throw new Misfit(type, value);
    }
    // The builder wants `length` and items by their places: of a set it makes no item, of a vector
    // zeros.
    const items: unknown[] = [];
    for (const each of value as Iterable<unknown>) {
      items.push(takeInside(take, each, () => `[${items.length}]`));
    }
    return items;
  };
}

function structIntake(type: DataType, fields: readonly Field[]): Intake {
  const members = fields.map((field) => ({ name: field.name, take: fieldIntake(field) }));
  const names = new Set(fields.map(({ name }) => name));
  return (value) => {
    if (!isObject(value) || Array.isArray(value) || value instanceof Map) {
      throw new Misfit(type, value);
    }
    for (const name of Object.keys(value)) {
      if (names.has(name) || value[name] === undefined) continue;
      throw new Misfit(undefined, value[name], `.${name}`);
    }
    // By their places, as the builder also takes them; of a member that is missing it makes 0.
    return members.map(({ name, take }) => takeInside(take, value[name] ?? null, () => `.${name}`));
  };
}

function mapIntake(type: DataType, field: Field): Intake {
  const take = fieldIntake(field);
  return (value) => {
    if (!isObject(value) || Array.isArray(value)) throw new Misfit(type, value);
    const made = new Map<string, unknown>();
    for (const [key, each] of value instanceof Map ? value : Object.entries(value)) {
      if (typeof key !== 'string' || !key.isWellFormed()) throw new Misfit(type, value);
      made.set(
        key,
        takeInside(take, each, () => `['${key}']`),
      );
    }
    return made;
  };
}

function takeInside(take: Intake, value: unknown, place: () => string): unknown {
  try {
    return take(value);
  } catch (error) {
    if (!(error instanceof Misfit)) throw error;
    throw new Misfit(error.type, error.value, place() + error.path);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
