/** One morsel of messages that is decoded and encoded again and again. */
import type { Schema } from '../src/arrow/schema.ts';
import type { ColumnSet } from '../src/arrow/selection.ts';
import { encodeBatches, type OutputBatch } from '../src/ingest/batch-writer.ts';
import type { Decoder, Encoder } from '../src/ingest/codecs/codec.ts';
import { createJsonDecoder } from '../src/ingest/codecs/json-reader.ts';
import { createJsonEncoder } from '../src/ingest/codecs/json-writer.ts';
import { readRecords } from '../src/ingest/wire-batch.ts';
import { WasmInstance } from '../src/wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../src/wasm/module.ts';
import type { Row } from './compare/json-parse.ts';
import type { Messages } from './data/workload.ts';
import { type Contender, hashOf } from './measure.ts';
import { placeRecords } from './records.ts';

/** Most bytes of a record batch. */
export const MAX_BATCH_BYTES = 1024 * 1024 - 512;
const MEMORY_BYTES = 128 * 1024 * 1024;

/** One morsel of messages, decoded to columns in a worker's memory. */
export interface Morsel {
  readonly wasm: WasmInstance;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  /** Address of the messages' records. */
  readonly records: number;
  readonly columns: ColumnSet;
  readonly count: number;
  /** Where the lease goes on behind the columns. */
  readonly mark: number;
}

/** Messages, decoded into a worker's memory of their own. */
export function decodeMorsel(schema: Schema, messages: Messages, count: number): Morsel {
  const wasm = new WasmInstance(loadModule(), createMemory(MEMORY_BYTES));
  wasm.exports.arena_open(ARENA_BASE, wasm.u8.length - PADDING);
  const columns = schema.fields.map(({ name }) => name);
  const options = { schema, columns, validate: 'full', unknown: 'error' } as const;
  const records = placeRecords(wasm, messages, 0, count);
  const decoder = createJsonDecoder(wasm, options);
  const decoded = decoder.decode(records);
  if (decoded.rejectCount > 0) throw new Error(decoded.rejects[0]!.reason);
  const encoder = createJsonEncoder(wasm, schema);
  const mark = wasm.exports.arena_mark();
  return { wasm, encoder, decoder, records, columns: decoded.columns, count, mark };
}

/** The columns of a morsel as record batches, in the lease behind them. */
export function encodeMorsel({ wasm, encoder, columns, count, mark }: Morsel): OutputBatch[] {
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

/** Reads a record batch that was encoded. */
export function readBatch(wasm: WasmInstance, batch: OutputBatch) {
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
export function* valuesOf(wasm: WasmInstance, batches: readonly OutputBatch[]): Generator<string> {
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

/** Its objects exist already; their bytes go one behind the other into one buffer. */
export function jsonStringify(rows: readonly Row[], bytes: number, rounds: number): Contender {
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
