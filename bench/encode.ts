/** Suite `encode`: columns to record batches on one thread, against JSON.stringify to bytes. */
import type { Schema } from '../src/arrow/schema.ts';
import type { ColumnSet } from '../src/arrow/selection.ts';
import { encodeBatches, type OutputBatch } from '../src/ingest/batch-writer.ts';
import type { Encoder } from '../src/ingest/codecs/codec.ts';
import { createJsonDecoder } from '../src/ingest/codecs/json-reader.ts';
import { createJsonEncoder } from '../src/ingest/codecs/json-writer.ts';
import { readRecords } from '../src/ingest/wire-batch.ts';
import { WasmInstance } from '../src/wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../src/wasm/module.ts';
import { parseRows, type Row } from './compare/json-parse.ts';
import { type Messages, type WorkloadName, workload } from './data/workload.ts';
import { type Contender, hashOf, measure } from './measure.ts';
import { placeRecords } from './records.ts';
import type { Suite, SuiteOptions } from './suite.ts';

const CASES: readonly WorkloadName[] = ['order', 'order-text', 'nested', 'small'];
const MORSEL_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_BYTES = 1024 * 1024 - 512;
// Runs repeat one morsel until they have encoded about so much.
const TOTAL_BYTES = 64 * 1024 * 1024;
const SMALL_MESSAGES = 1_000;
const MEMORY_BYTES = 128 * 1024 * 1024;

/** One morsel of messages, decoded to columns in a worker's memory. */
interface Morsel {
  readonly wasm: WasmInstance;
  readonly encoder: Encoder;
  readonly columns: ColumnSet;
  readonly count: number;
  /** Where the lease goes on behind the columns. */
  readonly mark: number;
}

function decodeMorsel(schema: Schema, messages: Messages, count: number): Morsel {
  const wasm = new WasmInstance(loadModule(), createMemory(MEMORY_BYTES));
  wasm.exports.arena_open(ARENA_BASE, wasm.u8.length - PADDING);
  const columns = schema.fields.map(({ name }) => name);
  const options = { schema, columns, validate: 'full', unknown: 'error' } as const;
  const records = placeRecords(wasm, messages, 0, count);
  const decoded = createJsonDecoder(wasm, options).decode(records);
  if (decoded.rejectCount > 0) throw new Error(decoded.rejects[0]!.reason);
  const encoder = createJsonEncoder(wasm, schema);
  return { wasm, encoder, columns: decoded.columns, count, mark: wasm.exports.arena_mark() };
}

function encodeMorsel({ wasm, encoder, columns, count, mark }: Morsel): OutputBatch[] {
  wasm.exports.arena_rewind(mark);
  return encodeBatches(wasm, {
    encoder,
    columns,
    selection: { address: 0, count },
    timestamp: 1_700_000_000_000n,
    partitions: 1,
    partitioner: 'round-robin',
    roundRobinStart: 0,
    compression: 'none',
    maxBatchBytes: MAX_BATCH_BYTES,
    tombstones: false,
  });
}

function readBatch(wasm: WasmInstance, batch: OutputBatch) {
  return readRecords(wasm, {
    ...batch,
    topic: 'bench',
    partition: 0,
    fetchOffset: 0n,
    dropped: [],
    want: { keys: false, headers: false, timestamps: false },
  });
}

/** Values of the records of batches, as text. */
function* valuesOf(wasm: WasmInstance, batches: readonly OutputBatch[]): Generator<string> {
  for (const batch of batches) {
    const { records, count } = readBatch(wasm, batch);
    const addresses = wasm.u32[records / 4 + 2]! / 4;
    const lengths = wasm.u32[records / 4 + 3]! / 4;
    for (let row = 0; row < count; row++) {
      const begin = wasm.u32[addresses + row]!;
      yield Buffer.from(wasm.u8.slice(begin, begin + wasm.i32[lengths + row]!)).toString();
    }
  }
}

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

/** Its objects exist already; their bytes go one behind the other into one buffer. */
function jsonStringify(rows: readonly Row[], bytes: number, rounds: number): Contender {
  const buffer = Buffer.allocUnsafe(bytes * 3);
  const encode = () => {
    let used = 0;
    for (const row of rows) used += buffer.write(JSON.stringify(row), used, 'utf8');
    return used;
  };
  return {
    engine: 'JSON.stringify',
    settings: { output: 'values only, one buffer' },
    run() {
      for (let i = 0; i < rounds; i++) encode();
    },
    result: () => ({ hash: hashOf(rows.map((row) => JSON.stringify(row))) }),
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
