/**
 * What a worker does with a morsel: records to columns, steps, columns to record batches or to a
 * batch for the caller. Synchronous, on one instance and one memory; it never sees a message as an
 * object.
 */
import { exportColumns } from '../arrow/batch-export.ts';
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import { batchBounds, encodeBatches, type OutputBatch } from '../ingest/batch-writer.ts';
import type { Decoder, Encoder, Reject } from '../ingest/codecs/codec.ts';
import { codecByName } from '../ingest/codecs/registry.ts';
import { metadataColumns } from '../ingest/metadata-columns.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import { readRecords } from '../ingest/wire-batch.ts';
import { type RowOrigin, saltOf } from '../operators/choose-rows.ts';
import { repeatRows } from '../operators/kernels/unnest.ts';
import { type StepResult, StepRunner } from '../operators/runner.ts';
import { take } from '../operators/take.ts';
import { COLUMN_BYTES, readColumn, writeColumn } from '../wasm/column.ts';
import { ArenaFull, WasmInstance } from '../wasm/instance.ts';
import { ARENA_BASE } from '../wasm/module.ts';
import { type Cut, rowsBefore } from './cut.ts';
import type {
  ColumnsInput,
  EngineSink,
  EngineSource,
  EngineSpec,
  MorselDone,
  MorselFailure,
  MorselResult,
  MorselTask,
  RecordsInput,
} from './morsel.ts';
import type { ThreadUdfs } from './thread-udfs.ts';

/** Rows on their way through one morsel. */
interface Rows {
  readonly columns: ColumnSet;
  readonly selection: Selection;
  readonly count: number;
  /** Address of the `Records`, 0 for a source of batches. */
  readonly records: number;
  readonly rejects: number;
  /** The first message that does not decode; the selection ends before it. */
  readonly cut?: Cut;
}

const RECORDS_OFFSET_WORD = 6;
const RECORDS_TIMESTAMP_WORD = 7;

/** Everything that is built from the spec over one instance. */
class Parts {
  readonly wasm: WasmInstance;
  readonly decoder: Decoder | undefined;
  readonly runner: StepRunner;
  readonly encoder: Encoder | undefined;

  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    spec: EngineSpec,
    udfs: ThreadUdfs | undefined,
  ) {
    // Statics of an instance that trapped or died must not be seen by the next one.
    new Uint8Array(memory.buffer).fill(0, 0, ARENA_BASE);
    this.wasm = new WasmInstance(module, memory);
    const { source, sink } = spec;
    if (source.kind === 'kafka') {
      this.decoder = codecByName(source.codec).decoder(this.wasm, source);
    }
    this.runner = new StepRunner(this.wasm, spec.steps, udfs);
    if (sink.kind === 'kafka') {
      this.encoder = codecByName(sink.codec).encoder(this.wasm, sink.schema);
    }
  }
}

/** One worker's engine. Not re-entrant; owns the statics and the state heap of its memory. */
export class MorselEngine {
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #spec: EngineSpec;
  readonly #udfs: ThreadUdfs | undefined;
  #parts: Parts;
  #roundRobin = 0;

