import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import type { KafkaClient, ProduceRequest } from '../../src/ingest/client.ts';
import { KafkaSink } from '../../src/ingest/sink.ts';
import type { KafkaSinkPlan } from '../../src/plan.ts';

const LINGER_MS = 10;
const LEADERS = [1, 1, 2];

/** Time that passes when it is told to. */
class ManualClock implements Clock {
  #now = 0;
  #timers: { readonly atMs: number; readonly callback: () => void }[] = [];

  nowMs(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  async pass(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) {
      this.#now += 1;
      const due = this.#timers.filter(({ atMs }) => atMs <= this.#now);
      this.#timers = this.#timers.filter(({ atMs }) => atMs > this.#now);
      for (const { callback } of due) callback();
      await settled();
    }
  }
}

/** Whatever was promised has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

let clock: ManualClock;
let sink: KafkaSink;
/** What was sent, and when: `[ms, broker, partitions]`. */
let requests: [number, number, number[]][];
let answers: (() => void)[];

beforeEach(async () => {
  clock = new ManualClock();
  requests = [];
  answers = [];
  const client = {
    topics: async ([topic]: string[]) => [
      { topic, partitions: LEADERS.map((leader, partition) => ({ topic, partition, leader })) },
    ],
    maxMessageBytes: async () => 1_000_000,
    produce: async ({ node, batches }: ProduceRequest) => {
      requests.push([clock.nowMs(), node, batches.map(({ partition }) => partition)]);
      await new Promise<void>((resolve) => answers.push(resolve));
      return batches.map(({ partition }) => {
        return { topic: 't', partition, baseOffset: 0n, logAppendTimeMs: -1n };
      });
    },
  } as unknown as KafkaClient;
  const plan = { topic: 't', idempotent: false, acks: 1, lingerMs: LINGER_MS };
  sink = new KafkaSink(plan as KafkaSinkPlan, client, clock);
  await sink.start();
});

const push = (partition: number) =>
  sink.push({
    output: { partition, address: 0, byteLength: 80, records: 1 },
    bytes: new Uint8Array(80),
    settled: () => undefined,
  });
const answerAll = async () => {
  for (const answer of answers.splice(0)) answer();
  await settled();
};

describe('lingering', () => {
  it('a batch waits for others to its broker, which leave with it', async () => {
    push(0);
    await clock.pass(4);
    push(2);
    push(1);
    await clock.pass(5);
    expect(requests).toEqual([]);
    await clock.pass(1);
    expect(requests).toEqual([[10, 1, [0, 1]]]);
    // The other broker's has lingered for as long as it may, and no longer.
    await clock.pass(4);
    expect(requests.slice(1)).toEqual([[14, 2, [2]]]);
  });

  it('a batch with another of its partition behind it waits no longer', async () => {
    push(0);
    await clock.pass(3);
    push(0);
    await settled();
    expect(requests).toEqual([[3, 1, [0]]]);
    // Nor does the next, whose time ran while that one was under way.
    await clock.pass(12);
    await answerAll();
    expect(requests.slice(1)).toEqual([[15, 1, [0]]]);
  });

  it('one batch of a partition is under way, and a queue goes out without a pause', async () => {
    for (let i = 0; i < 4; i++) push(0);
    await settled();
    expect(requests).toEqual([[0, 1, [0]]]);
    // A timer for another broker is set meanwhile; it holds up nothing.
    push(2);
    for (let i = 0; i < 2; i++) {
      await clock.pass(1);
      await answerAll();
    }
    expect(requests).toEqual([0, 1, 2].map((ms) => [ms, 1, [0]]));
    // The last has come just now, too: it waits for others, but from when it came.
    await clock.pass(1);
    await answerAll();
    await clock.pass(7);
    expect(requests.slice(3)).toEqual([
      [10, 1, [0]],
      [10, 2, [2]],
    ]);
  });
});
