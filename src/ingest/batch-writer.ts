/** Selected rows to complete record batches, one or several per output partition. */
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import type { Compression } from '../plan.ts';
import { type ColumnFields, readColumn } from '../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../wasm/instance.ts';
import { PADDING } from '../wasm/module.ts';
import type { Encoder } from './codecs/codec.ts';
import { COMPRESSION_ID, compress } from './compression.ts';
import { STICKY_RUN } from './partitioner.ts';
import { BATCH_HEADER_BYTES } from './record-batch.ts';

/** How large record batches may be. */
export interface BatchBounds {
  /** The most bytes of a batch before compression; compression never makes it larger. */
  readonly maxBatchBytes: number;
  /**
   * A batch of several records ends before it would pass so many bytes, before compression; one
   * record alone may, up to `maxBatchBytes`. Default `maxBatchBytes`, which also bounds it.
   */
  readonly batchBytes?: number;
  /** The most records of a batch. Default: no bound. */
  readonly batchMessages?: number;
}

/** What to write. Addresses are of a `Column` (see `wasm/abi.h`) with a row for each record. */
export interface EncodeRequest extends BatchBounds {
  readonly encoder: Encoder;
  /** Columns of the morsel; those that the encoder names must be among them. */
  readonly columns: ColumnSet;
  readonly selection: Selection;
  /** A column of texts or bytes; absent: records without keys. A null is a null key. */
  readonly key?: number;
  /** A column that `areHeaders` takes; absent: records without headers. */
  readonly headers?: number;
  /** Address of `i64[rows]` milliseconds, or one time for all (bigint). */
  readonly timestamp: number | bigint;
  /** Partitions of the topic, at least 1. */
  readonly partitions: number;
  /**
   * `murmur2` and `sticky` hash the key; rows without one take turns, as all do with `round-robin`.
   */
  readonly partitioner: 'murmur2' | 'round-robin' | 'sticky';
  /** A column of texts or bytes that is hashed in the key's place. */
  readonly partitionKey?: number;
  /** A column of integers that has each row's partition; the partitioner is not asked then. */
  readonly partitionNumber?: number;
  /** Where the turns begin; taken modulo `partitions`. */
  readonly roundRobinStart: number;
  readonly compression: Compression;
  /** Whether a row whose value columns are all null becomes a null value. */
  readonly tombstones: boolean;
  /** Whether each batch says which rows are in it. Default false. */
  readonly reportRows?: boolean;
  /** The number of row 0, where errors name a row. Default 0. */
  readonly firstRow?: number;
}

/**
 * One complete record batch (magic 2) in the lease, without a producer: `patchProducer` writes it
 * in. Valid until the lease is given back.
 */
export interface OutputBatch {
  readonly partition: number;
  readonly address: number;
  readonly byteLength: number;
  readonly records: number;
  /** The row of each record, with `reportRows`. */
  readonly rows?: Uint32Array;
}

// Bytes and words of `BatchJob`, words of `WrittenBatch` in wasm/batch-writer.cpp.
const JOB_BYTES = 48;
const WRITTEN = { status: 0, rows: 1, address: 2, byteLength: 3 } as const;
// In the place of the first start: the row that follows has no partition.
const NO_PARTITION = 0xffffffff;
const NO_BOUND = 0xffffffff;
const STATUS = { ok: 0, arenaFull: 1, oversized: 2 } as const;

interface PartitionRows {
  readonly partition: number;
  /** Address of `u32[count]`, 0 = rows 0 to count - 1. */
  readonly rows: number;
  readonly count: number;
}

/** The bounds alone, of whatever has them. */
export function batchBounds(of: BatchBounds): BatchBounds {
  const { maxBatchBytes, batchBytes, batchMessages } = of;
  return {
    maxBatchBytes,
    ...(batchBytes === undefined ? {} : { batchBytes }),
    ...(batchMessages === undefined ? {} : { batchMessages }),
  };
}

