/** Suite `decode`: JSON messages to Arrow columns on one thread, against JSON.parse. */
import type { RecordBatch } from 'apache-arrow';
import { toArrowSchema } from '../src/arrow/arrow-schema.ts';
import { exportColumns, importPortable } from '../src/arrow/batch-export.ts';
import type { Schema } from '../src/arrow/schema.ts';
import type { Decoder } from '../src/ingest/codecs/codec.ts';
import { createJsonDecoder } from '../src/ingest/codecs/json-reader.ts';
import { WasmInstance } from '../src/wasm/instance.ts';
import { ARENA_BASE, createMemory, loadModule, PADDING } from '../src/wasm/module.ts';
import { buildBatch } from './compare/arrow-builders.ts';
import { parseRows } from './compare/json-parse.ts';
import { type Messages, WORKLOADS, type Workload, workload } from './data/workload.ts';
import { type Contender, hashOf, measure } from './measure.ts';
import { placeRecords, readBatchRow, readObjectRow } from './records.ts';
import type { Suite } from './suite.ts';

const MORSEL_ROWS = 65_536;
const MORSEL_BYTES = 4 * 1024 * 1024;
// Large enough that no engine works out of the CPU's caches alone.
const TOTAL_BYTES = 24 * 1024 * 1024;
const SMALL_MESSAGES = 2_000;
const LEASE_BYTES = 48 * 1024 * 1024;

/** Ends of the morsels that the messages are cut into, as sources would. */
function morselEnds({ offsets }: Messages): number[] {
  const ends: number[] = [];
  let start = 0;
  for (let i = 1; i < offsets.length; i++) {
    const full = offsets[i]! - offsets[start]! >= MORSEL_BYTES || i - start >= MORSEL_ROWS;
    if (!full && i < offsets.length - 1) continue;
    ends.push(i);
    start = i;
  }
  return ends;
}

interface Work {
  readonly schema: Schema;
  readonly messages: Messages;
  readonly ends: readonly number[];
}

function projected({ schema, columns }: Workload): Schema {
  return { fields: schema.fields.filter(({ name }) => columns.includes(name)) };
}

/** Calls `morsel` with the first and the last (exclusive) message of each. */
function eachMorsel({ ends }: Work, morsel: (from: number, to: number) => void): void {
  let from = 0;
  for (const to of ends) {
    morsel(from, to);
    from = to;
  }
}

function jsonParse(work: Work): Contender {
  return {
    engine: 'JSON.parse',
    run: () => eachMorsel(work, (from, to) => void parseRows(work.messages, from, to)),
    result() {
      const hashes: string[] = [];
      eachMorsel(work, (from, to) => {
        for (const row of parseRows(work.messages, from, to)) {
          hashes.push(readObjectRow(row, work.schema));
        }
      });
      return { hash: hashOf(hashes) };
    },
  };
}

function hashBatches(work: Work, batchOf: (from: number, to: number) => RecordBatch): string {
  const rows: string[] = [];
  eachMorsel(work, (from, to) => {
    const batch = batchOf(from, to);
    for (let i = 0; i < batch.numRows; i++) rows.push(readBatchRow(batch, i, work.schema));
  });
  return hashOf(rows);
}

function jsonParseArrow(work: Work): Contender {
  const batchOf = (from: number, to: number) =>
    buildBatch(work.schema, parseRows(work.messages, from, to));
  return {
    engine: 'JSON.parse+arrow',
    run: () => eachMorsel(work, (from, to) => void batchOf(from, to)),
    result: () => ({ hash: hashBatches(work, batchOf) }),
  };
}

/** The messages lie in the memory already, as ingest leaves them; a decode changes none of them. */
function millrace(load: Workload, work: Work): Contender {
  const bytes = ARENA_BASE + work.messages.bytes.length * 2 + LEASE_BYTES;
  const wasm = new WasmInstance(loadModule(), createMemory(bytes));
  const end = wasm.u8.length - PADDING;
  wasm.exports.arena_open(ARENA_BASE, end);
  const records = new Map<number, number>();
  eachMorsel(work, (from, to) => {
    records.set(from, placeRecords(wasm, work.messages, from, to));
  });
  const lease = wasm.exports.arena_mark();
  const { schema, columns } = load;
  const decoder: Decoder = createJsonDecoder(wasm, {
    schema,
    columns,
    validate: 'projected',
    unknown: 'ignore',
  });
  const decode = (from: number) => {
    wasm.exports.arena_open(lease, end);
    const decoded = decoder.decode(records.get(from)!);
    if (decoded.rejectCount > 0) throw new Error(decoded.rejects[0]!.reason);
    return decoded;
  };
  const batchOf = (from: number): RecordBatch => {
    const { columns: made, selection } = decode(from);
    const portable = exportColumns(wasm, work.schema, made, selection, { borrow: false });
    return importPortable(portable, toArrowSchema(work.schema));
  };
  return {
    engine: 'millrace',
    run: () => eachMorsel(work, (from) => void decode(from)),
    result: () => ({ hash: hashBatches(work, batchOf) }),
  };
}

/** Suite `decode`. */
export const suite: Suite = {
  name: 'decode',
  description: 'JSON messages to Arrow columns on one thread, against JSON.parse',
  async run({ small, report }) {
    for (const name of WORKLOADS) {
      const load = workload(name);
      const sample = load.messages(100);
      const bytesPerMessage = sample.bytes.length / 100;
      const count = small ? SMALL_MESSAGES : Math.floor(TOTAL_BYTES / bytesPerMessage);
      const messages = load.messages(count);
      const work: Work = { schema: projected(load), messages, ends: morselEnds(messages) };
      const measurements = await measure({
        suite: 'decode',
        case: name,
        messages: count,
        bytesPerMessage: messages.bytes.length / count,
        repeats: small ? 1 : 5,
        settings: { morselBytes: MORSEL_BYTES, columns: load.columns.length, threads: 1 },
        contenders: [millrace(load, work), jsonParse(work), jsonParseArrow(work)],
      });
      for (const measurement of measurements) report(measurement);
    }
  },
};