  /** @param udfs the user functions that the steps call; absent: they call none. */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    spec: EngineSpec,
    udfs?: ThreadUdfs,
  ) {
    this.#module = module;
    this.#memory = memory;
    this.#spec = spec;
    this.#udfs = udfs;
    this.#parts = this.#build();
    // Workers that all began with partition 0 would fill it first.
    this.#roundRobin = Math.floor(Math.random() * 0x10000);
  }

  /** Never throws. Results point into the task's lease. */
  run(task: MorselTask): MorselResult {
    try {
      return this.#run(task);
    } catch (error) {
      if (!isTrap(error)) return failure(error);
      // The instance may be damaged: build another, and let the records' checksums decide whether
      // the morsel still is what came from the broker.
      this.#parts = this.#build();
    }
    try {
      return this.#run(task);
    } catch (error) {
      if (isTrap(error)) this.#parts = this.#build();
      return failure(named(error, task));
    }
  }

  #build(): Parts {
    return new Parts(this.#module, this.#memory, this.#spec, this.#udfs);
  }

  #run(task: MorselTask): MorselDone {
    const { wasm, runner } = this.#parts;
    const udfs = this.#udfs;
    udfs?.begin(task.skippedUdfs);
    wasm.exports.arena_open(task.arenaBegin, task.arenaEnd);
    const started = performance.now();
    const rows = this.#read(task);
    const read = performance.now();
    const after = this.#operate(rows, runner, task);
    const operated = performance.now();
    const sunk = this.#sink(rows, after);
    return {
      kind: 'done',
      rowsIn: rows.count,
      rowsOut: after.selection.count,
      outputs: sunk.outputs,
      ...(sunk.batch === undefined ? {} : { batch: sunk.batch }),
      ...(after.limited === undefined ? {} : { limited: after.limited }),
      ...(after.failure === undefined ? {} : { failure: after.failure }),
      ...(udfs === undefined || udfs.errors === 0 ? {} : { functionErrors: udfs.errors }),
      arenaUsedBytes: wasm.exports.arena_mark() - task.arenaBegin,
      timings: {
        decodeMs: read - started,
        operateMs: operated - read,
        encodeMs: performance.now() - operated,
      },
    };
  }

  #read(task: MorselTask): Rows {
    const { input } = task;
    const { source } = this.#spec;
    if (input.kind === 'columns') {
      const selection = { address: 0, count: input.rows };
      return {
        columns: new Map(input.columns),
        selection,
        count: input.rows,
        records: 0,
        rejects: 0,
      };
    }
    if (source.kind !== 'kafka') throw new MillraceError('records need a codec', internal);
    const { wasm, decoder } = this.#parts;
    const want = wants(source, this.#spec.sink);
    const { records, count } = readRecords(wasm, { ...input, want });
    const decoded = decoder!.decode(records);
    const metadata = metadataColumns(wasm, records, source.metadata, input.topic, input.partition);
    const columns = new Map([...decoded.columns, ...metadata]);
    const [reject] = decoded.rejects;
    const rejects = decoded.rejectCount;
    const rows = { columns, selection: decoded.selection, count, records, rejects };
    if (reject === undefined) return rows;
    const cut = { row: reject.row, error: this.#badMessage(input, records, reject, rejects) };
    return { ...rows, selection: rowsBefore(wasm, rows.selection, cut.row), cut };
  }

  // Where an expression fails on a row, the steps run again on the rows before it. Each kernel
  // reports the first row that it fails on, so there are no more rounds than there are kernels.
  #operate(rows: Rows, runner: StepRunner, task: MorselTask) {
    const { wasm } = this.#parts;
    const mark = wasm.exports.arena_mark();
    let { cut, selection: input } = rows;
    const options = { limit: task.limit, origin: this.#origin(rows, task) };
    for (;;) {
      try {
        const result = runner.run(rows.columns, input, options);
        const { limited } = result;
        // A limit that is reached before the cut ends the run there: nobody asked for what follows.
        const reached = limited !== undefined && limited.passed === task.limit;
        const failure = reached ? undefined : this.#failure(rows, cut);
        if (limited === undefined) return { ...result, failure, limited };
        const nextOffset =
          limited.passed === 0 || rows.records === 0
            ? -1n
            : this.#offsetOf(rows.records, limited.lastRow) + 1n;
        return { ...result, failure, limited: { passed: limited.passed, nextOffset } };
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'EVALUATION_FAILED') throw error;
        wasm.exports.arena_rewind(mark);
        const row = Number(error.context.row);
        input = rowsBefore(wasm, input, row);
        cut = { row, error: this.#located(error, task.input, rows.records) };
      }
    }
  }

  // The same for a message whenever it is read.
  #origin({ records }: Rows, { input }: MorselTask): RowOrigin {
    if (input.kind === 'columns') return { offsets: 0, first: input.firstRow, salt: 0n };
    const offsets = this.#parts.wasm.u32[records / 4 + RECORDS_OFFSET_WORD]!;
    return { offsets, first: 0n, salt: saltOf(`${input.topic}-${input.partition}`) };
  }

  #failure({ records, rejects }: Rows, cut: Cut | undefined): MorselFailure | undefined {
    if (cut === undefined) return undefined;
    const nextOffset = records === 0 ? -1n : this.#offsetOf(records, cut.row);
    return { error: cut.error.toPlain(), nextOffset, rejects };
  }

  #sink(rows: Rows, after: Omit<StepResult, 'limited'>) {
    const { columns, selection, rows: count, records } = after;
    const { wasm, encoder } = this.#parts;
    const { sink } = this.#spec;
    const none: OutputBatch[] = [];
    if (selection.count === 0) return { outputs: none };
    if (sink.kind === 'batches') {
      const compact = new Map(
        sink.schema.fields.map(({ name }) => [name, take(wasm, columns.get(name)!, selection)]),
      );
      const whole = { address: 0, count: selection.count };
      const batch = exportColumns(wasm, sink.schema, compact, whole, { borrow: sink.borrow });
      return { outputs: none, batch };
    }
    // Metadata columns need not come through the steps; then they have the rows of the records.
    const named = (name: string | undefined) => {
      if (name === undefined) return undefined;
      const own = columns.get(name);
      const read = own === undefined ? rows.columns.get(name) : undefined;
      if (read === undefined || records === 0) return own ?? read;
      return repeatRows(wasm, read, records, count);
    };
    const key = named(sink.key);
    const headers = named(sink.headers);
    const by = partitionColumns(sink.partitioner);
    const partitionKey = named(by.column);
    const partitionNumber = named(by.partitionColumn);
    const outputs = encodeBatches(wasm, {
      encoder: encoder!,
      columns,
      selection,
      ...(key === undefined ? {} : { key }),
      ...(headers === undefined ? {} : { headers }),
      timestamp: this.#timestamps(rows, records, count),
      partitions: sink.partitions,
      partitioner: typeof sink.partitioner === 'string' ? sink.partitioner : 'murmur2',
      ...(partitionKey === undefined ? {} : { partitionKey }),
      ...(partitionNumber === undefined ? {} : { partitionNumber }),
      roundRobinStart: this.#roundRobin,
      compression: sink.compression,
      ...batchBounds(sink),
      tombstones: sink.tombstones,
    });
    this.#roundRobin = (this.#roundRobin + selection.count) % 0x40000000;
    return { outputs };
  }

  // Of the messages that the rows come from.
  #timestamps({ records, count: length }: Rows, rows: number, count: number): number | bigint {
    if (records === 0) return BigInt(Date.now());
    const { wasm } = this.#parts;
    const data = wasm.u32[records / 4 + RECORDS_TIMESTAMP_WORD]!;
    if (rows === 0) return data;
    const column = wasm.arenaAlloc(COLUMN_BYTES);
    const fields = { type: 'int64', constant: false, nullCount: 0, validity: 0 } as const;
    const buffers = { data, offsets: 0, dataLength: length * 8, children: [] };
    writeColumn(wasm, column, { ...fields, ...buffers, length });
    return readColumn(wasm, repeatRows(wasm, column, rows, count)).data;
  }

  #offsetOf(records: number, row: number): bigint {
    const { wasm } = this.#parts;
    return wasm.i64[wasm.u32[records / 4 + RECORDS_OFFSET_WORD]! / 8 + row]!;
  }

  #badMessage(
    { topic, partition }: RecordsInput,
    records: number,
    reject: Reject,
    count: number,
  ): MillraceError {
    const offset = this.#offsetOf(records, reject.row);
    const more = count > 1 ? `, and ${count - 1} more in the same morsel` : '';
    const { code: reason, position, column } = reject;
    return new MillraceError(
      `${topic}-${partition} offset ${offset} does not decode: ${reject.reason}${more}`,
      {
        code: 'BAD_MESSAGE',
        context: { topic, partition, offset, reason, position, ...(column && { column }) },
      },
    );
  }

  // An expression's error knows its row; the reader of the error wants the message.
  #located(
    error: MillraceError,
    input: RecordsInput | ColumnsInput,
    records: number,
  ): MillraceError {
    if (input.kind !== 'records') return error;
    const { topic, partition } = input;
    const offset = this.#offsetOf(records, Number(error.context.row));
    return new MillraceError(`${topic}-${partition} offset ${offset}: ${error.message}`, {
      code: error.code,
      context: { ...error.context, topic, partition, offset },
      cause: error,
    });
  }
}

const internal = { code: 'INTERNAL' } as const;

function wants(source: EngineSource & { kind: 'kafka' }, sink: EngineSink) {
  return {
    keys: source.metadata.includes('_key'),
    headers: source.metadata.includes('_headers'),
    timestamps: source.metadata.includes('_timestamp') || sink.kind === 'kafka',
  };
}

// V8 reports an exhausted WebAssembly stack as a RangeError, every other trap as a RuntimeError.
function isTrap(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof RangeError && /call stack/i.test(error.message);
}

function failure(error: unknown): MorselResult {
  if (error instanceof ArenaFull) return { kind: 'full' };
  return { kind: 'failed', error: MillraceError.from(error).toPlain() };
}

function named(error: unknown, { input }: MorselTask): unknown {
  if (!isTrap(error) || input.kind !== 'records') return error;
  const { topic, partition, fetchOffset } = input;
  return new MillraceError(
    `${topic}-${partition}: the decoder failed twice on the records from offset ${fetchOffset} on`,
    { code: 'INTERNAL', context: { topic, partition, offset: fetchOffset }, cause: error },
  );
}
