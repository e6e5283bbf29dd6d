import { describe, expect, test } from 'vitest';
import type { KafkaClient } from '../../src/ingest/client.ts';
import { batchesIn, fetchFrom } from './client-harness.ts';
import { createTopic, uniqueName } from './cluster.ts';
import { CLIENTS, clientOn, VARIANTS } from './conformance-harness.ts';
import { join, until } from './group-harness.ts';
import { eventually, sharedKafka } from './pipeline-harness.ts';
import { TRANSACTION_TIMEOUT_MS, TransactionalWriter } from './transactional-writer.ts';

/** The first `count` messages that Java's consumer sees of a topic, sorted. */
async function readCommittedByJava(topic: string, count: number): Promise<string[]> {
  const kafka = await sharedKafka();
  const { stdout, stderr, code } = await kafka.runTool(
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    [
      ...['--bootstrap-server', kafka.bootstrapServers, '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed'],
      ...['--max-messages', String(count), '--timeout-ms', '20000'],
    ],
  );
  if (code !== 0) throw new Error(`the console consumer ended with ${code}: ${stderr}`);
  return stdout.trimEnd().split('\n').sort();
}

/** First offset that `read_committed` does not see, per partition. */
function stableEnds(client: KafkaClient, topic: string, partitions: number): Promise<bigint[]> {
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  return client.listOffsets(places, 'latest', 'read_committed');
}

