/** A Kafka client without a broker: record sets in memory, and a topic that only counts. */
import type {
  FetchRequest,
  FetchResult,
  KafkaClient,
  OffsetPoint,
  ProduceRequest,
  ProduceResult,
  RecordSet,
  TopicInfo,
} from '../../src/ingest/client.ts';
import type { Messages } from '../data/workload.ts';
import { encodeRecordBatch } from './record-batch.ts';

/** Names of the two topics. */
export const MEMORY_TOPICS = { input: 'in', output: 'out' } as const;

const OUTPUT_PARTITIONS = 4;
const MAX_MESSAGE_BYTES = 1_048_588;
const BASE_OFFSET_AT = 0;
const RECORD_COUNT_AT = 57;

/** A partition's log, made once: whole batches of the same number of messages. */
export interface MemoryLog {
  readonly bytes: Buffer;
  /** Where each batch begins, and where the last one ends. */
  readonly positions: readonly number[];
  readonly batchMessages: number;
}

/** A log of `messages` messages out of the pool, which is repeated as needed. */
export function memoryLog(pool: Messages, messages: number, batchMessages: number): MemoryLog {
  const distinct = Math.floor((pool.offsets.length - 1) / batchMessages);
  const encoded = Array.from({ length: distinct }, (_, i) =>
    encodeRecordBatch(pool, i * batchMessages, (i + 1) * batchMessages, 0),
  );
  const count = Math.ceil(messages / batchMessages);
  const batches = Array.from({ length: count }, (_, i) => encoded[i % distinct]!);
  const bytes = Buffer.concat(batches);
  const positions = [0];
  for (const [i, batch] of batches.entries()) {
    bytes.writeBigInt64BE(BigInt(i * batchMessages), positions[i]! + BASE_OFFSET_AT);
    positions.push(positions[i]! + batch.length);
  }
  return { bytes, positions, batchMessages };
}

/** When so many records had been produced. */
interface Mark {
  readonly produced: number;
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** Serves a log, or the beginning of it, from each partition. */
export class MemoryClient implements KafkaClient {
  readonly name = 'memory';
  readonly version = '1';
  /** Records that were produced. */
  produced = 0;
  readonly #log: MemoryLog;
  readonly #partitions: readonly number[];
  readonly #marks: Mark[] = [];

  /** @param partitions batches that each input partition has of the log. */
  constructor(log: MemoryLog, partitions: readonly number[]) {
    this.#log = log;
    this.#partitions = partitions;
    this.#mark();
  }

  /** Messages on the input topic. */
  get messages(): number {
    const batches = this.#partitions.reduce((sum, count) => sum + count, 0);
    return batches * this.#log.batchMessages;
  }

  /**
   * The time from when a share of all records had been produced until all were, and the messages
   * read for the others: without the threads' start and end, and the compilers' warming up. A run
   * of one or two requests has no such part, and counts from its beginning.
   *
   * @param share from 0 to 1.
   */
  since(share: number): { messages: number; seconds: number; cpuSeconds: number } {
    const [begin] = this.#marks;
    const warm = this.#marks.find(({ produced }) => produced >= this.produced * share);
    const mark = warm === undefined || warm.produced === this.produced ? begin! : warm;
    const last = this.#marks.at(-1)!;
    const user = last.cpu.user - mark.cpu.user;
    const system = last.cpu.system - mark.cpu.system;
    return {
      messages: Math.round(this.messages * (1 - mark.produced / this.produced)),
      seconds: (last.ms - mark.ms) / 1e3,
      cpuSeconds: (user + system) / 1e6,
    };
  }

  async topics(names: readonly string[]): Promise<TopicInfo[]> {
    return names.map((topic) => {
      const count = topic === MEMORY_TOPICS.input ? this.#partitions.length : OUTPUT_PARTITIONS;
      const partitions = Array.from({ length: count }, (_, partition) => ({
        topic,
        partition,
        leader: 1,
        leaderEpoch: 0,
      }));
      return { topic, topicId: topic, partitions };
    });
  }

  async fetch(request: FetchRequest): Promise<FetchResult> {
    await turn();
    const sets = request.positions.map(({ topic, partition, offset }) =>
      this.#read(topic, partition, offset, request.partitionMaxBytes),
    );
    return { sets, failures: [] };
  }

  async produce({ batches }: ProduceRequest): Promise<ProduceResult[]> {
    await turn();
    const results = batches.map(({ topic, partition, bytes }) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.produced += view.getInt32(RECORD_COUNT_AT);
      return { topic, partition, baseOffset: 0n, logAppendTimeMs: -1n };
    });
    this.#mark();
    return results;
  }

  async initProducerId() {
    return { producerId: 1n, producerEpoch: 0 };
  }

  async initTransactions(): Promise<never> {
    throw noTransactions();
  }

  async addPartitionsToTransaction(): Promise<never> {
    throw noTransactions();
  }

  async sendOffsetsToTransaction(): Promise<never> {
    throw noTransactions();
  }

  async endTransaction(): Promise<never> {
    throw noTransactions();
  }

  async topicNames() {
    return Object.values(MEMORY_TOPICS);
  }

  async listOffsets(partitions: readonly { partition: number }[], at: OffsetPoint) {
    return partitions.map(({ partition }) =>
      at === 'earliest' ? 0n : BigInt(this.#partitions[partition]! * this.#log.batchMessages),
    );
  }

  async committed(_groupId: string, partitions: readonly unknown[]) {
    return partitions.map(() => undefined);
  }

  async commit(): Promise<void> {
    await turn();
  }

  async joinGroup(): Promise<never> {
    throw new Error('there are no groups without a broker: leave groupId out');
  }

  async maxMessageBytes() {
    return MAX_MESSAGE_BYTES;
  }

  async createTopics(): Promise<void> {
    await turn();
  }

  async close(): Promise<void> {
    await turn();
  }

  #mark(): void {
    const cpu = process.cpuUsage();
    this.#marks.push({ produced: this.produced, ms: performance.now(), cpu });
  }

  #read(topic: string, partition: number, offset: bigint, maxBytes: number): RecordSet {
    const { bytes, positions, batchMessages } = this.#log;
    const end = this.#partitions[partition]!;
    const first = Math.min(end, Number(offset) / batchMessages);
    let behind = first;
    while (
      behind < end &&
      (behind === first || positions[behind + 1]! - positions[first]! <= maxBytes)
    ) {
      behind += 1;
    }
    const chunk = bytes.subarray(positions[first], positions[behind]);
    const highWatermark = BigInt(end * batchMessages);
    return {
      topic,
      partition,
      fetchOffset: offset,
      chunks: [chunk],
      byteLength: chunk.length,
      highWatermark,
      lastStableOffset: highWatermark,
      logStartOffset: 0n,
      abortedTransactions: [],
    };
  }
}

function noTransactions(): Error {
  return new Error('there are no transactions without a broker');
}

/** An answer never comes in the turn of the event loop in which it was asked for. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
