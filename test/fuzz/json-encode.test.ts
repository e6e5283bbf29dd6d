/** The JSON encoder against a plain reference on random rows of random schemas, and back again. */
import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { Random } from '../../bench/data/random.ts';
import type { DataType, Schema } from '../../src/arrow/schema.ts';
import { RowDecoder } from '../ingest/codecs/decode-rows.ts';
import { encodeRows } from '../ingest/codecs/encode-rows.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance } from '../wasm/harness.ts';
import { anyDouble, anyFields, anyFloat, anyValue } from './column-values.ts';
import { MessageWriter, randomSchema } from './json-documents.ts';
import { expectedText } from './json-text-reference.ts';

const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 60);
const ROWS = 150;
console.log(`seed ${SEED}`);

type Row = Record<string, Value>;

it('writes what JSON.stringify writes', () => {
  const random = new Random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    // A fresh instance: each program stays in the state heap.
    const wasm = makeInstance({ megabytes: 32 });
    const schema: Schema = { fields: anyFields(random, 3) };
    const type: DataType = { kind: 'struct', fields: schema.fields };
    const rows = Array.from({ length: ROWS }, () => {
      const members = schema.fields.map((f) => [f.name, anyValue(random, f.type)]);
      return Object.fromEntries(members) as Row;
    });
    const actual = encodeRows(wasm, schema, rows);
    for (const [i, row] of rows.entries()) {
      expect(actual[i], `seed ${SEED}, round ${round}, row ${i}`).toBe(expectedText(row, type));
    }
  }
});

it('writes floats of every size as JavaScript does', () => {
  const random = new Random(SEED);
  for (const [kind, make] of [
    ['float64', anyDouble],
    ['float32', anyFloat],
  ] as const) {
    const schema: Schema = { fields: [{ name: 'v', type: { kind }, nullable: false }] };
    const rows = Array.from({ length: 40_000 }, () => ({ v: make(random) }));
    const actual = encodeRows(makeInstance(), schema, rows);
    for (const [i, { v }] of rows.entries()) {
      const expected = `{"v":${expectedText(v, { kind })}}`;
      if (actual[i] !== expected) expect(actual[i], `seed ${SEED}, row ${i}`).toBe(expected);
    }
  }
});

it('writes messages that read back as the same columns', () => {
  const random = new Random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const schema = randomSchema(random);
    const decoder = new RowDecoder(schema, { megabytes: 32 });
    const writer = new MessageWriter(random, random.pick([0, 0.1]));
    const messages = Array.from({ length: ROWS }, () => writer.object(schema.fields));
    const first = decoder.decode(messages);
    const rows = first.selected.map((row) => first.rows[row]!);
    const columns = first.decoded.columns;
    const texts = encodeRows(decoder.wasm, schema, messages.length, columns);
    const again = new RowDecoder(schema, { megabytes: 32 }).decode(
      first.selected.map((row) => texts[row]!),
    );
    expect(again.decoded.rejects, `seed ${SEED}, round ${round}`).toEqual([]);
    // JSON has no negative zero that stays one.
    const positive = (values: readonly Row[]) => values.map(withoutNegativeZero);
    expect(positive(again.rows), `seed ${SEED}, round ${round}`).toEqual(positive(rows));
  }
});

function withoutNegativeZero(value: Value): Value {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (value instanceof Map) {
    return new Map(Array.from(value, ([key, one]) => [key, withoutNegativeZero(one)]));
  }
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const members = Object.entries(value).map(([name, one]) => [name, withoutNegativeZero(one)]);
  return Object.fromEntries(members);
}
