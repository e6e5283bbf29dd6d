import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FetchResult, KafkaClient, TopicPartition } from '../../src/ingest/client.ts';
import { Cluster } from '../../src/ingest/clients/platformatic/cluster.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import {
  batchesIn,
  fetchFrom,
  leaderOf,
  produceTo,
  recordBatch,
  testClient,
} from './client-harness.ts';
import { uniqueName } from './cluster.ts';

const DEADLINE_MS = 30_000;
/** A cluster of `KAFKA_BROKERS` is not ours to kill. */
const external = process.env.KAFKA_BROKERS !== undefined;

let kafka: EmbeddedKafka;

async function makeTopic(client: KafkaClient, partitions: number): Promise<string> {
  const topic = uniqueName('failover');
  await client.createTopics([{ topic, partitions, replicationFactor: kafka.brokers.length }]);
  return topic;
}

/** Calls `attempt` until it answers something, with the deadline of the test. */
async function eventually<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms`);
    await delay(50);
  }
}

describe.skipIf(external)('one broker', () => {
  beforeAll(async () => {
    kafka = await EmbeddedKafka.start();
  });
  afterAll(() => kafka.stop());

  test('shares partitions with a Java consumer of the same group', async () => {
    const client = testClient({ brokers: kafka.brokers });
    const topic = await makeTopic(client, 4);
    const groupId = uniqueName('java');
    let owned: readonly TopicPartition[] = [];
    const member = await client.joinGroup(
      {
        groupId,
        topics: [topic],
        protocol: 'classic',
        assignors: ['range'],
        sessionTimeoutMs: 10_000,
        heartbeatIntervalMs: 100,
        rebalanceTimeoutMs: 10_000,
      },
      {
        async onAssign(partitions) {
          owned = partitions;
        },
        async onRevoke() {
          owned = [];
        },
        async onLost() {},
        onError(error) {
          throw error;
        },
      },
    );
    const java = await kafka.spawnTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...['--bootstrap-server', kafka.bootstrapServers, '--topic', topic, '--group', groupId],
      ...['--from-beginning', '--formatter-property', 'print.partition=true'],
    ]);
    let printed = '';
    java.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
    await eventually(async () => (owned.length === 2 ? true : undefined));
    const ours = owned.map(({ partition }) => partition).sort();
    const batches = [0, 1, 2, 3].map((partition) => {
      return { topic, partition, bytes: recordBatch({ values: [`in ${partition}`] }) };
    });
    await produceTo(client, batches);
    const theirs = [0, 1, 2, 3].filter((partition) => !ours.includes(partition));
    const lines = () => printed.split('\n').filter((line) => line.startsWith('Partition:'));
    await eventually(async () => (lines().length >= 2 ? true : undefined));
    expect(lines().sort()).toEqual(
      theirs.map((partition) => `Partition:${partition}\tin ${partition}`),
    );
    const ended = once(java, 'close');
    java.kill('SIGTERM');
    await ended;
    await eventually(async () => (owned.length === 4 ? true : undefined));
    await member.leave();
  });

  test('a broker killed in mid-fetch rejects it; the client goes on afterwards', async () => {
    const client = testClient({ brokers: kafka.brokers, retryDelayMs: 20 });
    const topic = await makeTopic(client, 1);
    const position = { topic, partition: 0, offset: 0n };
    const bytes = recordBatch({ values: ['before'] });
    await produceTo(client, [{ topic, partition: 0, bytes }]);
    const waiting = fetchFrom(client, [{ ...position, offset: 1n }], { maxWaitMs: 20_000 });
    const lost = expect(waiting).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      retry: 'backoff',
    });
    // Answered on another connection while the fetch waits: so that it is on its way.
    await client.listOffsets([{ topic, partition: 0 }], 'latest');
    await kafka.kill(0);
    await lost;
    const node = 1;
    const batches = [{ topic, partition: 0, bytes }];
    const produced = client.produce({ node, acks: -1, timeoutMs: 1_000, batches });
    await expect(produced).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' });
    // A request that retries bridges the gap by itself.
    const offsets = client.listOffsets([{ topic, partition: 0 }], 'latest');
    await kafka.restart(0);
    expect(await offsets).toEqual([1n]);
    const { sets } = await fetchFrom(client, [position]);
    expect(batchesIn(sets[0]!)).toEqual([{ baseOffset: 0n, records: 1 }]);
  });
});

describe.skipIf(external)('three brokers', () => {
  beforeAll(async () => {
    kafka = await EmbeddedKafka.start({ brokers: 3 });
  });
  afterAll(() => kafka.stop());

  test('reads every leader, and follows when one dies', async () => {
    const client = testClient({ brokers: kafka.brokers, retryDelayMs: 20 });
    const topic = await makeTopic(client, 6);
    const [info] = await client.topics([topic]);
    expect(new Set(info!.partitions.map(({ leader }) => leader)).size).toBe(3);
    const partitions = info!.partitions.map(({ partition }) => ({ topic, partition }));
    for (const { partition } of partitions) {
      const bytes = recordBatch({ values: new Array<string>(partition + 1).fill('x') });
      await produceTo(client, [{ topic, partition, bytes }]);
    }
    const ends = partitions.map(({ partition }) => BigInt(partition + 1));
    expect(await client.listOffsets(partitions, 'latest')).toEqual(ends);
    const first = await leaderOf(client, topic, 0);
    await kafka.kill(first - 1);
    const result = await eventually<FetchResult>(async () => {
      const position = { topic, partition: 0, offset: 0n };
      const answer = await fetchFrom(client, [position]).catch(() => undefined);
      return answer?.sets.some((set) => set.byteLength > 0) ? answer : undefined;
    });
    expect(batchesIn(result.sets[0]!)).toEqual([{ baseOffset: 0n, records: 1 }]);
    expect(await leaderOf(client, topic, 0)).not.toBe(first);
    expect(await client.listOffsets(partitions, 'latest')).toEqual(ends);
    await kafka.restart(first - 1);
  });

  test.each([
    ['range', { protocol: 'classic', assignors: ['range'] }],
    ['cooperative-sticky', { protocol: 'classic', assignors: ['cooperative-sticky'] }],
    ['the consumer protocol', { protocol: 'consumer', assignors: [] }],
  ] as const)('by %s, a member stays in its group when the coordinator dies', async (_, how) => {
    const input = { brokers: kafka.brokers, retryDelayMs: 20, retries: 20 };
    const client = testClient(input);
    const topic = await makeTopic(client, 2);
    const groupId = uniqueName('coordinated');
    const events: string[] = [];
    const assigned = Promise.withResolvers<void>();
    const member = await client.joinGroup(
      {
        groupId,
        topics: [topic],
        ...how,
        sessionTimeoutMs: 20_000,
        heartbeatIntervalMs: 100,
        rebalanceTimeoutMs: 10_000,
      },
      {
        async onAssign() {
          events.push('assign');
          assigned.resolve();
        },
        async onRevoke() {
          events.push('revoke');
        },
        async onLost() {
          events.push('lost');
        },
        onError(error) {
          events.push(error.message);
        },
      },
    );
    await assigned.promise;
    const looking = new AbortController();
    const cluster = new Cluster(resolveConnectionOptions(input), looking.signal);
    const coordinator = await cluster.coordinator(groupId);
    await cluster.close();
    await kafka.kill(coordinator - 1);
    await member.commit([{ topic, partition: 1, offset: 8n }]);
    expect(await client.committed(groupId, [{ topic, partition: 1 }])).toEqual([8n]);
    await kafka.restart(coordinator - 1);
    await member.leave();
    expect(events).toEqual(['assign', 'revoke']);
  });

  test('a broker that lost the lead says so, instead of serving what it has', async () => {
    const client = testClient({ brokers: kafka.brokers, retryDelayMs: 20 });
    const stale = testClient({ brokers: kafka.brokers });
    const topic = await makeTopic(client, 1);
    const bytes = recordBatch({ values: ['a'] });
    await produceTo(client, [{ topic, partition: 0, bytes }]);
    const [before] = await stale.topics([topic]);
    const node = before!.partitions[0]!.leader;
    // Dies and comes back: a replica again, under a new epoch.
    await kafka.kill(node - 1);
    await eventually(async () => {
      const leader = await leaderOf(client, topic);
      return leader !== node && leader >= 0 ? leader : undefined;
    });
    await kafka.restart(node - 1);
    const position = { topic, partition: 0, offset: 0n };
    const limits = { maxBytes: 1_000_000, partitionMaxBytes: 1_000_000 };
    const waits = { minBytes: 1, maxWaitMs: 100 };
    const isolation = 'read_committed';
    const failure = await eventually(async () => {
      const request = { node, positions: [position], ...limits, ...waits, isolation } as const;
      return (await stale.fetch(request)).failures[0];
    });
    expect(failure).toEqual({ topic, partition: 0, error: 'FENCED_LEADER_EPOCH' });
    const { sets } = await fetchFrom(stale, [position]);
    expect(batchesIn(sets[0]!)).toEqual([{ baseOffset: 0n, records: 1 }]);
  });
});
