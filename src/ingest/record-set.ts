/**
 * Cuts the record set of one partition into runs of whole batches, by their headers alone.
 *
 * The bytes stay where the socket left them until `copyCut` moves them, once, into the memory of
 * the worker that decodes them. This side sees every batch of a response in order, so it is here
 * that batches of aborted transactions are found: a broker names, in each response, the aborted
 * transactions that reach into it, wherever they began and wherever their markers are (KIP-98), so
 * nothing has to be remembered from one response to the next.
 */
import { MillraceError } from '../errors.ts';
import type { AbortedTransaction, RecordSet } from './client.ts';
import {
  BATCH_ATTRIBUTE,
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_END,
} from './record-batch.ts';

/** A run of whole batches; plain data. */
export interface Cut {
  /** First byte in the set (inclusive). */
  readonly begin: number;
  /** Behind the last byte (exclusive). */
  readonly end: number;
  /** Offset of the first batch. */
  readonly baseOffset: bigint;
  /** The offset to go on from when all of this is done. */
  readonly nextOffset: bigint;
  /** Records to expect, as the headers have it; 0: nothing to decode, only offsets to pass. */
  readonly records: number;
  readonly batches: number;
  /** Whether any batch is compressed: the bytes will grow. */
  readonly compressed: boolean;
  /** Where, from `begin` on, batches begin that belong to aborted transactions; ascending. */
  readonly dropped: readonly number[];
}

/** How large a cut may be; a single batch may be larger, and is sliced as it is taken. */
export interface CutLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

interface BatchInfo {
  readonly byteLength: number;
  readonly baseOffset: bigint;
  readonly nextOffset: bigint;
  readonly records: number;
  readonly attributes: number;
  readonly producerId: bigint;
}

/**
 * Cuts `set` into runs of whole batches, in order; a batch that is not whole at the end is left
 * out. Only headers are read, and CRCs are not checked yet: `readRecords` does that.
 *
 * @throws MillraceError `CORRUPT_BATCH` where a header cannot be one.
 */
export function cutRecordSet(set: RecordSet, limits: CutLimits): Cut[] {
  const reader = new SetReader(set);
  const aborted = new AbortedProducers(set.abortedTransactions);
  const cuts: Cut[] = [];
  let open: OpenCut | undefined;
  for (let at = 0; ; ) {
    const batch = readHeader(reader, at);
    if (batch === undefined) break;
    const kept = keepsRecords(reader, at, batch, aborted);
    const records = kept ? batch.records : 0;
    if (open !== undefined && !open.takes(batch.byteLength, records, limits)) {
      cuts.push(open.close());
      open = undefined;
    }
    open ??= new OpenCut(at, batch.baseOffset);
    open.add(batch, kept);
    at += batch.byteLength;
  }
  if (open !== undefined) cuts.push(open.close());
  return cuts;
}

/**
 * Copies the bytes of `cut` to `target` from `at` on; `target` must have room for them.
 *
 * `Buffer.copy` and not `TypedArray.set`: into shared memory the latter is four times slower
 * (2.8 for 13 GB/s) unless source and destination are congruent modulo 8.
 */
export function copyCut(set: RecordSet, cut: Cut, target: Uint8Array, at: number): void {
  let chunkBegin = 0;
  for (const chunk of set.chunks) {
    const chunkEnd = chunkBegin + chunk.length;
    const from = Math.max(cut.begin, chunkBegin);
    const to = Math.min(cut.end, chunkEnd);
    if (from < to) {
      const source = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      source.copy(target, at + from - cut.begin, from - chunkBegin, to - chunkBegin);
    }
    chunkBegin = chunkEnd;
  }
}

class OpenCut {
  readonly begin: number;
  readonly baseOffset: bigint;
  end: number;
  nextOffset = 0n;
  records = 0;
  batches = 0;
  compressed = false;
  readonly dropped: number[] = [];

  constructor(begin: number, baseOffset: bigint) {
    this.begin = begin;
    this.end = begin;
    this.baseOffset = baseOffset;
  }

  takes(byteLength: number, records: number, limits: CutLimits): boolean {
    const bytes = this.end - this.begin + byteLength;
    return bytes <= limits.maxBytes && this.records + records <= limits.maxRows;
  }

  add(batch: BatchInfo, kept: boolean): void {
    const control = (batch.attributes & BATCH_ATTRIBUTE.control) !== 0;
    if (!kept && !control) this.dropped.push(this.end - this.begin);
    if (kept) this.records += batch.records;
    this.end += batch.byteLength;
    this.nextOffset = batch.nextOffset;
    this.batches++;
    this.compressed ||= kept && (batch.attributes & BATCH_ATTRIBUTE.compression) !== 0;
  }

  close(): Cut {
    const { begin, end, baseOffset, nextOffset, records, batches, compressed, dropped } = this;
    return { begin, end, baseOffset, nextOffset, records, batches, compressed, dropped };
  }
}

// The producers inside an aborted transaction at this point of the log, as the Java consumer keeps
// them: in from the first offset of the transaction, out at its abort marker.
class AbortedProducers {
  readonly #waiting: AbortedTransaction[];
  readonly #inside = new Set<bigint>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#waiting = transactions.toSorted((a, b) => Number(b.firstOffset - a.firstOffset));
  }

  /** Takes in the transactions that begin before `nextOffset`. */
  advance(nextOffset: bigint): void {
    for (let next = this.#waiting.at(-1); next !== undefined; next = this.#waiting.at(-1)) {
      if (next.firstOffset >= nextOffset) return;
      this.#inside.add(next.producerId);
      this.#waiting.pop();
    }
  }

  has(producerId: bigint): boolean {
    return this.#inside.size > 0 && this.#inside.has(producerId);
  }

  leave(producerId: bigint): void {
    this.#inside.delete(producerId);
  }
}

