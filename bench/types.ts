/** Suite `types`: JSON of one value a message to a column and back, type by type. */
import type { SchemaLiteral } from '../src/arrow/schema-literal.ts';
import { toSchema } from '../src/arrow/schema-literal.ts';
import { parseRows } from './compare/json-parse.ts';
import { Random } from './data/random.ts';
import { TYPED_VALUES, typedMessages } from './data/typed-values.ts';
import type { Messages } from './data/workload.ts';
import { type Case, type Contender, hashOf, measure } from './measure.ts';
import { decodeMorsel, encodeMorsel, jsonStringify, type Morsel, valuesOf } from './one-morsel.ts';
import type { Suite, SuiteOptions } from './suite.ts';

const ROWS = 65_536;
const SMALL_ROWS = 1_000;
// Runs repeat one morsel.
const ROUNDS = 4;

/** Decodes the morsel; what came out is checked as text, which `JSON.stringify` gives the rival. */
function decoding(morsel: Morsel, rounds: number): Contender {
  const { wasm, decoder, records, mark } = morsel;
  const decode = () => {
    wasm.exports.arena_rewind(mark);
    return decoder.decode(records);
  };
  return {
    engine: 'millrace',
    run() {
      for (let i = 0; i < rounds; i++) decode();
    },
    result() {
      const { columns } = decode();
      const decoded = { ...morsel, columns, mark: wasm.exports.arena_mark() };
      return { hash: hashOf(valuesOf(wasm, encodeMorsel(decoded))) };
    },
  };
}

function jsonParse(messages: Messages, count: number, rounds: number): Contender {
  return {
    engine: 'JSON.parse',
    run() {
      for (let i = 0; i < rounds; i++) parseRows(messages, 0, count);
    },
    result: () => ({
      hash: hashOf(parseRows(messages, 0, count).map((row) => JSON.stringify(row))),
    }),
  };
}

function encoding(morsel: Morsel, rounds: number): Contender {
  return {
    engine: 'millrace',
    settings: { output: 'record batches with CRC32C' },
    run() {
      for (let i = 0; i < rounds; i++) encodeMorsel(morsel);
    },
    result: () => ({ hash: hashOf(valuesOf(morsel.wasm, encodeMorsel(morsel))) }),
  };
}

async function typeCases(name: string, { small, report }: SuiteOptions): Promise<void> {
  const typed = TYPED_VALUES[name]!;
  const count = small ? SMALL_ROWS : ROWS;
  const rounds = small ? 1 : ROUNDS;
  const messages = typedMessages(typed, count, new Random(5));
  const literal: SchemaLiteral = { id: 'int64', value: typed.literal };
  const morsel = decodeMorsel(toSchema(literal), messages, count);
  const rows = parseRows(messages, 0, count);
  const size = messages.bytes.length;
  const shared: Omit<Case, 'case' | 'contenders'> = {
    suite: 'types',
    messages: count * rounds,
    bytesPerMessage: size / count,
    repeats: small ? 1 : 5,
    settings: { morselRows: count, threads: 1 },
  };
  const decoders = [decoding(morsel, rounds), jsonParse(messages, count, rounds)];
  const encoders = [encoding(morsel, rounds), jsonStringify(rows, size, rounds)];
  const decoded = await measure({ ...shared, case: `decode ${name}`, contenders: decoders });
  const encoded = await measure({ ...shared, case: `encode ${name}`, contenders: encoders });
  for (const measurement of [...decoded, ...encoded]) report(measurement);
}

/** Suite `types`. */
export const suite: Suite = {
  name: 'types',
  description: 'JSON of one value a message to a column and back, type by type',
  async run(options) {
    const { cases = '' } = options;
    const names = Object.keys(TYPED_VALUES).filter((name) => name.includes(cases));
    for (const name of names) await typeCases(name, options);
  },
};
