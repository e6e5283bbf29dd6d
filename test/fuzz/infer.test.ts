import { expect, test } from 'vitest';
import { Random } from '../../bench/data/random.ts';
import { fromArrowSchema } from '../../src/arrow/from-arrow-schema.ts';
import { schemaFromArrowJson } from '../../src/arrow/schema-from-arrow-json.ts';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { type InferenceOptions, inferSchema } from '../../src/index.ts';
import { RowDecoder } from '../ingest/codecs/decode-rows.ts';
import { evaluateLiteral } from '../ingest/infer/evaluate-literal.ts';
import { objectWriter } from './infer-messages.ts';
import { damage } from './json-documents.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 150);
const MESSAGES = 40;

function randomOptions(random: Random): InferenceOptions {
  return {
    integers: random.pick(['int64', 'smallest']),
    fractions: random.pick(['float64', 'decimal']),
    nullable: random.pick(['observed', 'all']),
    maps: random.pick(['guess', 'never']),
    timestamps: random.chance(0.5),
    numbers: random.chance(0.5),
    dictionaries: random.chance(0.5),
  };
}

function randomMessages(random: Random): (Uint8Array | null)[] {
  const write = objectWriter(random, 3);
  const damaged = random.pick([0, 0, 0.2]);
  const tombstones = random.pick([0, 0, 0.1]);
  return Array.from({ length: MESSAGES }, () => {
    if (random.chance(tombstones)) return null;
    const message = Buffer.from(write(random));
    return random.chance(damaged) ? damage(random, message) : message;
  });
}

test(`a schema reads its whole sample, and is what it prints (FUZZ_SEED=${SEED})`, async () => {
  const random = new Random(SEED);
  let read = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const messages = randomMessages(random);
    const options = randomOptions(random);
    const inferred = await inferSchema(messages, options).catch((error) => {
      // Messages that happen to have nothing.
      if (error.code === 'INFERENCE_FAILED') return undefined;
      throw error;
    });
    if (inferred === undefined) continue;
    const schema = toSchema(inferred.schema);
    const context = `seed ${SEED}, round ${round}: ${inferred.toLiteral()}`;
    expect(toSchema(evaluateLiteral(inferred.toLiteral())), context).toEqual(schema);
    const json = JSON.stringify(inferred.toArrowJson());
    expect(fromArrowSchema(schemaFromArrowJson(json)), context).toEqual(schema);
    const { decoded } = new RowDecoder(schema, { megabytes: 32 }).decode(messages);
    const refused = inferred.rejects.map(({ message }) => Number(message.split(' ')[1]));
    expect(decoded.rejectCount, `${context} ${decoded.rejects[0]?.reason}`).toBe(inferred.rejected);
    const rows = decoded.rejects.map(({ row }) => row).slice(0, refused.length);
    expect(rows, context).toEqual(refused);
    read += messages.length - inferred.rejected;
  }
  expect(read).toBeGreaterThan(ROUNDS);
}, 60_000);
