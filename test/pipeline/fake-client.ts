/** The Kafka client that feeds are tested with. */
import { MillraceError } from '../../src/errors.ts';
import type {
  FetchRequest,
  FetchResult,
  GroupListener,
  KafkaClient,
  OffsetPoint,
  TopicInfo,
} from '../../src/ingest/client.ts';
import { buildBatch } from '../ingest/build-batch.ts';

/** The one topic of {@link FakeClient}. */
export const TOPIC = 'orders';
const KIB = 1024;

/** A cluster of one broker and one topic whose batches have one record of a KiB each. */
export class FakeClient implements Partial<KafkaClient> {
  readonly fetches: FetchRequest[] = [];
  readonly ends: bigint[];
  reachable = true;
  /** Whether the topic was deleted. */
  deleted = false;
  /** Topics beside it that were deleted: whatever names one of them is refused as a whole. */
  readonly gone = new Set<string>();
  /** The first offset of every log: what is before it, retention has removed. */
  start = 0n;
  committedAt: bigint | undefined;
  /** Of every partition but the first, which broker 1 leads. */
  leader = 1;
  /** Bytes that a fetch answers with, at most; default what was asked for. */
  maxBytes = Number.POSITIVE_INFINITY;
  member: GroupListener | undefined;
  /** How often the member was told to leave. */
  left = 0;
  #waiting: (() => void)[] = [];

  constructor(ends: readonly bigint[]) {
    this.ends = [...ends];
  }

  #check(): void {
    if (this.reachable) return;
    throw new MillraceError('nobody there', { code: 'BROKER_UNREACHABLE' });
  }

  #checkNames(names: readonly string[]): void {
    const gone = names.find((name) => this.gone.has(name));
    if (gone === undefined) return;
    throw new MillraceError(`no topic ${gone}`, { code: 'UNKNOWN_TOPIC' });
  }

  async topics(names: readonly string[] = [TOPIC]): Promise<TopicInfo[]> {
    this.#check();
    this.#checkNames(names);
    if (this.deleted) throw new MillraceError('no such topic', { code: 'UNKNOWN_TOPIC' });
    const partitions = this.ends.map((_, partition) => {
      const leader = partition === 0 ? 1 : this.leader;
      return { topic: TOPIC, partition, leader, leaderEpoch: 0 };
    });
    return names.map((topic) => {
      const own = partitions.map((partition) => ({ ...partition, topic }));
      return { topic, topicId: 'id', partitions: own };
    });
  }

  async topicNames(): Promise<string[]> {
    return this.deleted ? [] : [TOPIC];
  }

  async listOffsets(partitions: readonly { partition: number }[], at: OffsetPoint) {
    return partitions.map(({ partition }) =>
      at === 'latest' ? this.ends[partition]! : this.start,
    );
  }

  async committed(_: string, partitions: readonly unknown[]) {
    return partitions.map(() => this.committedAt);
  }

  async joinGroup(_: unknown, listener: GroupListener) {
    this.member = listener;
    const leave = async () => {
      this.left += 1;
    };
    return { memberId: 'm', generationId: 1, commit: async () => {}, leave };
  }

  async fetch(request: FetchRequest): Promise<FetchResult> {
    this.#check();
    this.fetches.push(request);
    this.#checkNames(request.positions.map(({ topic }) => topic));
    let left = request.maxBytes;
    if (this.deleted) {
      const error = 'UNKNOWN_TOPIC_OR_PARTITION' as const;
      return { sets: [], failures: request.positions.map((position) => ({ ...position, error })) };
    }
    const failures = request.positions
      .filter(({ offset }) => offset < this.start)
      .map(({ topic, partition }) => ({ topic, partition, error: 'OFFSET_OUT_OF_RANGE' as const }));
    if (failures.length > 0) return { sets: [], failures };
    const sets = request.positions.map(({ topic, partition, offset }) => {
      const chunks: Buffer[] = [];
      let next = offset;
      for (; next < this.ends[partition]! && left > 0; next++) {
        const value = Buffer.alloc(KIB);
        const batch = buildBatch({ baseOffset: next, records: [{ value }] });
        chunks.push(batch);
        left -= batch.length;
      }
      const byteLength = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const end = this.ends[partition]!;
      return {
        ...{ topic, partition, fetchOffset: offset, chunks, byteLength },
        ...{ highWatermark: end, lastStableOffset: end, logStartOffset: 0n },
        abortedTransactions: [],
      };
    });
    // A long poll.
    if (sets.every(({ byteLength }) => byteLength === 0)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return { sets, failures: [] };
  }

  endPolls(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
