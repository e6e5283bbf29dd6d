import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { MillraceError } from '../../src/errors.ts';
import type { KafkaClient, ProduceRequest, ProduceResult } from '../../src/ingest/client.ts';
import { KafkaSink } from '../../src/ingest/sink.ts';
import type { KafkaSinkPlan } from '../../src/plan.ts';

/** What the broker does with an attempt; a text is its refusal. */
type Fate = 'stored' | 'stored, answer lost' | 'lost' | (string & {});

/** Time that passes as soon as somebody waits for it. */
class HastyClock implements Clock {
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = setImmediate(() => {
      this.#nowMs += delayMs;
      callback();
    });
    return () => clearImmediate(timer);
  }
}

const lost = () => new MillraceError('the connection broke', { code: 'BROKER_UNREACHABLE' });

/** One partition without idempotence: whatever comes twice is stored twice. */
async function setUp(options: Partial<KafkaSinkPlan> & { readonly retryDelayMs?: number }) {
  const { retryDelayMs = 100, ...plan } = options;
  const clock = new HastyClock();
  const broker = {
    fate: (_attempt: number): Fate => 'stored',
    /** What asking for the leader comes to, after the start. */
    refresh: async (): Promise<void> => undefined,
    /** When each attempt came, ms. */
    attemptsMs: [] as number[],
    stored: 0,
  };
  const client = {
    topics: async ([topic]: string[], how?: { refresh: boolean }) => {
      if (how?.refresh) await broker.refresh();
      return [{ topic, partitions: [{ topic, partition: 0, leader: 1 }] }];
    },
    maxMessageBytes: async () => 1_000_000,
    initProducerId: async () => ({ producerId: 1n, producerEpoch: 0 }),
    produce: async (_: ProduceRequest): Promise<ProduceResult[]> => {
      const fate = broker.fate(broker.attemptsMs.length);
      broker.attemptsMs.push(clock.nowMs());
      if (fate.startsWith('stored')) broker.stored += 1;
      if (fate === 'lost' || fate === 'stored, answer lost') throw lost();
      const result = { topic: 't', partition: 0, baseOffset: 0n, logAppendTimeMs: -1n };
      return [fate === 'stored' ? result : { ...result, error: fate }];
    },
  } as unknown as KafkaClient;
  const whole = {
    ...{ topic: 't', idempotent: false, acks: 1, requestTimeoutMs: 1_000, lingerMs: 0 },
    deliveryTimeoutMs: 120_000,
    connection: { retryDelayMs },
    ...plan,
  } as unknown as KafkaSinkPlan;
  const sink = new KafkaSink(whole, client, clock);
  await sink.start();
  const outcomes: (MillraceError | undefined)[] = [];
  const push = () =>
    sink.push({
      output: { partition: 0, address: 0, byteLength: 80, records: 1 },
      bytes: new Uint8Array(80),
      settled: (error) => outcomes.push(error),
    });
  /** The error of one batch, or nothing. */
  const write = async () => {
    push();
    await sink.flush();
    return outcomes.at(-1);
  };
  return { broker, clock, sink, push, write, outcomes };
}

