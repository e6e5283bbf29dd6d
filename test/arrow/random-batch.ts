/** Random schemas of every type, and record batches of them. */
import type { Data, RecordBatch } from 'apache-arrow';
import type { Random } from '../../bench/data/random.ts';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { PLAIN_TYPES } from '../../src/arrow/scalar-text.ts';
import type { DataType, Field, Schema, TimeUnit } from '../../src/arrow/schema.ts';
import { batchOf, dataOf } from './batches.ts';

const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const ZONES = ['UTC', 'Europe/Berlin', null];
const TEXTS = ['', 'a', 'größe', '日本語', 'a text of more than sixteen bytes', '🎁'];

/** Some columns, nested up to `depth` deep; all nullable, as `batchOf` makes them. */
export function randomSchema(random: Random, depth: number): Schema {
  const count = random.integer(1, 5);
  return { fields: Array.from({ length: count }, (_, i) => field(`c${i}`, random, depth)) };
}

function field(name: string, random: Random, depth: number): Field {
  return { name, type: randomType(random, depth), nullable: true };
}

function randomType(random: Random, depth: number): DataType {
  const nested = depth > 0 ? random.integer(0, 6) : 6;
  if (nested === 0) {
    const members = Array.from({ length: random.integer(1, 3) }, (_, i) => `m${i}`);
    return { kind: 'struct', fields: members.map((name) => field(name, random, depth - 1)) };
  }
  if (nested === 1) return { kind: 'list', item: field('item', random, depth - 1) };
  if (nested === 2) return { kind: 'map', value: field('value', random, depth - 1) };
  if (nested === 3) {
    const precision = random.integer(1, 38);
    return { kind: 'decimal', precision, scale: random.integer(0, precision) };
  }
  if (nested === 4) {
    return { kind: 'timestamp', unit: random.pick(UNITS), zone: random.pick(ZONES) };
  }
  return { kind: random.pick(PLAIN_TYPES) };
}

/** A row's value as `rowsOf` shows it, null in one of five. */
export function randomValue(random: Random, type: DataType): unknown {
  if (type.kind === 'null' || random.chance(0.2)) return null;
  switch (type.kind) {
    case 'struct': {
      const members = type.fields.map(({ name, type: own }) => [name, randomValue(random, own)]);
      return Object.fromEntries(members);
    }
    case 'list':
      return Array.from({ length: random.integer(0, 3) }, () =>
        randomValue(random, type.item.type),
      );
    case 'map': {
      const keys = TEXTS.slice(0, random.integer(0, 3));
      return Object.fromEntries(keys.map((key) => [key, randomValue(random, type.value.type)]));
    }
    case 'bool':
      return random.chance(0.5);
    case 'utf8':
    case 'dictionary':
      return random.pick(TEXTS);
    case 'json':
      return JSON.stringify({ [random.pick(TEXTS)]: [random.integer(0, 9), null] });
    case 'binary':
      return Uint8Array.from({ length: random.integer(0, 20) }, () => random.integer(0, 255));
    default:
      return randomNumber(random, type);
  }
}

function randomNumber(random: Random, type: DataType): unknown {
  switch (type.kind) {
    case 'decimal':
      return Array.from({ length: 4 }, () => random.integer(0, 2 ** 32 - 1));
    case 'float32':
      return Math.fround(random.integer(-1e6, 1e6) / 7);
    case 'float64':
      return random.integer(-1e9, 1e9) / 7;
    case 'date':
      return random.integer(-20_000, 20_000) * 86_400_000;
    case 'timestamp':
      return random.integer(-1e6, 1e6) * 1_000;
    case 'time':
      return BigInt(random.integer(0, 86_399_999)) * 1_000n;
    case 'int64':
    case 'duration':
      return BigInt(random.integer(-(2 ** 50), 2 ** 50)) << 13n;
    case 'uint64':
      return BigInt(random.integer(0, 2 ** 50)) << 14n;
    default: {
      const bits = Number(/\d+/.exec(type.kind)![0]);
      const low = type.kind.startsWith('u') ? 0 : -(2 ** (bits - 1));
      return random.integer(low, low + 2 ** bits - 1);
    }
  }
}

/** A batch of the schema, and its rows. */
export function randomBatch(
  random: Random,
  schema: Schema,
  rows: number,
): { batch: RecordBatch; values: Record<string, unknown>[] } {
  const values = Array.from({ length: rows }, () =>
    Object.fromEntries(schema.fields.map(({ name, type }) => [name, randomValue(random, type)])),
  );
  const columns = new Map<string, Data>();
  for (const [i, { name, type }] of toArrowSchema(schema).fields.entries()) {
    columns.set(
      name,
      dataOf(
        type,
        values.map((row) => row[schema.fields[i]!.name]),
      ),
    );
  }
  return { batch: batchOf(Object.fromEntries(columns)), values };
}
