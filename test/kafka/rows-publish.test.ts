import { describe, expect, test } from 'vitest';
import {
  clientInfo,
  createPublisher,
  createSubscriber,
  fromKafka,
  toKafka,
} from '../../src/index.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import { CLIENTS } from './conformance-harness.ts';
import { committedOffsets } from './pipeline-harness.ts';

const brokers = sharedBrokers();

describe.each(CLIENTS)('%s', (client) => {
  test('publish, get with a time limit, and a second subscriber of the name goes on', async () => {
    const where = { brokers, client };
    const topic = await createTopic('publish');
    const url = `kafka://topic/${topic}`;
    const name = uniqueName('billing');
    await using publisher = createPublisher<{ n: number }>('shop', { destination: url, ...where });
    await publisher.start();
    expect(await publisher.publish({ n: 1 })).toMatchObject({ topic, partition: 0, offset: 0n });
    void publisher.publish({ n: 2 }, { key: 'k' });
    await publisher.flush();
    const subscribe = () => createSubscriber<{ n: number }>(name, { source: url, ...where });
    const first = subscribe();
    await first.start();
    expect(clientInfo().flatMap((info) => (info.inUse ? [info.client] : []))).toEqual([client]);
    // A group without offsets begins with the earliest message.
    expect(await first.get({ timeoutMs: 20_000 })).toEqual({ n: 1 });
    expect(await first.get()).toEqual({ n: 2 });
    expect(await first.get({ timeoutMs: 50 })).toBeUndefined();
    const waiting = first.get({ timeoutMs: 20_000 });
    await publisher.publish({ n: 3 });
    expect(await waiting).toEqual({ n: 3 });
    await first.commit();
    await first.stop();
    expect(await committedOffsets(`${name}_group`, topic)).toEqual([3n]);
    await publisher.publish({ n: 4 });
    await publisher.stop();
    await using second = subscribe();
    for await (const value of second) {
      expect(value).toEqual({ n: 4 });
      break;
    }
  });
});

test('the short form reads JSON as a member of the group', async () => {
  const topic = await createTopic('short');
  const groupId = uniqueName('short');
  await using sink = toKafka({ brokers, topic });
  await sink.sendBatch([{ n: 1 }, { n: 2 }]);
  await using source = fromKafka<{ n: number }>(brokers.join(','), topic, groupId);
  expect((await source.poll())?.value).toEqual({ n: 1 });
  expect((await source.poll())?.value).toEqual({ n: 2 });
  await source.stop();
  expect(await committedOffsets(groupId, topic)).toEqual([1n]);
});