describe('retries, where they are given', () => {
  it.each([false, true])(
    'of 0: a batch whose answer is lost is stored once, idempotent %s',
    async (idempotent) => {
      const { broker, write } = await setUp({ retries: 0, idempotent });
      broker.fate = () => 'stored, answer lost';
      const error = await write();
      expect(error).toMatchObject({
        code: 'PRODUCE_FAILED',
        message:
          't-0 did not take a batch: the connection broke; it was sent once and may be stored ' +
          'all the same, and retries 0 allows no further attempt; raise it, or leave it out, and ' +
          'deliveryTimeoutMs alone bounds the attempts',
        context: { option: 'retries', attempts: 1, mayBeStored: true },
      });
      expect([broker.attemptsMs, broker.stored]).toEqual([[0], 1]);
    },
  );

  it.each(['NOT_LEADER_OR_FOLLOWER', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'lost'])(
    'of 0: nothing is sent twice for %s',
    async (fate) => {
      const { broker, write } = await setUp({ retries: 0, idempotent: true });
      broker.fate = () => fate;
      expect(await write()).toMatchObject({ code: 'PRODUCE_FAILED' });
      expect(broker.attemptsMs).toHaveLength(1);
    },
  );

  it('are counted anew for each batch', async () => {
    const { broker, write, push, sink, outcomes } = await setUp({ retries: 2 });
    broker.fate = (attempt) => (attempt % 3 === 2 ? 'stored' : 'NOT_ENOUGH_REPLICAS');
    push();
    push();
    expect(await write()).toBeUndefined();
    expect(outcomes).toEqual([undefined, undefined, undefined]);
    expect([broker.attemptsMs.length, broker.stored, sink.retries]).toEqual([9, 3, 6]);
    broker.fate = () => 'NOT_ENOUGH_REPLICAS';
    expect((await write())?.message).toContain(
      'NOT_ENOUGH_REPLICAS; it was sent 3 times and may be stored all the same, and retries 2',
    );
    expect(broker.attemptsMs).toHaveLength(12);
  });

  it('have their pauses from retryDelayMs, doubled up to 5,000', async () => {
    const { broker, write } = await setUp({ retries: 8, retryDelayMs: 40 });
    broker.fate = () => 'lost';
    await write();
    const pauses = broker.attemptsMs.slice(1).map((ms, i) => ms - broker.attemptsMs[i]!);
    expect(pauses).toEqual([40, 80, 160, 320, 640, 1_280, 2_560, 5_000]);
  });
});

describe('deliveryTimeoutMs', () => {
  it('alone bounds the attempts where nobody gave retries, the last at its end', async () => {
    const { broker, clock, write } = await setUp({});
    broker.fate = () => 'NOT_ENOUGH_REPLICAS';
    expect(await write()).toMatchObject({
      code: 'PRODUCE_FAILED',
      message: expect.stringMatching(
        /sent 30 times and may be stored .*, and deliveryTimeoutMs 120000 allows no further/,
      ),
      context: { option: 'deliveryTimeoutMs', kafkaError: 'NOT_ENOUGH_REPLICAS' },
    });
    expect(clock.nowMs()).toBe(120_000);
  });

  it('cuts a pause that is longer', async () => {
    const { broker, write } = await setUp({ deliveryTimeoutMs: 1_000, retryDelayMs: 5_000 });
    broker.fate = () => 'NOT_ENOUGH_REPLICAS';
    expect(await write()).toMatchObject({ context: { attempts: 2 } });
    expect(broker.attemptsMs).toEqual([0, 1_000]);
  });

  it('ends retries that would go on', async () => {
    const { broker, write } = await setUp({ deliveryTimeoutMs: 250, retries: 1_000 });
    broker.fate = () => 'lost';
    expect(await write()).toMatchObject({ context: { option: 'deliveryTimeoutMs' } });
    expect(broker.attemptsMs).toEqual([0, 100, 250]);
  });

  it('holds while nobody answers who leads, and the sink goes on behind it', async () => {
    const { broker, clock, write } = await setUp({ deliveryTimeoutMs: 1_000 });
    broker.fate = (attempt) => (attempt === 0 ? 'lost' : 'stored');
    broker.refresh = () => new Promise(() => undefined);
    const error = await write();
    expect(error).toMatchObject({ context: { option: 'deliveryTimeoutMs', attempts: 1 } });
    expect([broker.attemptsMs, clock.nowMs()]).toEqual([[0], 1_000]);
    expect(await write()).toBeUndefined();
  });

  it('begins with the first attempt at a batch, not with its push', async () => {
    const { broker, push, sink, outcomes } = await setUp({ deliveryTimeoutMs: 1_000 });
    broker.fate = (attempt) => (attempt <= 5 ? 'lost' : 'stored');
    push();
    push();
    await sink.flush();
    expect(outcomes[0]).toMatchObject({ context: { attempts: 5 } });
    expect(outcomes[1]).toBeUndefined();
    expect(broker.attemptsMs).toEqual([0, 100, 300, 700, 1_000, 1_000, 1_100]);
  });
});
