/** What was fetched of one partition and is not in a worker yet: whole record batches, as bytes. */
import type { RecordSet } from './client.ts';
import { type Cut, copyCut } from './record-set.ts';

/** A record set and how many of its runs are still to be read. */
interface SharedSet {
  readonly records: RecordSet;
  runs: number;
}

/** A run of whole batches of one record set. */
interface Piece {
  readonly set: SharedSet;
  readonly cut: Cut;
  readonly arrivedMs: number;
  /** Records that it has still to give, at most. */
  records: number;
  /** Behind the last slice of it; -1: none was taken. */
  sliceOffset: bigint;
}

/** Batches of one partition that follow each other, ready to be copied into a lease. */
export interface BufferedRecords {
  readonly topic: string;
  readonly partition: number;
  /** Records before this offset were not asked for, or are in the slice before. */
  readonly fetchOffset: bigint;
  /** The offset behind the last batch, or behind the slice. */
  readonly nextOffset: bigint;
  /** Records from this offset on are in the slices that follow; absent: there are none. */
  readonly endOffset?: bigint;
  readonly byteLength: number;
  /** Bytes that are not buffered any more: a batch that is sliced stays until its last slice. */
  readonly freedBytes: number;
  /** Records, by the batches' headers. */
  readonly records: number;
  /** Where, from the first byte, batches begin that belong to aborted transactions. */
  readonly dropped: readonly number[];
  /** Copies the batches, one behind the other, to `at`; borrowed chunks are read only here. */
  copy(target: Uint8Array, at: number): void;
  /** Nothing will be copied any more: the chunks may go. */
  release(): void;
}

/** How much may go into one morsel. */
export interface TakeLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * One partition that is read: where to fetch next, and what is buffered. Bounded by the source,
 * which does not fetch a partition whose buffer holds a morsel already.
 */
export class PartitionBuffer {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to fetch. */
  position: bigint;
  /** The offset at which reading ends (exclusive), or `undefined` for never. */
  end: bigint | undefined;
  /** End of the log as of the last fetch; -1 before it. */
  highWatermark = -1n;
  bufferedBytes = 0;
  bufferedRecords = 0;
  /** Not fetched and not handed out until its owner says so. */
  paused = false;
  /** Not fetched before those who wait for the assignment have agreed. */
  ready = false;
  readonly #pieces: Piece[] = [];
  // Where the next morsel begins: records before it were dropped or are in an earlier morsel.
  #takeOffset: bigint;

  constructor(topic: string, partition: number, position: bigint, end: bigint | undefined) {
    this.topic = topic;
    this.partition = partition;
    this.position = position;
    this.#takeOffset = position;
    this.end = end;
  }

  /** Whether everything up to `end` was fetched. */
  get fetchedToEnd(): boolean {
    return this.end !== undefined && this.position >= this.end;
  }

  /** Whether everything up to `end` was fetched and taken. */
  get exhausted(): boolean {
    return this.fetchedToEnd && this.#pieces.length === 0;
  }

  /** When the oldest batch arrived, by the source's clock; `undefined`: nothing is buffered. */
  get oldestMs(): number | undefined {
    return this.#pieces[0]?.arrivedMs;
  }

  /** Whether what is buffered fills a morsel. */
  isFull(limits: TakeLimits): boolean {
    return this.bufferedBytes >= limits.maxBytes || this.bufferedRecords >= limits.maxRows;
  }