function keepsRecords(
  reader: SetReader,
  at: number,
  batch: BatchInfo,
  aborted: AbortedProducers,
): boolean {
  aborted.advance(batch.nextOffset);
  if ((batch.attributes & BATCH_ATTRIBUTE.control) !== 0) {
    const { producerId } = batch;
    if (aborted.has(producerId) && isAbortMarker(reader, at, batch)) aborted.leave(producerId);
    return false;
  }
  return (batch.attributes & BATCH_ATTRIBUTE.transactional) === 0 || !aborted.has(batch.producerId);
}

// A control record: length, attributes, timestamp delta, offset delta, key length (each a varint,
// attributes a byte), then the key: int16 version, int16 type, 0 = abort.
function isAbortMarker(reader: SetReader, at: number, batch: BatchInfo): boolean {
  const bytes = reader.copy(at + BATCH_HEADER_BYTES, at + batch.byteLength, 64);
  let position = 0;
  const skipVarint = () => {
    while (position < bytes.length && bytes[position]! >= 128) position++;
    position++;
  };
  skipVarint();
  position++;
  skipVarint();
  skipVarint();
  skipVarint();
  if (position + 4 <= bytes.length) return bytes[position + 2] === 0 && bytes[position + 3] === 0;
  const { topic, partition } = reader.set;
  throw corrupt(topic, partition, batch.baseOffset, 'a control batch without a marker');
}

function readHeader(reader: SetReader, at: number): BatchInfo | undefined {
  const left = reader.set.byteLength - at;
  if (left < BATCH_FIELD.magic + 1) return undefined;
  const header = reader.view(at, Math.min(left, BATCH_HEADER_BYTES));
  const from = reader.position;
  const baseOffset = header.getBigInt64(from);
  const length = header.getInt32(from + BATCH_FIELD.length);
  const magic = header.getInt8(from + BATCH_FIELD.magic);
  const fail = (what: string) => corrupt(reader.set.topic, reader.set.partition, baseOffset, what);
  if (magic === 0 || magic === 1) {
    throw fail(
      `a message set of format ${magic}, from before Kafka 0.11; Millrace reads format 2: ` +
        'rewrite the topic with a current producer',
    );
  }
  if (magic !== 2) throw fail(`format (magic) ${magic}, where only 2 exists`);
  const byteLength = BATCH_LENGTH_END + length;
  if (byteLength < BATCH_HEADER_BYTES) throw fail(`a length of ${length} bytes`);
  if (byteLength > left) return undefined;
  const lastOffsetDelta = header.getInt32(from + BATCH_FIELD.lastOffsetDelta);
  const records = header.getInt32(from + BATCH_FIELD.recordCount);
  if (lastOffsetDelta < 0) throw fail(`a last offset delta of ${lastOffsetDelta}`);
  if (records < 0 || records > lastOffsetDelta + 1) {
    throw fail(`${records} records in ${lastOffsetDelta + 1} offsets`);
  }
  if (baseOffset < 0n) throw fail('a negative offset');
  return {
    byteLength,
    baseOffset,
    nextOffset: baseOffset + BigInt(lastOffsetDelta) + 1n,
    records,
    attributes: header.getInt16(from + BATCH_FIELD.attributes),
    producerId: header.getBigInt64(from + BATCH_FIELD.producerId),
  };
}

/** The error for a damaged batch: where it is and what is wrong with it. */
export function corrupt(
  topic: string,
  partition: number,
  offset: bigint,
  what: string,
): MillraceError {
  return new MillraceError(
    `the record batch at offset ${offset} of ${topic}-${partition} is damaged: ${what}. ` +
      'Check the topic on the broker (kafka-dump-log), or start behind this offset',
    { code: 'CORRUPT_BATCH', context: { topic, partition, offset } },
  );
}

// Reads forward over chunks; a header that straddles two is put together in a scratch buffer.
class SetReader {
  readonly set: RecordSet;
  /** Where in the view that `view` gave the asked bytes begin. */
  position = 0;
  readonly #views: readonly DataView[];
  readonly #scratch = new Uint8Array(BATCH_HEADER_BYTES);
  #chunk = 0;
  #chunkBegin = 0;

  constructor(set: RecordSet) {
    this.set = set;
    this.#views = set.chunks.map((c) => new DataView(c.buffer, c.byteOffset, c.byteLength));
  }

  /** A view that has `length` bytes of the set from `at` on, at `position`. */
  view(at: number, length: number): DataView {
    this.#seek(at);
    const view = this.#views[this.#chunk];
    this.position = at - this.#chunkBegin;
    if (view !== undefined && this.position + length <= view.byteLength) return view;
    this.#scratch.set(this.copy(at, at + length, length));
    this.position = 0;
    return new DataView(this.#scratch.buffer);
  }

  /** A copy of the bytes of `[begin, end)`, at most `most` of them. */
  copy(begin: number, end: number, most: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(end - begin, most));
    this.#seek(begin);
    let done = 0;
    for (let chunk = this.#chunk, from = begin - this.#chunkBegin; done < bytes.length; chunk++) {
      const source = this.set.chunks[chunk]!.subarray(from, from + bytes.length - done);
      bytes.set(source, done);
      done += source.length;
      from = 0;
    }
    return bytes;
  }

  #seek(at: number): void {
    const { chunks } = this.set;
    while (this.#chunk < chunks.length - 1) {
      const chunkEnd = this.#chunkBegin + chunks[this.#chunk]!.length;
      if (at < chunkEnd) return;
      this.#chunkBegin = chunkEnd;
      this.#chunk++;
    }
  }
}
