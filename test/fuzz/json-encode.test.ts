/** The JSON encoder against JSON.stringify, BigInt and Date on random rows of random schemas. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import { scalarOf } from '../arrow/scalar-of.ts';
import { encodeRows } from '../ingest/codecs/encode-rows.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance } from '../wasm/harness.ts';

const ROUNDS = 60;
const ROWS = 150;
const SCALARS = ['bool', 'int32', 'int64', 'float64', 'utf8', 'binary', 'timestamp'] as const;
const CHARACTERS = ['a', 'Z', '0', ' ', '"', '\\', '/', '\n', '\t', '\b', '\u0001', '\u001f'];
const WIDE_CHARACTERS = ['\u007f', 'é', '€', '\u2028', '\ufeff', '日', '🎁', '\u{10ffff}'];
const DATE_MILLIS_MAX = 8.64e15;

class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** mulberry32 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  bits64(): bigint {
    return (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
  }
}

function text(random: Random): string {
  const characters = random.below(3) === 0 ? [...CHARACTERS, ...WIDE_CHARACTERS] : ['a', 'b', 'c'];
  const length = random.below(random.below(10) === 0 ? 200 : 24);
  return Array.from({ length }, () => random.pick(characters)).join('');
}

function double(random: Random): number {
  switch (random.below(6)) {
    case 0:
      return random.below(1000) / random.pick([1, 2, 10, 100]);
    case 1:
      return (random.next() - 0.5) * 10 ** (random.below(40) - 20);
    case 2:
      return random.below(2 ** 31) / 10 ** random.below(12);
    case 3:
      return random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 1e-7, 5e-324]);
    case 4:
      return Math.round((random.next() - 0.5) * 2 ** random.below(70));
    default:
      return new Float64Array(new BigUint64Array([random.bits64()]).buffer)[0]!;
  }
}

function fieldsOf(random: Random, depth: number): Field[] {
  return Array.from({ length: 1 + random.below(5) }, (_, i) => ({
    name: `${text(random)}${i}`,
    type: typeOf(random, depth),
    nullable: true,
  }));
}

function typeOf(random: Random, depth: number): DataType {
  const shape = depth > 0 ? random.below(10) : 9;
  if (shape === 0) return { kind: 'struct', fields: fieldsOf(random, depth - 1) };
  const item = () => ({ name: 'item', type: typeOf(random, depth - 1), nullable: true });
  if (shape === 1) return { kind: 'list', item: item() };
  return scalarOf(random.pick(SCALARS));
}

function makeValue(random: Random, type: DataType): Value {
  if (random.below(8) === 0) return null;
  switch (type.kind) {
    case 'bool':
      return random.below(2) === 0;
    case 'int32':
      return random.below(2 ** 32) - 2 ** 31;
    case 'int64':
      return BigInt.asIntN(random.pick([8, 16, 33, 54, 64]), random.bits64());
    case 'float64':
      return double(random);
    case 'utf8':
      return text(random);
    case 'binary':
      return Uint8Array.from({ length: random.below(20) }, () => random.below(256));
    case 'timestamp':
      return BigInt.asIntN(random.pick([40, 52, 56, 63]), random.bits64());
    case 'struct':
      return Object.fromEntries(type.fields.map((f) => [f.name, makeValue(random, f.type)]));
    case 'list':
      return Array.from({ length: random.below(5) }, () => makeValue(random, type.item.type));
    default:
      throw new Error(`no values of ${type.kind}`);
  }
}

/** The text that JSON.stringify gives, with Millrace's rules where JSON has no type. */
function expected(value: Value, type: DataType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'int64':
      return String(value);
    case 'binary':
      return JSON.stringify(Buffer.from(value as Uint8Array).toString('base64'));
    case 'timestamp':
      return JSON.stringify(isoText(value as bigint));
    case 'struct': {
      const members = value as Record<string, Value>;
      const parts = type.fields.map(
        (f) => `${JSON.stringify(f.name)}:${expected(members[f.name] ?? null, f.type)}`,
      );
      return `{${parts.join()}}`;
    }
    case 'list':
      return `[${(value as Value[]).map((one) => expected(one, type.item.type)).join()}]`;
    default:
      return JSON.stringify(value);
  }
}

function isoText(micros: bigint): string {
  let millis = micros / 1000n;
  let rest = Number(micros % 1000n);
  if (rest < 0) {
    millis -= 1n;
    rest += 1000;
  }
  expect(Math.abs(Number(millis))).toBeLessThanOrEqual(DATE_MILLIS_MAX);
  const iso = new Date(Number(millis)).toISOString();
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

it('writes what JSON.stringify writes', () => {
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < ROUNDS; round++) {
    // A fresh instance: each program stays in the state heap.
    const wasm = makeInstance({ megabytes: 32 });
    const schema: Schema = { fields: fieldsOf(random, 3) };
    const type: DataType = { kind: 'struct', fields: schema.fields };
    const rows = Array.from({ length: ROWS }, () => {
      const members = schema.fields.map((f) => [f.name, makeValue(random, f.type)]);
      return Object.fromEntries(members) as Record<string, Value>;
    });
    const actual = encodeRows(wasm, schema, rows);
    for (const [i, row] of rows.entries()) {
      expect(actual[i], `seed ${seed}, round ${round}, row ${i}`).toBe(expected(row, type));
    }
  }
});

it('writes doubles of every size as JavaScript does', () => {
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  const schema: Schema = { fields: [{ name: 'v', type: { kind: 'float64' }, nullable: false }] };
  const rows = Array.from({ length: 40_000 }, () => ({ v: double(random) }));
  const actual = encodeRows(makeInstance(), schema, rows);
  for (const [i, row] of rows.entries()) {
    if (actual[i] !== JSON.stringify(row)) {
      expect(actual[i], `seed ${seed}, row ${i}`).toBe(JSON.stringify(row));
    }
  }
});