  /** Goes on at another offset; what is buffered stays, and is taken first. */
  seek(offset: bigint): void {
    this.position = offset;
    if (offset < this.#takeOffset || this.#pieces.length === 0) this.#takeOffset = offset;
  }

  /**
   * Drops what is buffered and goes on at another offset, by default at the first that was not
   * taken. Returns the bytes that were dropped.
   */
  rewind(offset: bigint = this.#takeOffset): number {
    const dropped = this.bufferedBytes;
    releaseAll(this.#pieces.splice(0));
    this.bufferedBytes = 0;
    this.bufferedRecords = 0;
    this.position = offset;
    this.#takeOffset = offset;
    return dropped;
  }

  /** Takes in the runs of a record set, in order. Returns the bytes that were added. */
  add(set: RecordSet, cuts: readonly Cut[], arrivedMs: number): number {
    let added = 0;
    const shared: SharedSet = { records: set, runs: 0 };
    for (const cut of cuts) {
      if (this.end !== undefined && cut.baseOffset >= this.end) break;
      const { records } = cut;
      this.#pieces.push({ set: shared, cut, arrivedMs, records, sliceOffset: -1n });
      shared.runs += 1;
      added += cut.end - cut.begin;
      this.bufferedRecords += cut.records;
      this.position = cut.nextOffset;
    }
    if (this.end !== undefined && cuts.at(-1) && cuts.at(-1)!.nextOffset >= this.end) {
      this.position = this.end > this.position ? this.end : this.position;
    }
    this.bufferedBytes += added;
    return added;
  }

  /**
   * Takes as many runs as one morsel holds, at least one, or a slice of a batch that alone has more
   * records. `undefined` where nothing is there.
   */
  take(limits: TakeLimits): BufferedRecords | undefined {
    const [first] = this.#pieces;
    if (first === undefined) return undefined;
    const slice = this.#takeSlice(first, limits.maxRows);
    if (slice !== undefined) return slice;
    let count = 0;
    let byteLength = 0;
    let records = 0;
    for (const piece of this.#pieces) {
      const bytes = bytesOf(piece);
      const over = byteLength + bytes > limits.maxBytes || records + piece.records > limits.maxRows;
      if (count > 0 && over) break;
      count += 1;
      byteLength += bytes;
      records += piece.records;
    }
    const pieces = this.#pieces.splice(0, count);
    this.bufferedBytes -= byteLength;
    const nextOffset = pieces.at(-1)!.cut.nextOffset;
    return this.#taken(pieces, { nextOffset, records, freedBytes: byteLength });
  }

  // By offsets: how many records lie between two of them is known only to who has decompressed the
  // batch, but they are never more. Its bytes go into the morsel of each slice as a whole.
  #takeSlice(piece: Piece, maxRows: number): BufferedRecords | undefined {
    const { cut, set, records } = piece;
    if (records <= maxRows) return undefined;
    const from = latest(latest(cut.baseOffset, this.#takeOffset), piece.sliceOffset);
    const endOffset = from + BigInt(maxRows);
    if (endOffset >= cut.nextOffset) return undefined;
    set.runs += 1;
    piece.records = Math.min(records, Number(cut.nextOffset - endOffset));
    const taken = records - piece.records;
    const range = { nextOffset: endOffset, endOffset, records: taken, freedBytes: 0 };
    const slice = this.#taken([piece], range);
    piece.sliceOffset = endOffset;
    return slice;
  }

  #taken(
    pieces: readonly Piece[],
    range: Pick<BufferedRecords, 'nextOffset' | 'endOffset' | 'records' | 'freedBytes'>,
  ): BufferedRecords {
    const fetchOffset = latest(this.#takeOffset, pieces[0]!.sliceOffset);
    this.#takeOffset = range.nextOffset;
    this.bufferedRecords -= range.records;
    const { topic, partition } = this;
    const dropped: number[] = [];
    let begin = 0;
    for (const { cut } of pieces) {
      for (const position of cut.dropped) dropped.push(begin + position);
      begin += cut.end - cut.begin;
    }
    const copy = (target: Uint8Array, at: number) => {
      let to = at;
      for (const { set, cut } of pieces) {
        copyCut(set.records, cut, target, to);
        to += cut.end - cut.begin;
      }
    };
    const release = () => releaseAll(pieces);
    return {
      topic,
      partition,
      fetchOffset,
      ...range,
      byteLength: begin,
      dropped,
      copy,
      release,
    };
  }
}

function bytesOf({ cut }: Piece): number {
  return cut.end - cut.begin;
}

function latest(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function releaseAll(pieces: readonly Piece[]): void {
  for (const { set } of pieces) {
    set.runs -= 1;
    if (set.runs === 0) set.records.release?.();
  }
}
