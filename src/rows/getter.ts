/** Reads the rows of Arrow columns as plain values. */
import type { Data } from 'apache-arrow';
import { unscaledOf, unscaledToString } from '../arrow/decimal.ts';
import type { DataType, DecimalType, TimeUnit } from '../arrow/schema.ts';

/** Answers the value of a row; null where it is null. */
export type Getter = (row: number) => unknown;

/**
 * Reads a column that is not a slice: its values begin with row 0. What each type's values are is
 * `PlainScalars`; a struct or map is an object, a list an array.
 */
export function getterOf(data: Data, type: DataType): Getter {
  if (type.kind === 'null') return () => null;
  const get = valueGetter(data, type);
  const { nullBitmap, nullCount } = data;
  if (nullCount === 0) return get;
  return (row) => (((nullBitmap[row >> 3]! >> (row & 7)) & 1) === 0 ? null : get(row));
}

/** An object with these members. */
export function objectOf(
  names: readonly string[],
  values: readonly Getter[],
  row: number,
): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i++) setMember(object, names[i]!, values[i]!(row));
  return object;
}

function valueGetter(data: Data, type: DataType): Getter {
  switch (type.kind) {
    case 'bool': {
      const bits = data.values as Uint8Array;
      return (row) => ((bits[row >> 3]! >> (row & 7)) & 1) === 1;
    }
    case 'timestamp':
      return timestampGetter(data.values as BigInt64Array, type.unit);
    case 'date': {
      const days = data.values as Int32Array;
      return (row) => days[row]! * DAY_MS;
    }
    case 'decimal':
      return decimalGetter(data.values as Uint32Array, type);
    case 'utf8':
    case 'binary':
      return bytesGetter(data, type.kind === 'utf8');
    case 'json': {
      const text = bytesGetter(data, true) as (row: number) => string;
      return (row) => JSON.parse(text(row)) as unknown;
    }
    case 'dictionary':
      return dictionaryGetter(data);
    case 'struct': {
      const names = type.fields.map(({ name }) => name);
      const values = type.fields.map((field, i) => getterOf(data.children[i]!, field.type));
      return (row) => objectOf(names, values, row);
    }
    case 'list':
      return listGetter(data, getterOf(data.children[0]!, type.item.type));
    case 'map':
      return mapGetter(data, type.value.type);
    default: {
      const values = data.values as ArrayLike<unknown>;
      return (row) => values[row];
    }
  }
}

const DAY_MS = 86_400_000;
const NANOS_PER_MS = 1_000_000n;

function timestampGetter(values: BigInt64Array, unit: TimeUnit): Getter {
  switch (unit) {
    case 's':
      return (row) => Number(values[row]) * 1_000;
    case 'ms':
      return (row) => Number(values[row]);
    case 'us':
      return (row) => Number(values[row]) / 1_000;
    case 'ns':
      // A double does not hold today's nanoseconds: milliseconds by themselves stay whole.
      return (row) => {
        const nanos = values[row]!;
        return Number(nanos / NANOS_PER_MS) + Number(nanos % NANOS_PER_MS) / 1e6;
      };
  }
}

function decimalGetter(words: Uint32Array, { scale }: DecimalType): Getter {
  return (row) => unscaledToString(unscaledOf(words.subarray(row * 4, row * 4 + 4)), scale);
}

function bytesGetter({ values, valueOffsets }: Data, isText: boolean): Getter {
  const { buffer, byteOffset, byteLength } = values as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const offsets = valueOffsets as Int32Array;
  if (!isText) return (row) => bytes.subarray(offsets[row], offsets[row + 1]);
  return (row) => bytes.toString('utf8', offsets[row], offsets[row + 1]);
}

/** Makes a string of each text once, when a row has it. */
function dictionaryGetter({ values, dictionary }: Data): Getter {
  const indices = values as Int32Array;
  const text = bytesGetter(dictionary!.data[0]!, true) as (row: number) => string;
  const texts: string[] = [];
  return (row) => {
    const index = indices[row]!;
    texts[index] ??= text(index);
    return texts[index];
  };
}

function listGetter({ valueOffsets }: Data, item: Getter): Getter {
  const offsets = valueOffsets as Int32Array;
  return (row) => {
    const items: unknown[] = [];
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) items.push(item(i));
    return items;
  };
}

function mapGetter({ valueOffsets, children }: Data, type: DataType): Getter {
  const offsets = valueOffsets as Int32Array;
  const entries = children[0]!;
  const key = bytesGetter(entries.children[0]!, true) as (row: number) => string;
  const value = getterOf(entries.children[1]!, type);
  return (row) => {
    const object: Record<string, unknown> = {};
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) setMember(object, key(i), value(i));
    return object;
  };
}

// The keys come with the messages: an assignment to this one would set the object's prototype.
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, memberOf(value));
}

const memberOf = (value: unknown) => ({
  value,
  writable: true,
  enumerable: true,
  configurable: true,
});
