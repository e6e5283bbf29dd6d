/**
 * What a worker does with a morsel: records to columns, steps, columns to record batches or to a
 * batch for the caller. Synchronous, on one instance and one memory; it never sees a message as an
 * object.
 */
import type { Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import type { Decoder, Reject } from '../ingest/codecs/codec.ts';
import { codecByName } from '../ingest/codecs/registry.ts';
import { metadataColumns } from '../ingest/metadata-columns.ts';
import { readRecords } from '../ingest/wire-batch.ts';
import { checkJson } from '../operators/check-json.ts';
import { type RowOrigin, saltOf } from '../operators/choose-rows.ts';
import { type BranchEnd, endsOf } from '../operators/compile.ts';
import type { StepHosts } from '../operators/hosts.ts';
import { GiveWay } from '../operators/inline/run-inline.ts';
import { type TreeResult, TreeRunner } from '../operators/tree-runner.ts';
import type { RowSet } from '../operators/unnest.ts';
import { ArenaFull, WasmInstance } from '../wasm/instance.ts';
import { ARENA_BASE } from '../wasm/module.ts';
import { type Cut, rowsBefore } from './cut.ts';
import { isOver } from './limits.ts';
import type {
  ColumnsInput,
  EngineInput,
  EngineSource,
  EngineSpec,
  MorselDone,
  MorselFailure,
  MorselResult,
  MorselTask,
  RecordsInput,
  Sunk,
} from './morsel.ts';
import { type ReadRows, SinkWriter } from './sink-writer.ts';
import type { ThreadUdfs } from './thread-udfs.ts';

/** What the functions in a plan's steps need of the thread. */
export interface EngineHosts extends StepHosts {
  readonly udfs?: ThreadUdfs | undefined;
}

/** Rows on their way through one morsel. */
interface Rows extends ReadRows {
  readonly selection: Selection;
  readonly rejects: number;
  /** The first message that does not decode; the selection ends before it. */
  readonly cut?: Cut;
}

/** A morsel behind its ends. */
interface Operated {
  readonly sunk: readonly Sunk[];
  readonly done: Pick<MorselDone, 'passed' | 'endOffset' | 'failure'>;
  /** When the steps were done. */
  readonly operated: number;
}

/** Errors that say of which row they are. */
const OF_A_ROW: readonly string[] = ['EVALUATION_FAILED', 'MESSAGE_TOO_LARGE'];

const RECORDS_OFFSET_WORD = 6;

/** One source on one instance. */
class Input {
  readonly decoder: Decoder | undefined;
  readonly runner: TreeRunner;
  readonly source: EngineSource;
  readonly ends: readonly BranchEnd[];
  /** Whether rows go to a topic, with the times of their messages. */
  readonly needsTimes: boolean;

  constructor(
    wasm: WasmInstance,
    { source, root }: EngineInput,
    { sinks }: EngineSpec,
    hosts: EngineHosts,
  ) {
    if (source.kind === 'kafka') this.decoder = codecByName(source.codec).decoder(wasm, source);
    this.runner = new TreeRunner(wasm, root, hosts);
    this.source = source;
    this.ends = endsOf(root);
    this.needsTimes = this.ends.some(({ sink }) => sinks[sink]!.kind === 'kafka');
  }
}

/** Everything that is built from the spec over one instance. */
class Parts {
  readonly wasm: WasmInstance;
  readonly inputs: readonly Input[];
  readonly writers: readonly SinkWriter[];

  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    spec: EngineSpec,
    hosts: EngineHosts,
  ) {
    // Statics of an instance that trapped or died must not be seen by the next one.
    new Uint8Array(memory.buffer).fill(0, 0, ARENA_BASE);
    this.wasm = new WasmInstance(module, memory);
    this.inputs = spec.inputs.map((input) => new Input(this.wasm, input, spec, hosts));
    const roundRobin = Math.floor(Math.random() * 0x10000);
    this.writers = spec.sinks.map((sink) => new SinkWriter(this.wasm, sink, roundRobin));
  }
}

/** One worker's engine. Not re-entrant; owns the statics and the state heap of its memory. */
export class MorselEngine {
  readonly #module: WebAssembly.Module;
  readonly #memory: WebAssembly.Memory;
  readonly #spec: EngineSpec;
  readonly #hosts: EngineHosts;
  #parts: Parts;

  /** @param hosts what the functions in the steps need; absent: there are none. */
  constructor(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    spec: EngineSpec,
    hosts: EngineHosts = {},
  ) {
    this.#module = module;
    this.#memory = memory;
    this.#spec = spec;
    this.#hosts = hosts;
    this.#parts = this.#build();
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
      if (this.#hosts.udfs?.showedViews) return failure(new Rewritten());
    }
    try {
      return this.#run(task);
    } catch (error) {
      if (isTrap(error)) this.#parts = this.#build();
      return failure(named(error, task));
    }
  }

  #build(): Parts {
    return new Parts(this.#module, this.#memory, this.#spec, this.#hosts);
  }

