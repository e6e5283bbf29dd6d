import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../../src/ingest/clients/platformatic/cluster.ts';
import { resolveConnectionOptions } from '../../src/ingest/connection-options.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { batchesIn, fetchFrom, leaderOf, produceTo, recordBatch } from './client-harness.ts';
import { uniqueName } from './cluster.ts';
import { CLIENTS, clientOn } from './conformance-harness.ts';
import { join, until } from './group-harness.ts';
import { eventually } from './pipeline-harness.ts';
import { TransactionalWriter } from './transactional-writer.ts';

/** A cluster of `KAFKA_BROKERS` is not ours to kill. */
const external = process.env.KAFKA_BROKERS !== undefined;

/** Says where coordinators are, whatever the client under test remembers. */
function observer(kafka: EmbeddedKafka): Cluster & AsyncDisposable {
  const options = resolveConnectionOptions({ brokers: kafka.brokers });
  const cluster = new Cluster(options, new AbortController().signal);
  return Object.assign(cluster, { [Symbol.asyncDispose]: () => cluster.close() });
}

describe.skipIf(external).each(CLIENTS)('%s: a broker dies', (name) => {
  let kafka: EmbeddedKafka;

  beforeAll(async () => {
    kafka = await EmbeddedKafka.start({ brokers: 3, heapMiB: 256 });
  });
  afterAll(() => kafka?.stop());

  test.each(['transaction', 'group'] as const)(
    'a transaction that is open outlives the coordinator of the %s',
    async (kind) => {
      const client = clientOn(name, { brokers: kafka.brokers, retryDelayMs: 20 });
      const topic = uniqueName('conf-transaction');
      await client.createTopics([{ topic, partitions: 1, replicationFactor: 3 }]);
      const [groupId, transactionalId] = [uniqueName('group'), uniqueName('tx')];
      const writer = await TransactionalWriter.init(client, transactionalId);
      const partition = { topic, partition: 0 };
      await writer.addAndWrite(topic, 0, 'kept');
      await writer.sendOffsets(groupId, topic, 5n);
      await using cluster = observer(kafka);
      const sought = kind === 'group' ? groupId : transactionalId;
      const dead = await cluster.coordinator(sought, kind);
      await kafka.kill(dead - 1);
      await writer.sendOffsets(groupId, topic, 6n);
      await writer.end('commit');
      // Answered again, as after an answer that was lost.
      await writer.end('commit');
      expect(await client.committed(groupId, [partition])).toEqual([6n]);
      await eventually(async () => {
        const [end] = await client.listOffsets([partition], 'latest', 'read_committed');
        return end === 2n;
      });
      await writer.add(partition);
      await writer.end('abort');
      await kafka.restart(dead - 1);
    },
  );

  test('reading, idempotent writing and a group go on with the others', async () => {
    const client = clientOn(name, { brokers: kafka.brokers, retryDelayMs: 20 });
    const topic = uniqueName('conf-failover');
    await client.createTopics([{ topic, partitions: 1, replicationFactor: 3 }]);
    const identity = await client.initProducerId();
    const write = (baseSequence: number) => {
      const bytes = recordBatch({ ...identity, values: [`${baseSequence}`], baseSequence });
      return produceTo(client, [{ topic, partition: 0, bytes }]);
    };
    await write(0);
    const member = await join(client, uniqueName('group'), topic, { sessionTimeoutMs: 30_000 });
    await until('the assignment', () => member.owned().length === 1);
    const dead = await leaderOf(client, topic);
    const end = { topic, partition: 0, offset: 1n };
    const waiting = fetchFrom(client, [end], { maxWaitMs: 20_000 });
    const lost = expect(waiting).rejects.toMatchObject({ retry: 'backoff' });
    // Answered on another connection while the fetch waits: so that it is on its way.
    await client.listOffsets([end], 'latest');
    await kafka.kill(dead - 1);
    await lost;
    await eventually(async () => {
      const leader = await leaderOf(client, topic);
      return leader >= 0 && leader !== dead;
    });
    // Sent again until it is there: a sequence that was stored already is not stored twice.
    for (const sequence of [0, 1]) {
      await eventually(async () => {
        const [result] = await write(sequence).catch(() => [{ error: 'lost' }]);
        return result!.error === undefined;
      });
    }
    const { sets } = await fetchFrom(client, [{ topic, partition: 0, offset: 0n }]);
    expect(batchesIn(sets[0]!)).toEqual([
      { baseOffset: 0n, records: 1 },
      { baseOffset: 1n, records: 1 },
    ]);
    await eventually(async () => {
      const commit = member.member.commit([{ topic, partition: 0, offset: 2n }]);
      return commit.then(
        () => true,
        () => false,
      );
    });
    await member.member.leave();
    expect(member.events.filter((event) => event.startsWith('error'))).toEqual([]);
  });
});
