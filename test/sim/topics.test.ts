/**
 * Topics that come and go under a pattern that is read without a group, on schedules that a seed
 * makes up. `SIM_SEED=n` runs one seed alone.
 */
import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import type { FetchRequest, KafkaClient, TopicPartition } from '../../src/ingest/client.ts';
import { KafkaSource, type SourceListener } from '../../src/ingest/source.ts';
import { readKafkaSource } from '../../src/stream/source-options.ts';
import { schedules } from './simulation.ts';
import { Chance, VirtualClock } from './virtual-clock.ts';

const NAMES = ['orders-de', 'orders-fr', 'orders-it', 'orders-pl'];
/** How long topics come and go, and how long a source looks for those that are new. */
const CHANGES_MS = 60_000;
const LOOKS_MS = 30_000;

const partitionOf = (topic: string) => ({ topic, partition: 0, leader: NAMES.indexOf(topic) % 2 });
const nameOf = ({ topic }: TopicPartition) => topic;

/** Two brokers that answer late, and what a source without a group makes of them. */
class Topics {
  readonly clock = new VirtualClock();
  readonly chance: Chance;
  readonly there = new Set<string>();
  readonly errors: MillraceError[] = [];
  /** Topics that are ours, as the listener heard it. */
  readonly ours = new Set<string>();
  readonly source: KafkaSource;

  constructor(seed: number, named: readonly string[]) {
    this.chance = new Chance(seed);
    for (const name of named) this.there.add(name);
    const listener: SourceListener = {
      onAssign: async (partitions) => {
        await this.#delay();
        for (const { topic } of partitions) this.ours.add(topic);
      },
      onRevoke: async () => undefined,
      onLost: async (partitions) => {
        for (const { topic } of partitions) this.ours.delete(topic);
        await this.#delay();
      },
      onReset: () => undefined,
      onRead: async () => undefined,
      onData: () => undefined,
      onError: (error) => void this.errors.push(error),
    };
    const { source: plan } = readKafkaSource({
      ...{ topics: [/orders-.*/, ...named], schema: { id: 'int64' } },
    });
    const client = this as unknown as KafkaClient;
    this.source = new KafkaSource(plan, client, this.clock, listener, 1e6);
  }

  #delay(mostMs = this.chance.happens(0.1) ? 500 : 20): Promise<void> {
    return new Promise((resolve) => this.clock.after(this.chance.between(0, mostMs), resolve));
  }

  /** Topics come and go; those that are read by name stay, unless `namedGo`. */
  change(named: readonly string[], namedGo: boolean): void {
    for (const name of NAMES) {
      if (named.includes(name) && !namedGo) continue;
      for (let i = this.chance.between(1, 6); i > 0; i--) {
        const act = () => {
          if (!this.there.delete(name)) this.there.add(name);
        };
        this.clock.after(this.chance.between(0, CHANGES_MS), act);
      }
    }
  }

  async topicNames(): Promise<string[]> {
    await this.#delay();
    // A broker may not have heard of the newest yet, nor that one has gone.
    const stale = this.chance.happens(0.2) ? [...this.there] : undefined;
    await this.#delay();
    return stale ?? [...this.there].sort();
  }

  async topics(names: readonly string[]) {
    await this.#delay();
    const missing = names.filter((name) => !this.there.has(name));
    await this.#delay();
    if (missing.length > 0) {
      throw new MillraceError(`${missing} not there`, { code: 'UNKNOWN_TOPIC' });
    }
    return names.map((topic) => ({ topic, topicId: topic, partitions: [partitionOf(topic)] }));
  }

  async listOffsets(partitions: readonly TopicPartition[]): Promise<bigint[]> {
    await this.#delay();
    if (partitions.every(({ topic }) => this.there.has(topic))) return partitions.map(() => 0n);
    throw new MillraceError('not there any more', { code: 'BROKER_UNREACHABLE' });
  }

  async fetch({ positions }: FetchRequest) {
    await this.#delay();
    const nothing = { chunks: [], byteLength: 0, abortedTransactions: [] };
    const logEnd = { highWatermark: 0n, lastStableOffset: 0n, logStartOffset: 0n };
    const isThere = ({ topic }: TopicPartition) => this.there.has(topic);
    const error = 'UNKNOWN_TOPIC_OR_PARTITION';
    return {
      sets: positions
        .filter(isThere)
        .map(({ offset, ...of }) => ({ ...of, fetchOffset: offset, ...nothing, ...logEnd })),
      failures: positions
        .filter((position) => !isThere(position))
        .map(({ topic, partition }) => ({ topic, partition, error })),
    };
  }

  async run(untilMs: number): Promise<void> {
    let over = false;
    this.clock.after(untilMs - this.clock.nowMs(), () => (over = true));
    await this.clock.run(
      () => over || this.errors.length > 0,
      untilMs + 1,
      () => 'topics',
    );
  }
}

describe('simulated topics that a pattern names', () => {
  it('are read while they are there, and left when they go', async () => {
    await schedules(200, async (seed) => {
      const topics = new Topics(seed, []);
      topics.change([], false);
      const started = topics.source.start();
      await topics.run(CHANGES_MS + 2 * LOOKS_MS + 5_000);
      await started;
      expect(topics.errors, `seed ${seed}`).toEqual([]);
      const read = [...topics.source.buffers.values()].map(nameOf).sort();
      const there = [...topics.there].sort();
      expect(read, `seed ${seed}`).toEqual(there);
      expect([...topics.ours].sort(), `seed ${seed}`).toEqual(there);
      topics.source.stopFetching();
    });
  }, 120_000);

  it('go without harm beside one that is read by its name; that one may not', async () => {
    await schedules(100, async (seed) => {
      const named = [NAMES[seed % NAMES.length]!];
      const topics = new Topics(seed, named);
      topics.change(named, false);
      const started = topics.source.start();
      await topics.run(CHANGES_MS);
      await started;
      expect(topics.errors, `seed ${seed}`).toEqual([]);
      topics.there.delete(named[0]!);
      await topics.run(CHANGES_MS + 10_000);
      expect(topics.errors, `seed ${seed}`).toMatchObject([{ code: 'UNKNOWN_TOPIC' }]);
    });
  }, 120_000);
});
