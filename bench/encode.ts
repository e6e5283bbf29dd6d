/** Suite `encode`: columns to record batches on one thread, against JSON.stringify to bytes. */
import { parseRows } from './compare/json-parse.ts';
import { type WorkloadName, workload } from './data/workload.ts';
import { type Contender, hashOf, measure } from './measure.ts';
import {
  decodeMorsel,
  encodeMorsel,
  jsonStringify,
  MAX_BATCH_BYTES,
  type Morsel,
  readBatch,
  valuesOf,
} from './one-morsel.ts';
import type { Suite, SuiteOptions } from './suite.ts';

const CASES: readonly WorkloadName[] = ['order', 'order-text', 'nested', 'small'];
const MORSEL_BYTES = 4 * 1024 * 1024;
// Runs repeat one morsel until they have encoded about so much.
const TOTAL_BYTES = 64 * 1024 * 1024;
const SMALL_MESSAGES = 1_000;

function millrace(morsel: Morsel, rounds: number): Contender {
  return {
    engine: 'millrace',
    settings: { output: 'record batches with CRC32C' },
    run() {
      for (let i = 0; i < rounds; i++) encodeMorsel(morsel);
    },
    result: () => ({ hash: hashOf(valuesOf(morsel.wasm, encodeMorsel(morsel))) }),
  };
}

async function encodeCase(name: WorkloadName, { small, report }: SuiteOptions): Promise<void> {
  const load = workload(name);
  const bytesPerMessage = load.messages(100).bytes.length / 100;
  const count = small ? SMALL_MESSAGES : Math.floor(MORSEL_BYTES / bytesPerMessage);
  const messages = load.messages(count);
  const rounds = small ? 1 : Math.round(TOTAL_BYTES / messages.bytes.length);
  const morsel = decodeMorsel(load.schema, messages, count);
  const rows = parseRows(messages, 0, count);
  const measurements = await measure({
    suite: 'encode',
    case: name,
    messages: count * rounds,
    bytesPerMessage: messages.bytes.length / count,
    repeats: small ? 1 : 5,
    settings: { morselRows: count, maxBatchBytes: MAX_BATCH_BYTES, threads: 1 },
    contenders: [millrace(morsel, rounds), jsonStringify(rows, messages.bytes.length, rounds)],
  });
  for (const measurement of measurements) report(measurement);
}

/** What the frame costs by itself, on the batches of a morsel of orders: CRC alone, and a walk. */
async function frameCase(part: 'crc32c' | 'walk', { small, report }: SuiteOptions): Promise<void> {
  const load = workload('order');
  const count = small ? SMALL_MESSAGES : Math.floor(MORSEL_BYTES / 178);
  const morsel = decodeMorsel(load.schema, load.messages(count), count);
  const batches = encodeMorsel(morsel);
  const { wasm } = morsel;
  const mark = wasm.exports.arena_mark();
  const bytes = batches.reduce((sum, batch) => sum + batch.byteLength, 0);
  const rounds = small ? 1 : 100;
  const once = () => {
    wasm.exports.arena_rewind(mark);
    for (const batch of batches) {
      if (part === 'walk') readBatch(wasm, batch);
      else wasm.exports.crc32c(batch.address, batch.byteLength);
    }
  };
  const contender: Contender = {
    engine: 'millrace',
    run() {
      for (let i = 0; i < rounds; i++) once();
    },
    result: () => ({ hash: hashOf([String(bytes)]) }),
  };
  const [measurement] = await measure({
    suite: 'encode',
    case: part,
    messages: count * rounds,
    bytesPerMessage: bytes / count,
    repeats: small ? 1 : 5,
    contenders: [contender],
  });
  const gigabytesPerSecond = Math.round((bytes * rounds) / measurement!.seconds / 1e7) / 100;
  report({ ...measurement!, settings: { ...measurement!.settings, gigabytesPerSecond } });
}

/** Suite `encode`. */
export const suite: Suite = {
  name: 'encode',
  description: 'columns to record batches on one thread, against JSON.stringify to bytes',
  async run(options) {
    for (const name of CASES) await encodeCase(name, options);
    await frameCase('crc32c', options);
    await frameCase('walk', options);
  },
};
