import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { MillraceError } from '../../src/errors.ts';
import type { KafkaClient, ProduceRequest, ProduceResult } from '../../src/ingest/client.ts';
import { KafkaSink } from '../../src/ingest/sink.ts';
import type { KafkaSinkPlan } from '../../src/plan.ts';

/** What happens to an attempt: stored, or not, and whether the answer arrives. */
type Fate = 'stored' | 'stored, answer lost' | 'lost' | { readonly error: string };

const PRODUCER_ID_AT = 43;
const SEQUENCE_AT = 53;
const NUMBER_AT = 61;
const BATCH_BYTES = 80;

/** Partitions that hold producers to their sequences as a broker does; each has its own node. */
class Broker {
  /** Numbers of the batches that are stored, by partition. */
  readonly stored: number[][];
  /** Producer id and sequence of each attempt. */
  readonly attempts: { partition: number; number: number; id: bigint; sequence: number }[] = [];
  identities = 0;
  fate: (partition: number, attempt: number) => Fate = () => 'stored';
  mayInit: (call: number) => boolean = () => true;
  #initCalls = 0;
  readonly #next = new Map<string, number>();

  constructor(partitions: number) {
    this.stored = Array.from({ length: partitions }, () => []);
  }

  readonly client = {
    topics: async ([topic]: string[]) => [
      { topic, partitions: this.stored.map((_, i) => ({ topic, partition: i, leader: i })) },
    ],
    maxMessageBytes: async () => 1_000_000,
    initProducerId: async () => {
      if (!this.mayInit(this.#initCalls++)) throw lost();
      this.identities += 1;
      return { producerId: 100n + BigInt(this.identities), producerEpoch: 0 };
    },
    produce: async ({ batches }: ProduceRequest) =>
      batches.map(({ partition, bytes }) => this.#take(partition, bytes)),
  } as unknown as KafkaClient;

  #take(partition: number, bytes: Uint8Array): ProduceResult {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const id = view.getBigInt64(PRODUCER_ID_AT);
    const sequence = view.getInt32(SEQUENCE_AT);
    const number = bytes[NUMBER_AT]!;
    const attempt = this.attempts.filter((other) => other.partition === partition).length;
    this.attempts.push({ partition, number, id, sequence });
    const result = { topic: 't', partition, baseOffset: -1n, logAppendTimeMs: -1n };
    const fate = this.fate(partition, attempt);
    if (typeof fate === 'object') return { ...result, error: fate.error };
    if (fate === 'lost') throw lost();
    const key = `${id} ${partition}`;
    const next = this.#next.get(key) ?? 0;
    if (sequence > next) return { ...result, error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' };
    if (sequence === next) {
      this.#next.set(key, next + 1);
      this.stored[partition]!.push(number);
    }
    if (fate === 'stored, answer lost') throw lost();
    return sequence < next ? { ...result, error: 'DUPLICATE_SEQUENCE_NUMBER' } : result;
  }
}

const lost = () => new MillraceError('the connection broke', { code: 'BROKER_UNREACHABLE' });

/** Time that passes as soon as somebody waits for it. */
function hastyClock(): Clock {
  let now = 0;
  return {
    nowMs: () => now,
    after: (delayMs, callback) => {
      const timer = setImmediate(() => {
        now += delayMs;
        callback();
      });
      return () => clearImmediate(timer);
    },
  };
}

async function setUp(partitions: number) {
  const broker = new Broker(partitions);
  const limits = { requestTimeoutMs: 1_000, deliveryTimeoutMs: 120_000 };
  const connection = { retryDelayMs: 100 };
  const plan = { topic: 't', idempotent: true, acks: -1, lingerMs: 0, connection, ...limits };
  const sink = new KafkaSink(plan as unknown as KafkaSinkPlan, broker.client, hastyClock());
  await sink.start();
  const outcomes = new Map<number, string>();
  const push = (partition: number, number: number) => {
    const bytes = new Uint8Array(BATCH_BYTES);
    bytes[NUMBER_AT] = number;
    const output = { partition, address: 0, byteLength: BATCH_BYTES, records: 1 };
    const settled = (error?: MillraceError) => outcomes.set(number, error?.code ?? 'stored');
    sink.push({ output, bytes, settled });
  };
  return { broker, sink, push, outcomes };
}

describe('the idempotent sink', () => {
  it('stores a batch once whose answer was lost while another partition renews', async () => {
    const { broker, sink, push, outcomes } = await setUp(2);
    broker.fate = (partition, attempt) => {
      if (partition === 1) return attempt < 4 ? 'stored, answer lost' : 'stored';
      return attempt === 0 ? { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' } : 'stored';
    };
    push(0, 1);
    push(1, 2);
    await sink.flush();
    expect(broker.stored).toEqual([[1], [2]]);
    expect(outcomes).toEqual(new Map([1, 2].map((number) => [number, 'stored'])));
    expect(broker.identities).toBe(2);
    // What was never sent under the old identity goes on under the new one, from 0.
    push(1, 3);
    await sink.flush();
    expect(broker.stored[1]).toEqual([2, 3]);
    expect(broker.attempts.at(-1)).toMatchObject({ id: 102n, sequence: 0 });
  });

  it('goes on at the same sequence behind a batch that was refused', async () => {
    const { broker, sink, push, outcomes } = await setUp(1);
    broker.fate = (_, attempt) => (attempt === 1 ? { error: 'MESSAGE_TOO_LARGE' } : 'stored');
    for (const number of [1, 2, 3]) push(0, number);
    await sink.flush();
    expect(broker.stored).toEqual([[1, 3]]);
    expect(outcomes.get(2)).toBe('PRODUCE_FAILED');
    expect(broker.attempts.map(({ sequence }) => sequence)).toEqual([0, 1, 1]);
    expect(broker.identities).toBe(1);
  });

  it.each<Fate>(['stored, answer lost', 'lost'])(
    'loses and repeats nothing behind a batch of unknown outcome: %s',
    async (fate) => {
      const { broker, sink, push, outcomes } = await setUp(1);
      broker.fate = () => (outcomes.has(1) ? 'stored' : fate);
      push(0, 1);
      push(0, 2);
      push(0, 3);
      await sink.flush();
      expect(outcomes.get(1)).toBe('PRODUCE_FAILED');
      expect(broker.stored).toEqual([fate === 'lost' ? [2, 3] : [1, 2, 3]]);
    },
  );

  it('knows a refusal behind a lost answer for one of unknown outcome', async () => {
    const { broker, sink, push, outcomes } = await setUp(1);
    broker.fate = (_, attempt) => {
      if (attempt === 0) return 'stored, answer lost';
      return attempt === 1 ? { error: 'TOPIC_AUTHORIZATION_FAILED' } : 'stored';
    };
    push(0, 1);
    push(0, 2);
    await sink.flush();
    // At the sequence of the first the second would pass for a repetition of it, and be lost.
    expect(broker.stored).toEqual([[1, 2]]);
    expect([outcomes.get(1), outcomes.get(2)]).toEqual(['PRODUCE_FAILED', 'stored']);
  });

  it('begins at 0 under a new identity only, however long that takes to get', async () => {
    const { broker, sink, push } = await setUp(1);
    broker.fate = (_, attempt) =>
      attempt === 1 || attempt === 2 ? { error: 'UNKNOWN_PRODUCER_ID' } : 'stored';
    broker.mayInit = (call) => call > 1;
    push(0, 1);
    push(0, 2);
    await sink.flush();
    expect(broker.stored).toEqual([[1, 2]]);
    expect(broker.attempts.map(({ id, sequence }) => [id, sequence])).toEqual([
      [101n, 0],
      [101n, 1],
      [101n, 1],
      [102n, 0],
    ]);
  });
});

describe('push', () => {
  it('after close settles with ABORTED, and flush does not wait for it', async () => {
    const { broker, sink, push, outcomes } = await setUp(1);
    sink.close();
    push(0, 1);
    await sink.flush();
    expect(outcomes).toEqual(new Map([[1, 'ABORTED']]));
    expect(sink.pending).toBe(0);
    expect(broker.attempts).toEqual([]);
  });
});
