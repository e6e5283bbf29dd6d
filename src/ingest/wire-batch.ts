/** Encoded record batches in a worker's memory to the `Records` that decoders read. */
import type { MillraceError } from '../errors.ts';
import type { Compression } from '../plan.ts';
import { ArenaFull, type WasmInstance } from '../wasm/instance.ts';
import { BadCompression } from './bad-compression.ts';
import { decompress } from './compression.ts';
import {
  BATCH_ATTRIBUTE,
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  COMPRESSION_NAMES,
} from './record-batch.ts';
import { corrupt } from './record-set.ts';

/** Which fields of the records are wanted besides value and offset. */
export interface WantedFields {
  readonly keys: boolean;
  readonly headers: boolean;
  readonly timestamps: boolean;
}

/** A cut of a record set, in the memory of `wasm`. */
export interface WireInput {
  /** Address of whole record batches; the lease that is open must hold them while rows are read. */
  readonly address: number;
  readonly byteLength: number;
  readonly topic: string;
  readonly partition: number;
  /** Records before it are left out. */
  readonly fetchOffset: bigint;
  /** Records from it on are left out; absent: none are. */
  readonly endOffset?: bigint;
  /** `Cut.dropped`: where, from `address` on, batches begin that are left out. */
  readonly dropped: readonly number[];
  readonly want: WantedFields;
}

/** The records of one cut. */
export interface WireRecords {
  /** Address of a `Records` (see `wasm/abi.h`), in the open lease. */
  readonly records: number;
  /** Rows of every column that is decoded from them. */
  readonly count: number;
  /** Behind the last batch, or the fetch offset where there is no batch. */
  readonly nextOffset: bigint;
  readonly controlBatches: number;
  /** Batches of aborted transactions that were left out. */
  readonly droppedBatches: number;
  /** Records before `fetchOffset` that were left out. */
  readonly skippedRecords: number;
}

// Words of `Scan` and `BatchEntry` in wasm/records.cpp.
const SCAN = {
  fault: 0,
  faultBatch: 1,
  faultRecord: 2,
  entries: 3,
  entryCount: 4,
  compressed: 5,
  control: 6,
  dropped: 7,
  records: 8,
  before: 9,
  nextOffset: 10,
} as const;
const ENTRY_WORDS = 4;
const WANT_KEYS = 1;
const WANT_HEADERS = 2;
const WANT_TIMESTAMPS = 4;
const ARENA_FULL = 1;
const NO_END = 2n ** 63n - 1n;

// `ScanFault` in wasm/records.cpp.
const FAULTS: Readonly<Record<number, string>> = {
  2: 'its length does not fit the data',
  3: 'its format (magic) is not 2',
  4: 'its CRC32C does not match its bytes',
  5: 'it has too few bytes for its record count',
  6: 'its offsets are not a range that holds its records',
  7: 'its compression codec does not exist',
  8: 'a record ends outside of the batch',
  9: 'a number has more bytes than its type',
  10: 'a key, value or header ends outside of its record',
  11: 'the offsets of its records do not ascend',
  12: 'bytes are left over behind the last record or its headers',
};
const RECORD_FAULT_MIN = 8;

/**
 * Checks the record batches at `input` (framing, CRC32C, every length), decompresses them and lists
 * their records in the open lease. Control batches and dropped ones are left out.
 *
 * @throws MillraceError `CORRUPT_BATCH` with topic, partition and offset of the batch.
 * @throws ArenaFull where the lease is too small.
 */
export function readRecords(wasm: WasmInstance, input: WireInput): WireRecords {
  const { exports, u32, i64 } = wasm;
  const { address, byteLength } = input;
  const dropped = writeWords(wasm, input.dropped);
  let scan = exports.batches_scan(address, byteLength, dropped, input.dropped.length) >>> 2;
  checkScan(wasm, scan, input);
  if (u32[scan + SCAN.compressed] !== 0) decompressEntries(wasm, scan, input);
  const { keys, headers, timestamps } = input.want;
  const want =
    (keys ? WANT_KEYS : 0) | (headers ? WANT_HEADERS : 0) | (timestamps ? WANT_TIMESTAMPS : 0);
  scan = exports.records_walk(input.fetchOffset, input.endOffset ?? NO_END, want) >>> 2;
  checkScan(wasm, scan, input);
  const records = u32[scan + SCAN.records]!;
  return {
    records,
    count: u32[records >>> 2]!,
    nextOffset: input.byteLength === 0 ? input.fetchOffset : i64[(scan + SCAN.nextOffset) >>> 1]!,
    controlBatches: u32[scan + SCAN.control]!,
    droppedBatches: u32[scan + SCAN.dropped]!,
    skippedRecords: u32[scan + SCAN.before]!,
  };
}

function writeWords(wasm: WasmInstance, words: readonly number[]): number {
  if (words.length === 0) return 0;
  const address = wasm.arenaAlloc(words.length * 4);
  wasm.u32.set(words, address >>> 2);
  return address;
}

function checkScan(wasm: WasmInstance, scan: number, input: WireInput): void {
  const fault = wasm.u32[scan + SCAN.fault]!;
  if (fault === 0) return;
  if (fault === ARENA_FULL) throw new ArenaFull('the lease is too small for the records');
  const batch = wasm.u32[scan + SCAN.faultBatch]!;
  const record = wasm.u32[scan + SCAN.faultRecord]!;
  const words = FAULTS[fault] ?? `fault ${fault}`;
  const where = fault < RECORD_FAULT_MIN ? '' : ` (record ${record} of the batch)`;
  throw faultAt(wasm, input, batch, `${words}${where}`);
}

function faultAt(wasm: WasmInstance, input: WireInput, batch: number, what: string): MillraceError {
  // Fewer bytes than an offset may be left of a batch that was cut off.
  const whole = batch + 8 <= input.address + input.byteLength;
  const view = new DataView(wasm.memory.buffer, batch, 8);
  const offset = whole ? view.getBigInt64(BATCH_FIELD.baseOffset) : input.fetchOffset;
  return corrupt(input.topic, input.partition, offset, what);
}

function decompressEntries(wasm: WasmInstance, scan: number, input: WireInput): void {
  const { u8, u32 } = wasm;
  const count = u32[scan + SCAN.entryCount]!;
  const first = u32[scan + SCAN.entries]! >>> 2;
  for (let entry = first; entry < first + count * ENTRY_WORDS; entry += ENTRY_WORDS) {
    const batch = u32[entry]!;
    const attributes = u8[batch + BATCH_FIELD.attributes + 1]!;
    const compression = COMPRESSION_NAMES[attributes & BATCH_ATTRIBUTE.compression];
    const length = u32[entry + 2]!;
    if (compression === undefined || compression === 'none' || length === 0) continue;
    const bytes = decompressEntry(wasm, input, compression, batch, length);
    const address = wasm.arenaAlloc(bytes.length);
    u8.set(bytes, address);
    u32[entry + 1] = address;
    u32[entry + 2] = bytes.length;
  }
}

function decompressEntry(
  wasm: WasmInstance,
  input: WireInput,
  compression: Compression,
  batch: number,
  length: number,
): Uint8Array {
  const begin = batch + BATCH_HEADER_BYTES;
  try {
    const source = wasm.u8.subarray(begin, begin + length);
    return decompress(compression, source, wasm.exports.arena_room());
  } catch (error) {
    if (!(error instanceof BadCompression)) throw error;
    throw faultAt(wasm, input, batch, error.message);
  }
}
