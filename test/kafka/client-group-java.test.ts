import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { GroupOptions } from '../../src/ingest/client.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { produceTo, recordBatch, testClient } from './client-harness.ts';
import { uniqueName } from './cluster.ts';
import { DEADLINE_MS, join, type Observed, revokedSince, until } from './group-harness.ts';

const PARTITIONS = 4;
const STICKY = 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor';
const COOPERATIVE = { protocol: 'classic', assignors: ['cooperative-sticky'] } as const;
const CONSUMER = { protocol: 'consumer', assignors: [] } as const;

let kafka: EmbeddedKafka;

/** A console consumer of Kafka's own, and which partitions it has printed messages of. */
interface Java {
  printed(): number[];
  stop(): Promise<void>;
}

async function startJava(topic: string, groupId: string, settings: string[]): Promise<Java> {
  const properties = settings.flatMap((setting) => ['--consumer-property', setting]);
  const tool = await kafka.spawnTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', kafka.bootstrapServers, '--topic', topic, '--group', groupId],
    ...['--formatter-property', 'print.partition=true', ...properties],
  ]);
  let output = '';
  tool.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(tool, 'close');
  const stop = async () => {
    tool.kill('SIGTERM');
    await ended;
  };
  onTestFinished(stop);
  const printed = () =>
    [...output.matchAll(/^Partition:(\d+)/gm)].map(([, digits]) => Number(digits));
  return { printed: () => [...new Set(printed())].sort((a, b) => a - b), stop };
}

/** Who has which partition, as Kafka's own tool says: partition numbers by member id. */
async function described(groupId: string): Promise<Map<string, number[]>> {
  const { stdout } = await kafka.runTool(
    'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    ['--bootstrap-server', kafka.bootstrapServers, '--describe', '--group', groupId],
  );
  const members = new Map<string, number[]>();
  // GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID
  for (const line of stdout.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] !== groupId) continue;
    const [partition, member] = [Number(fields[2]), fields[6]!];
    members.set(
      member,
      [...(members.get(member) ?? []), partition].sort((a, b) => a - b),
    );
  }
  return members;
}

/** Writes to every partition until the Java consumer has printed those that are not ours. */
async function expectRestAtJava(topic: string, java: Java, ours: Observed): Promise<void> {
  const client = testClient({ brokers: kafka.brokers });
  const deadline = Date.now() + DEADLINE_MS;
  const numbers = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  const theirs = numbers.filter((partition) => !ours.owned().includes(partition));
  while (java.printed().join() !== theirs.join()) {
    if (Date.now() > deadline) throw new Error(`Java has ${java.printed()}, not ${theirs}`);
    const bytes = recordBatch({ values: ['again'] });
    await produceTo(
      client,
      numbers.map((partition) => ({ topic, partition, bytes })),
    );
    await delay(200);
  }
}

async function makeTopic(): Promise<string> {
  const topic = uniqueName('java');
  await testClient({ brokers: kafka.brokers }).createTopics([{ topic, partitions: PARTITIONS }]);
  return topic;
}

function joinOurs(topic: string, groupId: string, how: Partial<GroupOptions>): Promise<Observed> {
  return join(testClient({ brokers: kafka.brokers }), groupId, topic, how);
}

describe.skipIf(process.env.KAFKA_BROKERS !== undefined)('beside a Java consumer', () => {
  beforeAll(async () => {
    kafka = await EmbeddedKafka.start();
  });
  afterAll(() => kafka.stop());

  test.each([
    ['cooperative-sticky', COOPERATIVE, [`partition.assignment.strategy=${STICKY}`]],
    ['the consumer protocol', CONSUMER, ['group.protocol=consumer']],
  ] as const)('%s: what stays is never revoked, and both agree who has what', async (...row) => {
    const [, how, settings] = row;
    const [topic, groupId] = [await makeTopic(), uniqueName('group')];
    // Ours is there first: it leads a classic group when the other comes.
    const ours = await joinOurs(topic, groupId, how);
    await until('everything', () => ours.owned().length === PARTITIONS);
    const java = await startJava(topic, groupId, [...settings]);
    await until('half', () => ours.owned().length === PARTITIONS / 2);
    expect(revokedSince(ours, 0)).toHaveLength(PARTITIONS / 2);
    await expectRestAtJava(topic, java, ours);
    const members = await described(groupId);
    expect(members.get(ours.member.memberId)).toEqual(ours.owned());
    expect(members.size).toBe(2);
    const before = ours.events.length;
    await java.stop();
    await until('everything again', () => ours.owned().length === PARTITIONS);
    expect(revokedSince(ours, before)).toEqual([]);
    await ours.member.leave();
    expect(ours.events.filter((event) => /^(lost|error)/.test(event))).toEqual([]);
  });

  test('cooperative-sticky: the same where the Java consumer leads', async () => {
    const [topic, groupId] = [await makeTopic(), uniqueName('group')];
    const java = await startJava(topic, groupId, [`partition.assignment.strategy=${STICKY}`]);
    const nobody = { owned: () => [] as number[] } as Observed;
    await expectRestAtJava(topic, java, nobody);
    const one = await joinOurs(topic, groupId, COOPERATIVE);
    await until('half', () => one.owned().length === PARTITIONS / 2);
    expect(revokedSince(one, 0)).toEqual([]);
    const two = await joinOurs(topic, groupId, COOPERATIVE);
    await until('a share', () => two.owned().length === 1);
    expect(revokedSince(one, 0).filter((partition) => one.owned().includes(partition))).toEqual([]);
    const members = await described(groupId);
    for (const { member, owned } of [one, two]) {
      expect(members.get(member.memberId)).toEqual(owned());
    }
    expect([...members.values()].flat().sort()).toEqual([0, 1, 2, 3]);
    await java.stop();
    await until('all', () => one.owned().length + two.owned().length === PARTITIONS);
    await Promise.all([one.member.leave(), two.member.leave()]);
    const troubles = [...one.events, ...two.events].filter((event) => /^(lost|error)/.test(event));
    expect(troubles).toEqual([]);
  });
});
