/**
 * Reads a sample of topics for an inference: without a group, without a commit, on this thread.
 */
import type { Clock } from '../../clock.ts';
import { MillraceError } from '../../errors.ts';
import type { KafkaSourcePlan } from '../../plan.ts';
import { ArenaFull } from '../../wasm/instance.ts';
import type { KafkaClient, TopicPartition } from '../client.ts';
import type { BufferedRecords } from '../partition-buffer.ts';
import { partitionKey } from '../partition-key.ts';
import { KafkaSource } from '../source.ts';
import { Subscription } from '../subscription.ts';
import { readRecords } from '../wire-batch.ts';
import { placeInTopic } from './inference-reject.ts';
import type { SchemaObserver } from './schema-observer.ts';
import { shareOut } from './share-out.ts';

/** Which messages are read. */
export interface TopicSample {
  /** How many, at most. */
  readonly messages: number;
  /** The oldest or the newest of each partition. */
  readonly from: 'earliest' | 'latest';
  /** Ends the reading with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** A part of one partition that is read, and how many messages of it are wanted. */
interface Range extends TopicPartition {
  /** First offset (inclusive). */
  begin: bigint;
  /** Behind the last offset. */
  end: bigint;
  wanted: number;
  readonly earliest: bigint;
  isRead: boolean;
}

const BATCH = { maxRows: 4_096, maxBytes: 1024 * 1024, maxWaitMs: 0 } as const;
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** Where a partition has fewer messages than offsets, so much more of it is read next. */
const WIDER = 4n;
const RECORDS_OFFSET_WORD = 6;

/**
 * Observes messages of the topics of a plan, spread over their partitions as evenly as they have
 * messages. Of a partition with fewer messages than offsets (compacted, or written in transactions)
 * more is read until there are enough.
 *
 * @param plan topics and isolation count; group and start do not.
 * @throws MillraceError whatever reading throws, and `ABORTED`.
 */
export async function sampleTopics(
  plan: KafkaSourcePlan,
  client: KafkaClient,
  clock: Clock,
  observer: SchemaObserver,
  options: TopicSample,
): Promise<void> {
  const { signal } = options;
  let ranges = await unlessAborted(firstRanges(plan, client, options), signal);
  while (ranges.length > 0) {
    const reader = new RangeReader(plan, client, clock, observer, ranges);
    await unlessAborted(reader.read(signal), signal);
    ranges = options.from === 'latest' ? widened(ranges) : [];
  }
}

// A broker that says nothing is not waited for: whoever closes the client ends the request.
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(aborted());
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  // Of the two that settle, the later one is nobody's.
  work.catch(() => undefined);
  promise.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function aborted(): MillraceError {
  const message = 'the inference was stopped before it had its sample';
  return new MillraceError(message, { code: 'ABORTED' });
}

async function firstRanges(
  plan: KafkaSourcePlan,
  client: KafkaClient,
  { messages, from }: TopicSample,
): Promise<Range[]> {
  const partitions = await new Subscription(plan, client).partitions();
  const [earliest, latest] = await Promise.all([
    client.listOffsets(partitions, 'earliest', plan.isolation),
    client.listOffsets(partitions, 'latest', plan.isolation),
  ]);
  const sizes = partitions.map((_, i) => Number(latest[i]! - earliest[i]!));
  const shares = shareOut(messages, sizes);
  const ranges = partitions.map(({ topic, partition }, i): Range => {
    const end = latest[i]!;
    const begin = from === 'latest' ? end - BigInt(shares[i]!) : earliest[i]!;
    const rest = { wanted: shares[i]!, earliest: earliest[i]!, isRead: false };
    return { topic, partition, begin, end, ...rest };
  });
  return ranges.filter(({ wanted }) => wanted > 0);
}

// What lies before what was read, where that was too little.
function widened(ranges: readonly Range[]): Range[] {
  return ranges
    .filter(({ wanted, begin, earliest }) => wanted > 0 && begin > earliest)
    .map((range) => {
      const wider = range.begin - (range.end - range.begin) * WIDER;
      const begin = wider > range.earliest ? wider : range.earliest;
      return { ...range, begin, end: range.begin, isRead: false };
    });
}

/** One pass over ranges. */
class RangeReader {
  readonly #observer: SchemaObserver;
  readonly #ranges = new Map<string, Range>();
  readonly #source: KafkaSource;
  readonly #done = Promise.withResolvers<void>();