/**
 * Encodes the selected rows, in ascending order of partition and, within a partition, of rows.
 *
 * @throws ArenaFull where the lease is too small.
 * @throws MillraceError `MESSAGE_TOO_LARGE` where one record passes `maxBatchBytes`, compressed if
 *   compression is on; `EVALUATION_FAILED` where `partitionNumber` has no partition for a row.
 */
export function encodeBatches(wasm: WasmInstance, request: EncodeRequest): OutputBatch[] {
  request.encoder.bind(request.columns);
  const batches: OutputBatch[] = [];
  if (request.selection.count === 0) return batches;
  const job = wasm.arenaAlloc(JOB_BYTES);
  for (const rows of partitionRows(wasm, request)) {
    writeJob(wasm, job, request, rows);
    for (let first = 0; first < rows.count; ) {
      const batch = writeBatch(wasm, job, request, rows, first);
      batches.push(batch);
      first += batch.records;
    }
  }
  return batches;
}

function* partitionRows(wasm: WasmInstance, request: EncodeRequest): Generator<PartitionRows> {
  const { selection, partitions, partitionNumber } = request;
  if (partitions === 1 && partitionNumber === undefined) {
    yield { partition: 0, rows: selection.address, count: selection.count };
    return;
  }
  const starts = dealRows(wasm, request);
  if (starts === 0) throw new ArenaFull('the lease has no room to sort rows by partition');
  if (wasm.u32[starts / 4] === NO_PARTITION) {
    throw noPartition(wasm, request, wasm.u32[starts / 4 + 1]!);
  }
  const rows = starts + (partitions + 1) * 4;
  for (let partition = 0; partition < partitions; partition++) {
    const begin = wasm.u32[starts / 4 + partition]!;
    const count = wasm.u32[starts / 4 + partition + 1]! - begin;
    if (count > 0) yield { partition, rows: rows + begin * 4, count };
  }
}

function dealRows(wasm: WasmInstance, request: EncodeRequest): number {
  const { selection, partitions, partitioner, key, partitionKey, partitionNumber } = request;
  const { address, count } = selection;
  if (partitionNumber !== undefined) {
    return wasm.exports.partition_rows_by_number(partitionNumber, address, count, partitions);
  }
  const hashed = partitioner === 'round-robin' ? 0 : (partitionKey ?? key ?? 0);
  const start = request.roundRobinStart % partitions;
  const run = partitioner === 'sticky' ? STICKY_RUN : 1;
  return wasm.exports.partition_rows(hashed, address, count, partitions, start, run);
}

function noPartition(
  wasm: WasmInstance,
  { partitionNumber, partitions, firstRow = 0 }: EncodeRequest,
  index: number,
): MillraceError {
  const column = readColumn(wasm, partitionNumber!);
  const at = column.constant ? 0 : index;
  const isNull =
    column.validity !== 0 && ((wasm.u8[column.validity + (at >> 3)]! >> (at & 7)) & 1) === 0;
  const value = isNull ? 'null' : String(integerAt(wasm, column, at));
  return partitionOutside(firstRow + index, value, partitions);
}

/** The error of a row whose column names a partition that the topic does not have. */
export function partitionOutside(row: number, value: string, partitions: number): MillraceError {
  return new MillraceError(
    `row ${row} goes to partition ${value}, but the topic has 0 to ${partitions - 1}; mend the ` +
      'column or function that says the partition',
    { code: 'EVALUATION_FAILED', context: { row, partition: value, partitions } },
  );
}

function integerAt(wasm: WasmInstance, { type, data }: ColumnFields, row: number) {
  const view = new DataView(wasm.memory.buffer, data);
  switch (type) {
    case 'int8':
      return view.getInt8(row);
    case 'int16':
      return view.getInt16(row * 2, true);
    case 'int32':
      return view.getInt32(row * 4, true);
    case 'uint8':
      return view.getUint8(row);
    case 'uint16':
      return view.getUint16(row * 2, true);
    case 'uint32':
      return view.getUint32(row * 4, true);
    case 'uint64':
      return view.getBigUint64(row * 8, true);
    default:
      return view.getBigInt64(row * 8, true);
  }
}