  #run(task: MorselTask): MorselDone {
    const { wasm, inputs } = this.#parts;
    const { udfs } = this.#hosts;
    const input = inputs[task.source ?? 0]!;
    wasm.exports.arena_open(task.arenaBegin, task.arenaEnd);
    // What a morsel before it has shown to functions is none of this one's.
    udfs?.begin(task.skippedUdfs, task.copiesForUdfs);
    const started = performance.now();
    const rows = this.#read(task, input);
    const read = performance.now();
    const { sunk, done, operated } = this.#through(rows, input, task);
    return {
      kind: 'done',
      rowsIn: rows.count,
      sunk,
      ...done,
      ...(udfs === undefined || udfs.errors === 0 ? {} : { functionErrors: udfs.errors }),
      arenaUsedBytes: wasm.exports.arena_mark() - task.arenaBegin,
      timings: {
        decodeMs: read - started,
        operateMs: operated - read,
        encodeMs: performance.now() - operated,
      },
    };
  }

  #read({ input }: MorselTask, { source, decoder, needsTimes }: Input): Rows {
    if (input.kind === 'columns') {
      const selection = { address: 0, count: input.rows };
      const columns = new Map(input.columns);
      if (source.kind === 'batches') checkJson(this.#parts.wasm, source.json, columns);
      return {
        columns,
        selection,
        count: input.rows,
        records: 0,
        rejects: 0,
      };
    }
    if (source.kind !== 'kafka') throw new MillraceError('records need a codec', internal);
    const { wasm } = this.#parts;
    const want = wants(source, needsTimes);
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

  // Where an expression fails on a row, or a sink cannot take it, all ways run again on the rows
  // before it: what comes out ends at the same message everywhere. Each kernel reports the first
  // row that it fails on, and each sink that of one partition, so there are no more rounds than
  // there are kernels and partitions.
  #through(rows: Rows, { runner, ends }: Input, task: MorselTask): Operated {
    const { wasm } = this.#parts;
    const mark = wasm.exports.arena_mark();
    let { cut, selection: selected } = rows;
    const options = { left: task.left, origin: this.#origin(rows, task) };
    for (;;) {
      try {
        const result = runner.run(rows.columns, selected, options);
        const operated = performance.now();
        const sunk = this.#sink(rows, result.ends);
        return { sunk, done: this.#outcome(rows, result, ends, task, cut), operated };
      } catch (error) {
        if (!isOfRow(error)) throw error;
        // What was computed with may be what a function wrote there.
        if (this.#hosts.udfs?.showedViews) throw new Rewritten();
        this.#hosts.udfs?.begin(task.skippedUdfs, task.copiesForUdfs);
        wasm.exports.arena_rewind(mark);
        const row = Number(error.context.row);
        selected = rowsBefore(wasm, selected, row);
        cut = { row, error: this.#located(error, task.input, rows.records) };
      }
    }
  }

  #outcome(
    rows: Rows,
    { limited }: TreeResult,
    ends: readonly BranchEnd[],
    task: MorselTask,
    cut: Cut | undefined,
  ): Operated['done'] {
    const limits = task.left ?? this.#spec.limits;
    if (limits.length === 0) return failureOf(this.#failure(rows, cut));
    const passed = limits.map((_, number) => limited[number]?.passed ?? 0);
    const left = limits.map((rest, number) => rest - passed[number]!);
    // Limits that are reached before the cut end the run there: nobody asked for what follows.
    if (!isOver(ends, left)) return { passed, ...failureOf(this.#failure(rows, cut)) };
    const row = lastRow(ends, left, limited);
    const isRecord = row >= 0 && rows.records !== 0;
    return { passed, endOffset: isRecord ? this.#offsetOf(rows.records, row) + 1n : -1n };
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

  // All steps before, so that the outputs of one morsel lie side by side.
  #sink(rows: Rows, ends: TreeResult['ends']): Sunk[] {
    const { writers } = this.#parts;
    const filled = ends.filter(({ rows: { selection } }) => selection.count > 0);
    return filled.map(({ end: { sink }, rows: at }) => {
      try {
        return { sink, ...writers[sink]!.write(rows, at) };
      } catch (error) {
        throw this.#ofRecord(error, at);
      }
    });
  }

  // Behind an unnest a sink's rows are not the records that the morsel is cut at.
  #ofRecord(error: unknown, { records }: RowSet): unknown {
    if (!(error instanceof MillraceError) || records === 0) return error;
    const { context, message, code, cause } = error;
    if (context.row === undefined) return error;
    const row = this.#parts.wasm.u32[records / 4 + Number(context.row)]!;
    return new MillraceError(message, { code, context: { ...context, row }, cause });
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

/** Columns that are needed once more were shown to a function that may have written there. */
class Rewritten extends Error {}

function isOfRow(error: unknown): error is MillraceError {
  if (!(error instanceof MillraceError) || error.context.row === undefined) return false;
  return OF_A_ROW.includes(error.code);
}

// The last row that an end got before a limit on its way was reached.
function lastRow(
  ends: readonly BranchEnd[],
  left: readonly number[],
  limited: TreeResult['limited'],
): number {
  const last = ends
    .filter(({ looksOn }) => !looksOn)
    .map(({ limits }) => {
      const reached = limits.filter((number) => left[number] === 0);
      return Math.min(...reached.map((number) => limited[number]?.lastRow ?? -1));
    });
  return Math.max(-1, ...last);
}

function failureOf(problem: MorselFailure | undefined): Pick<MorselDone, 'failure'> {
  return problem === undefined ? {} : { failure: problem };
}

function wants(source: EngineSource & { kind: 'kafka' }, needsTimes: boolean) {
  return {
    keys: source.metadata.includes('_key'),
    headers: source.metadata.includes('_headers'),
    timestamps: source.metadata.includes('_timestamp') || needsTimes,
  };
}

// V8 reports an exhausted WebAssembly stack as a RangeError, every other trap as a RuntimeError.
function isTrap(error: unknown): boolean {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof RangeError && /call stack/i.test(error.message);
}

function failure(error: unknown): MorselResult {
  if (error instanceof ArenaFull) {
    const { expression } = error;
    return { kind: 'full', ...(expression === undefined ? {} : { expression }) };
  }
  if (error instanceof GiveWay) return { kind: 'again' };
  if (error instanceof Rewritten) return { kind: 'again', copies: true };
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
