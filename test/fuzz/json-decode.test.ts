import { describe, expect, test } from 'vitest';
import { Random } from '../../bench/data/random.ts';
import { WORKLOADS, workload } from '../../bench/data/workload.ts';
import type { Schema } from '../../src/arrow/schema.ts';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { RowDecoder } from '../ingest/codecs/decode-rows.ts';
import { makeRecords, openArena } from '../wasm/harness.ts';
import { damage, MessageWriter, randomSchema } from './json-documents.ts';
import { referenceRow } from './json-reference.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 150);
const MESSAGES_PER_ROUND = 60;

/** Decodes and holds every row to the reference, rejected or not. */
function check(decoder: RowDecoder, schema: Schema, messages: readonly Uint8Array[]): number {
  const { rows, selected, decoded } = decoder.decode(messages);
  const accepted = new Set(selected);
  expect(decoded.rejectCount).toBe(messages.length - selected.length);
  for (const [i, message] of messages.entries()) {
    const expected = referenceRow(schema, message);
    const found = accepted.has(i) ? rows[i] : undefined;
    const reject = decoded.rejects.find(({ row }) => row === i)?.reason ?? 'accepted';
    const context = `seed ${SEED}: ${reject}: ${Buffer.from(message).toString('latin1')}`;
    expect(found, context).toEqual(expected);
  }
  return selected.length;
}

test(`random schemas and messages, whole and damaged (FUZZ_SEED=${SEED})`, () => {
  const random = new Random(SEED);
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const schema = randomSchema(random);
    const decoder = new RowDecoder(schema, { megabytes: 24 });
    const writer = new MessageWriter(random, random.pick([0, 0.05, 0.4]));
    for (const damaged of [0, 0.5]) {
      const messages = Array.from({ length: MESSAGES_PER_ROUND }, () => {
        const message = Buffer.from(writer.object(schema.fields));
        return random.chance(damaged) ? damage(random, message) : message;
      });
      accepted += check(decoder, schema, messages);
    }
  }
  // A fuzz of rejects alone would prove little.
  expect(accepted).toBeGreaterThan((ROUNDS * MESSAGES_PER_ROUND) / 2);
});

describe.each(WORKLOADS)('%s', (name) => {
  const { schema, columns, messages } = workload(name);
  const read: Schema = { fields: schema.fields.filter((field) => columns.includes(field.name)) };
  const { bytes, offsets } = messages(30, SEED);
  const one = (i: number) => bytes.slice(offsets[i]!, offsets[i + 1]!);

  test('as the reference reads it', () => {
    const all = Array.from({ length: 30 }, (_, i) => one(i));
    expect(check(new RowDecoder(read), read, all)).toBe(30);
  });

  test('cut off at every byte, with the rest of the message behind it', () => {
    const decoder = new RowDecoder(read);
    decoder.decode(Array.from({ length: 8 }, (_, i) => one(i)));
    const message = one(9);
    openArena(decoder.wasm);
    // Every record is a beginning of the same bytes; the last one is the whole message.
    const { wasm } = decoder;
    const copies = Array.from({ length: message.length }, () => new Uint8Array(0));
    const records = makeRecords(wasm, [message, ...copies]);
    const addresses = wasm.u32[(records >>> 2) + 2]! >>> 2;
    const lengths = wasm.u32[(records >>> 2) + 3]! >>> 2;
    const address = wasm.u32[addresses]!;
    for (let length = 0; length <= message.length; length++) {
      wasm.u32[addresses + length] = address;
      wasm.i32[lengths + length] = length;
    }
    const { selected, rows } = decoder.decodeRecords(records, message.length + 1);
    expect(selected).toEqual([message.length]);
    expect(rows[message.length]).toEqual(referenceRow(read, message));
    expect(wasm.u8.slice(address, address + message.length)).toEqual(message);
  });

  test(`with every bit flipped (FUZZ_SEED=${SEED})`, () => {
    const decoder = new RowDecoder(read);
    const message = one(11);
    // Long messages in steps: the structure repeats itself.
    const step = Math.max(1, Math.floor(message.length / 300));
    const flipped: Uint8Array[] = [message];
    for (let at = 0; at < message.length; at += step) {
      for (let bit = 0; bit < 8; bit++) {
        const copy = message.slice();
        copy[at]! ^= 1 << bit;
        flipped.push(copy);
      }
    }
    check(decoder, read, flipped);
  });
});

test('numbers that are hard to round, at random', () => {
  const random = new Random(SEED);
  const schema = toSchema({ x: 'float64' });
  const digits = (count: number) =>
    Array.from({ length: count }, () => random.integer(0, 9)).join('');
  const messages = Array.from({ length: 20_000 }, () => {
    const mantissa = `${random.integer(1, 9)}${digits(random.integer(0, 25))}`;
    const fraction = random.chance(0.7) ? `.${digits(random.integer(1, 25))}` : '';
    const exponent = random.chance(0.7) ? `e${random.integer(-345, 310)}` : '';
    return Buffer.from(`{"x":${mantissa}${fraction}${exponent}}`);
  });
  expect(check(new RowDecoder(schema), schema, messages)).toBeGreaterThan(10_000);
});