function writeJob(
  wasm: WasmInstance,
  job: number,
  request: EncodeRequest,
  rows: PartitionRows,
): void {
  const { encoder, key, headers, timestamp, maxBatchBytes, tombstones } = request;
  const { batchBytes = maxBatchBytes, batchMessages = NO_BOUND } = request;
  const fixed = typeof timestamp === 'bigint';
  const word = job / 4;
  wasm.u32[word] = encoder.writer;
  wasm.u32[word + 1] = encoder.handle;
  wasm.u32[word + 2] = key ?? 0;
  wasm.u32[word + 3] = headers ?? 0;
  wasm.u32[word + 4] = fixed ? 0 : timestamp;
  wasm.u32[word + 5] = rows.rows;
  wasm.u32[word + 6] = rows.count;
  wasm.u32[word + 7] = Math.min(batchBytes, maxBatchBytes);
  wasm.u32[word + 8] = tombstones ? 1 : 0;
  wasm.u32[word + 9] = batchMessages;
  wasm.i64[job / 8 + 5] = fixed ? timestamp : 0n;
}

function writeBatch(
  wasm: WasmInstance,
  job: number,
  request: EncodeRequest,
  rows: PartitionRows,
  first: number,
): OutputBatch {
  const { exports, u32 } = wasm;
  const written = exports.batch_write(job, first) / 4;
  const status = u32[written + WRITTEN.status]!;
  if (status === STATUS.arenaFull) throw new ArenaFull('the lease has no room for the output');
  const records = u32[written + WRITTEN.rows]!;
  const address = u32[written + WRITTEN.address]!;
  const plainLength = u32[written + WRITTEN.byteLength]!;
  const { compression, maxBatchBytes } = request;
  const packed = compression === 'none' ? undefined : pack(wasm, compression, address, plainLength);
  const byteLength = packed ?? plainLength;
  if (status === STATUS.oversized && byteLength > maxBatchBytes) {
    throw tooLarge(wasm, request, rows, first, byteLength);
  }
  exports.batch_seal(address, byteLength, packed === undefined ? 0 : COMPRESSION_ID[compression]);
  const batch = { partition: rows.partition, address, byteLength, records };
  return request.reportRows ? { ...batch, rows: rowNumbers(wasm, rows, first, records) } : batch;
}

function rowNumbers(wasm: WasmInstance, rows: PartitionRows, first: number, count: number) {
  if (rows.rows === 0) return Uint32Array.from({ length: count }, (_, i) => first + i);
  return Uint32Array.from(wasm.u32.subarray(rows.rows / 4 + first, rows.rows / 4 + first + count));
}

// Compresses the records behind the header in place and gives back the room that this frees.
// Returns the length of the batch; undefined: the records do not become smaller and stay as they
// are, so that a batch never passes its limit by being compressed.
function pack(
  wasm: WasmInstance,
  compression: Compression,
  address: number,
  plainLength: number,
): number | undefined {
  const begin = address + BATCH_HEADER_BYTES;
  const bytes = compress(compression, wasm.u8.subarray(begin, address + plainLength));
  if (BATCH_HEADER_BYTES + bytes.length >= plainLength) return undefined;
  wasm.u8.set(bytes, begin);
  // Arena marks are multiples of 16 and leave the padding behind what they end.
  wasm.exports.arena_rewind((begin + bytes.length + PADDING + 15) & ~15);
  return BATCH_HEADER_BYTES + bytes.length;
}

function tooLarge(
  wasm: WasmInstance,
  { maxBatchBytes, compression, firstRow = 0 }: EncodeRequest,
  rows: PartitionRows,
  first: number,
  byteLength: number,
): MillraceError {
  const row = firstRow + (rows.rows === 0 ? first : wasm.u32[rows.rows / 4 + first]!);
  const { partition } = rows;
  const advice = compression === 'none' ? 'turn compression on, or ' : '';
  return new MillraceError(
    `the message of row ${row} makes a record batch of ${byteLength} bytes, more than the ` +
      `${maxBatchBytes} that are allowed; ${advice}raise max.message.bytes of the topic`,
    { code: 'MESSAGE_TOO_LARGE', context: { row, partition, byteLength, maxBatchBytes } },
  );
}