describe.each(VARIANTS)('%s: transactions', (name) => {
  test('what commits is seen, with its offsets; what aborts is not', async () => {
    const client = clientOn(name);
    const input = await createTopic('tx-in', { partitions: 2 });
    const topic = await createTopic('tx-out', { partitions: 2 });
    const groupId = uniqueName('group');
    const writer = await TransactionalWriter.init(client, uniqueName('tx'));
    await writer.add({ topic, partition: 1 }, { topic, partition: 0 });
    expect(await writer.write(topic, 0, 'a0')).toBe(undefined);
    expect(await writer.write(topic, 1, 'a1')).toBe(undefined);
    await writer.sendOffsets(groupId, input, 5n, 7n);
    expect(await stableEnds(client, topic, 2)).toEqual([0n, 0n]);
    await writer.end('commit');
    const places = [0, 1].map((partition) => ({ topic: input, partition }));
    expect(await client.committed(groupId, places)).toEqual([5n, 7n]);

    await writer.addAndWrite(topic, 0, 'no0');
    await writer.addAndWrite(topic, 1, 'no1');
    await writer.sendOffsets(groupId, input, 50n, 70n);
    await writer.end('abort');
    expect(await client.committed(groupId, places)).toEqual([5n, 7n]);

    await writer.addAndWrite(topic, 0, 'b0');
    await writer.addAndWrite(topic, 1, 'b1');
    await writer.sendOffsets(groupId, input, 6n);
    await writer.end('commit');
    expect(await client.committed(groupId, places)).toEqual([6n, 7n]);
    expect(await readCommittedByJava(topic, 4)).toEqual(['a0', 'a1', 'b0', 'b1']);

    // Of each transaction a batch and its marker.
    await eventually(async () => (await stableEnds(client, topic, 2)).join() === '6,6');
    const isolation = 'read_committed';
    const { producerId } = writer.producer;
    for (const partition of [0, 1]) {
      const position = { topic, partition, offset: 0n };
      const { sets } = await fetchFrom(client, [position], { isolation });
      expect(sets[0]!.abortedTransactions).toEqual([{ producerId, firstOffset: 2n }]);
      expect(batchesIn(sets[0]!)).toHaveLength(6);
    }
  });

  test('one after the other, without a pause: each waits for the one before', async () => {
    const client = clientOn(name);
    const topic = await createTopic('tx-many');
    const writer = await TransactionalWriter.init(client, uniqueName('tx'));
    for (let i = 0; i < 20; i++) {
      await writer.addAndWrite(topic, 0, `${i}`);
      await writer.end(i % 2 === 0 ? 'commit' : 'abort');
    }
    const even = Array.from({ length: 10 }, (_, i) => `${2 * i}`);
    expect(await readCommittedByJava(topic, 10)).toEqual(even.sort());
  });

  test.each(CLIENTS)('a zombie is refused when %s has taken its id over', async (other) => {
    const client = clientOn(name);
    const successor = clientOn(other);
    const topic = await createTopic('tx-zombie');
    const transactionalId = uniqueName('tx');
    const groupId = uniqueName('group');
    const zombie = await TransactionalWriter.init(client, transactionalId);
    await zombie.addAndWrite(topic, 0, 'left open');
    await zombie.sendOffsets(groupId, topic, 9n);
    const heir = await TransactionalWriter.init(successor, transactionalId);
    expect(heir.producer.producerEpoch).toBeGreaterThan(zombie.producer.producerEpoch);
    // What was left open is aborted before the id changes hands.
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([undefined]);
    expect(await stableEnds(client, topic, 1)).toEqual([2n]);

    const fenced = { code: 'PRODUCER_FENCED', retry: 'never', context: { transactionalId } };
    await expect(zombie.add({ topic, partition: 0 })).rejects.toMatchObject(fenced);
    await expect(zombie.sendOffsets(groupId, topic, 9n)).rejects.toMatchObject(fenced);
    await expect(zombie.end('commit')).rejects.toMatchObject(fenced);
    const again = { transactionalId, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS };
    const goesOn = client.initTransactions({ ...again, current: zombie.producer });
    await expect(goesOn).rejects.toMatchObject(fenced);
    await heir.add({ topic, partition: 0 });
    expect(await zombie.write(topic, 0, 'late')).toBe('INVALID_PRODUCER_EPOCH');
    expect(await heir.write(topic, 0, 'mine')).toBe(undefined);
    await heir.end('commit');
    const renewed = await successor.initTransactions({ ...again, current: heir.producer });
    expect(renewed.producerId).toBe(heir.producer.producerId);
    expect(renewed.producerEpoch).toBe(heir.producer.producerEpoch + 1);
    expect(await readCommittedByJava(topic, 1)).toEqual(['mine']);
  });

  test('offsets of a member: those of a stale generation or a stranger are refused', async () => {
    const client = clientOn(name);
    const topic = await createTopic('tx-member');
    const groupId = uniqueName('group');
    const one = await join(client, groupId, topic);
    await until('the assignment', () => one.owned().length === 1);
    const { producer } = await TransactionalWriter.init(client, uniqueName('tx'));
    const { memberId, generationId } = one.member;
    const offsets = [{ topic, partition: 0, offset: 3n, metadata: 'so far' }];
    const fenced = { code: 'GROUP_FENCED', retry: 'backoff', context: { groupId } };
    // To another client the member is a stranger's: it is the broker that refuses.
    for (const sender of [client, clientOn(name)]) {
      const send = (member: { memberId: string; generationId: number }) =>
        sender.sendOffsetsToTransaction(producer, groupId, offsets, member);
      const stale = { memberId, generationId: generationId - 1 };
      await expect(send(stale)).rejects.toMatchObject(fenced);
      await expect(send({ memberId: 'nobody', generationId })).rejects.toMatchObject(fenced);
      await send(one.member);
      await client.endTransaction(producer, 'abort');
      expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([undefined]);
    }
    await client.sendOffsetsToTransaction(producer, groupId, offsets, one.member);
    await client.endTransaction(producer, 'commit');
    expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([3n]);
    await one.member.leave();
    const late = { memberId, generationId };
    const left = client.sendOffsetsToTransaction(producer, groupId, offsets, late);
    await expect(left).rejects.toMatchObject(fenced);
  });

  test.each(['classic', 'consumer'] as const)(
    'offsets of partitions that stay through a rebalance, protocol %s',
    async (protocol) => {
      const client = clientOn(name);
      const topic = await createTopic('tx-rebalance', { partitions: 2 });
      const groupId = uniqueName('group');
      const how = { protocol, assignors: ['cooperative-sticky'] } as const;
      const one = await join(client, groupId, topic, how);
      await until('both partitions', () => one.owned().length === 2);
      const { generationId } = one.member;
      const two = await join(client, groupId, topic, how);
      await until('one each', () => one.owned().length === 1 && two.owned().length === 1);
      const { producer } = await TransactionalWriter.init(client, uniqueName('tx'));
      const send = (partition: number) =>
        client.sendOffsetsToTransaction(producer, groupId, [{ topic, partition, offset: 4n }], {
          memberId: one.member.memberId,
          generationId,
        });
      const [kept] = one.owned();
      const [taken] = two.owned();
      await send(kept!);
      await expect(send(taken!)).rejects.toMatchObject({ code: 'GROUP_FENCED' });
      await client.endTransaction(producer, 'commit');
      const places = [kept!, taken!].map((partition) => ({ topic, partition }));
      expect(await client.committed(groupId, [places[0]!])).toEqual([4n]);
      expect(await client.committed(groupId, [places[1]!])).toEqual([undefined]);
      await Promise.all([one.member.leave(), two.member.leave()]);
    },
  );

  test('a transaction that is open for too long is aborted, and its producer fenced', async () => {
    const client = clientOn(name);
    const topic = await createTopic('tx-timeout');
    const options = { transactionalId: uniqueName('tx'), transactionTimeoutMs: 500 };
    const slow = new TransactionalWriter(client, await client.initTransactions(options));
    await slow.addAndWrite(topic, 0, 'slow');
    expect(await stableEnds(client, topic, 1)).toEqual([0n]);
    await eventually(async () => (await stableEnds(client, topic, 1))[0] === 2n);
    await expect(slow.end('commit')).rejects.toMatchObject({
      code: 'PRODUCER_FENCED',
      message: expect.stringMatching(/open for longer than its time-out/),
    });
    // Nobody else has taken the id over: it goes on from what it was.
    const current = slow.producer;
    const producer = await client.initTransactions({ ...options, current });
    const quick = new TransactionalWriter(client, producer);
    await quick.addAndWrite(topic, 0, 'quick');
    await quick.end('commit');
    expect(await readCommittedByJava(topic, 1)).toEqual(['quick']);
  });

  test('what cannot be is a clear error', async () => {
    const client = clientOn(name, { retryDelayMs: 1, retries: 2 });
    const transactionalId = uniqueName('tx');
    const forever = client.initTransactions({ transactionalId, transactionTimeoutMs: 2 ** 31 - 1 });
    await expect(forever).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      context: { transactionalId, kafkaError: 'INVALID_TRANSACTION_TIMEOUT' },
      message: expect.stringMatching(/transaction\.max\.timeout\.ms/),
    });
    const { producer } = await TransactionalWriter.init(client, transactionalId);
    await expect(client.endTransaction(producer, 'commit')).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      context: { kafkaError: 'INVALID_TXN_STATE' },
      message: expect.stringMatching(/nothing was added to it/),
    });
    const missing = uniqueName('missing');
    const nowhere = client.addPartitionsToTransaction(producer, [{ topic: missing, partition: 0 }]);
    await expect(nowhere).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    const topic = await createTopic('tx-errors');
    const beyond = client.addPartitionsToTransaction(producer, [
      { topic, partition: 0 },
      { topic, partition: 7 },
    ]);
    await expect(beyond).rejects.toMatchObject({
      code: 'KAFKA_RETRIABLE',
      context: { topic, partition: 7, kafkaError: 'UNKNOWN_TOPIC_OR_PARTITION' },
    });
    const stranger = { ...producer, transactionalId: uniqueName('never') };
    const unknown = client.addPartitionsToTransaction(stranger, [{ topic, partition: 0 }]);
    await expect(unknown).rejects.toMatchObject({
      code: 'KAFKA_ERROR',
      context: { kafkaError: 'INVALID_PRODUCER_ID_MAPPING' },
    });
  });
});