  constructor(
    plan: KafkaSourcePlan,
    client: KafkaClient,
    clock: Clock,
    observer: SchemaObserver,
    ranges: readonly Range[],
  ) {
    this.#observer = observer;
    for (const range of ranges) this.#ranges.set(partitionKey(range), range);
    const { groupId: _, pattern: __, ...rest } = plan;
    const offsets = ranges.map(({ topic, partition, begin }) => {
      return { topic, partition, offset: begin };
    });
    const ours: KafkaSourcePlan = {
      ...rest,
      topics: [...new Set(ranges.map(({ topic }) => topic))],
      partitions: ranges.map(({ topic, partition }) => ({ topic, partition })),
      startFrom: { offsets },
      until: 'latest',
      batch: BATCH,
    };
    const nothing = async () => undefined;
    this.#source = new KafkaSource(
      ours,
      client,
      clock,
      {
        onAssign: nothing,
        onRevoke: nothing,
        onLost: nothing,
        onRead: nothing,
        onReset: () => undefined,
        onData: () => this.#pump(),
        onError: (error) => this.#done.reject(error),
      },
      MAX_BUFFERED_BYTES,
    );
  }

  /** Reads all ranges; the source is closed again however it ends. */
  async read(signal?: AbortSignal): Promise<void> {
    const abort = () => this.#done.reject(aborted());
    // Where starting fails nobody waits for it.
    this.#done.promise.catch(() => undefined);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      await Promise.race([this.#source.start(), this.#done.promise]);
      this.#pump();
      await this.#done.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#source.stopFetching();
      await this.#source.close();
    }
  }

  #pump(): void {
    try {
      for (const [key, range] of this.#ranges) this.#take(key, range);
      const isRead = ([key, range]: [string, Range]) =>
        range.isRead || this.#source.buffers.get(key)?.exhausted === true;
      if ([...this.#ranges].every(isRead)) this.#done.resolve();
    } catch (error) {
      this.#done.reject(error);
    }
  }

  #take(key: string, range: Range): void {
    const buffer = this.#source.buffers.get(key);
    while (buffer !== undefined && !range.isRead) {
      const records = buffer.take(BATCH);
      if (records === undefined) return;
      this.#source.taken(records.freedBytes);
      this.#observe(records, range);
      records.release();
      range.isRead = range.wanted === 0 || records.nextOffset >= range.end;
      if (range.isRead) this.#source.pause([range]);
    }
  }

  #observe(records: BufferedRecords, range: Range): void {
    const { topic, partition } = range;
    const observer = this.#observer;
    const { wasm } = observer;
    try {
      observer.openLease();
      const address = wasm.arenaAlloc(records.byteLength);
      records.copy(wasm.u8, address);
      const want = { keys: false, headers: false, timestamps: false };
      const found = readRecords(wasm, { ...records, address, want });
      const offsets = wasm.u32[(found.records >>> 2) + RECORDS_OFFSET_WORD]! >>> 3;
      let count = Math.min(found.count, range.wanted);
      while (count > 0 && wasm.i64[offsets + count - 1]! >= range.end) count--;
      const placeOf = (row: number) => placeInTopic(topic, partition, wasm.i64[offsets + row]!);
      observer.observeRecords(found.records, count, placeOf);
      range.wanted -= count;
    } catch (error) {
      if (!(error instanceof ArenaFull)) throw error;
      const count = Math.min(records.records, range.wanted);
      range.wanted -= count;
      observer.reject(count, {
        ...placeInTopic(topic, partition, records.fetchOffset),
        message: `${topic}-${partition} from offset ${records.fetchOffset} on`,
        reason: `a record batch of ${records.byteLength} bytes is more than inference looks at`,
      });
    }
  }
}
