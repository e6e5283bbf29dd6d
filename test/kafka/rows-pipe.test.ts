import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KafkaSink, KafkaSource, pipe } from '../../src/index.ts';
import type { ClientName } from '../../src/ingest/clients/info.ts';
import { startProgram } from '../docs/snippets.ts';
import { root } from '../house/source-tree.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import {
  committedOffsets,
  endOffsets,
  eventually,
  readAll,
  writeMessages,
} from './pipeline-harness.ts';

interface Order {
  readonly id: number;
  readonly paid?: boolean;
}

const brokers = sharedBrokers();
const messages = (count: number, first = 0) =>
  Array.from({ length: count }, (_, i) => first + i).map((id) => ({
    key: `k-${id % 7}`,
    value: JSON.stringify({ id, paid: id % 3 !== 0 }),
    headers: { trace: `t-${id}` },
    timestamp: String(1_700_000_000_000 + id),
  }));

const idOf = ({ value }: { value: Buffer | null }) => (JSON.parse(String(value)) as Order).id;
const textOf = (bytes: Buffer | null) => bytes?.toString() ?? null;
const sum = (offsets: readonly (bigint | undefined)[]) =>
  offsets.reduce<number>((total, offset) => total + Number(offset ?? 0n), 0);

async function setUp(
  count: number,
  options: { partitions?: number; autoCommit?: boolean; client?: ClientName } = {},
) {
  const { partitions = 1, ...more } = options;
  const { client = 'auto' } = options;
  const topic = await createTopic('pipe-in', { partitions });
  const output = await createTopic('pipe-out', { partitions: 2 });
  await writeMessages(topic, messages(count));
  const groupId = uniqueName('pipe');
  const open = (until: 'latest' | 'forever' = 'latest') =>
    new KafkaSource<Order>({ brokers, topic, groupId, until, ...more });
  return {
    topic,
    output,
    groupId,
    open,
    sink: new KafkaSink<Order>({ brokers, client, topic: output }),
  };
}

describe('pipe', () => {
  test.each([
    [true, 'platformatic'],
    [false, 'platformatic'],
    [true, 'kafkajs'],
  ] as const)(
    'keeps the key and drops what is falsy, autoCommit %s, %s',
    async (autoCommit, client) => {
      const options = { autoCommit, client };
      const { topic, output, groupId, open, sink } = await setUp(3_000, options);
      await using _ = sink;
      const stats = await pipe(open(), async ({ id, paid }) => paid && { id }, sink);
      expect(sink.stats().client?.name).toContain(client);
      expect(stats).toEqual({ read: 3_000, written: 2_000, dropped: 1_000 });
      const written = await readAll(output);
      const ids = written.map(({ key, value, timestampMs, headers }) => {
        const { id } = JSON.parse(String(value)) as Order;
        expect(String(key)).toBe(`k-${id % 7}`);
        expect(timestampMs).toBe(1_700_000_000_000 + id);
        expect(headers).toEqual({});
        return id;
      });
      const paid = [...Array(3_000).keys()].filter((id) => id % 3 !== 0);
      expect(ids.toSorted((a, b) => a - b)).toEqual(paid);
      expect(await committedOffsets(groupId, topic)).toEqual([3_000n]);
    },
  );

  test('passes headers on where it is asked to, and takes a signal', async () => {
    const { output, open, sink } = await setUp(10);
    await using _ = sink;
    const stopping = new AbortController();
    const transform = (order: Order) => {
      if (order.id === 9) stopping.abort();
      return order;
    };
    const options = { headers: true, signal: stopping.signal };
    const { read } = await pipe(open('forever'), transform, sink, options);
    expect(read).toBe(10);
    const [first] = await readAll(output);
    expect(String(first!.headers.trace)).toMatch(/^t-\d$/);
  });

  test('what is passed on as it came loses nothing: tombstones and empty texts', async () => {
    const { topic, output, groupId } = await setUp(0);
    const values = ['x', '', null, 'y'];
    await writeMessages(
      topic,
      values.map((value, id) => ({ key: `k-${id}`, value })),
    );
    const codec = { codec: 'string' } as const;
    await using sink = new KafkaSink<string | null>({ brokers, topic: output, ...codec });
    const until = 'latest' as const;
    const texts = new KafkaSource<string>({ brokers, topic, groupId, until, ...codec });
    const stats = await pipe(texts, (text) => text, sink);
    expect(stats).toEqual({ read: 4, written: 4, dropped: 0 });
    const written = (await readAll(output)).map(({ key, value }) => [key, value].map(textOf));
    expect(written.toSorted()).toEqual(values.map((value, id) => [`k-${id}`, value]));
    expect(await committedOffsets(groupId, topic)).toEqual([4n]);
  });

  test('where a transform fails nothing of its batch is committed; it comes again', async () => {
    const { topic, output, groupId, open, sink } = await setUp(100);
    await using _ = sink;
    const broken = pipe(
      open(),
      (order) => {
        if (order.id === 50) throw new Error('no stock');
        return order;
      },
      sink,
    );
    await expect(broken).rejects.toMatchObject({
      code: 'CONSUMER_FAILED',
      message: expect.stringContaining('offset 50: no stock'),
    });
    expect((await committedOffsets(groupId, topic))[0] ?? 0n).toBe(0n);
    expect(await pipe(open(), (order) => order, sink)).toMatchObject({ read: 100, written: 100 });
    expect(await committedOffsets(groupId, topic)).toEqual([100n]);
    const ids = (await readAll(output)).map(({ value }) => (JSON.parse(String(value)) as Order).id);
    expect(new Set(ids).size).toBe(100);
  });

  test('a delivery that fails ends it, and is not committed', async () => {
    const { topic, groupId, open, output } = await setUp(100);
    await using small = new KafkaSink<Order & { text?: string }>({
      ...{ brokers, topic: output, maxBatchBytes: 1_000 },
    });
    const broken = pipe(
      open(),
      (order) => (order.id === 60 ? { ...order, text: 'x'.repeat(2_000) } : order),
      small,
    );
    await expect(broken).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect((await committedOffsets(groupId, topic))[0] ?? 0n).toBe(0n);
    expect(small.stats()).toMatchObject({ failed: 1, bufferedMessages: 0 });
  });

  test('a member joins and leaves in mid-pipe: every message is written, none twice', async () => {
    const { topic, output, groupId, sink } = await setUp(0, { partitions: 4 });
    await using _ = sink;
    await using other = new KafkaSink<Order>({ brokers, topic: output });
    const group = { sessionTimeoutMs: 6_000, heartbeatIntervalMs: 200 };
    const batch = { maxRows: 200 };
    const open = () => {
      return new KafkaSource<Order>({ brokers, topic, groupId, group, batch, workers: 1 });
    };
    let writing = true;
    const total = (async () => {
      let count = 0;
      for (; writing; count += 500) await writeMessages(topic, messages(500));
      return count;
    })();
    const [first, second] = [open(), open()];
    const counts = [0, 0];
    const counted = (i: number) => (order: Order) => {
      counts[i]! += 1;
      return order;
    };
    const one = pipe(first, counted(0), sink);
    await eventually(() => counts[0]! > 1_000);
    const two = pipe(second, counted(1), other);
    await eventually(() => counts[1]! > 1_000 && first.assignment().length === 2);
    await second.stop();
    await two;
    await eventually(() => first.assignment().length === 4);
    writing = false;
    const all = await total;
    await eventually(() => counts[0]! + counts[1]! >= all);
    await first.stop();
    await one;
    expect(counts[0]! + counts[1]!).toBe(all);
    expect(sum(await endOffsets(output))).toBe(all);
    expect(sum(await committedOffsets(groupId, topic))).toBe(all);
  });

  test('SIGINT in mid-run: what was read is written and committed, once', async () => {
    const { topic, output, groupId } = await setUp(20_000, { partitions: 3 });
    const fixture = join(root, 'test/kafka/fixtures/pipe-process.ts');
    const task = JSON.stringify({ brokers, topic, output, groupId });
    const start = () => startProgram(fixture, [task]);
    const first = start();
    let writing = true;
    const more = (async () => {
      for (let i = 0; writing && i < 200; i++) await writeMessages(topic, messages(500));
    })();
    await eventually(async () => (await endOffsets(output)).some((end) => end > 2_000n));
    first.child.kill('SIGINT');
    const outcome = await first.ended;
    writing = false;
    await more;
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const { read, written } = JSON.parse(outcome.stdout.split('\n')[1]!) as Record<string, number>;
    expect(written).toBe(read);
    expect(sum(await committedOffsets(groupId, topic))).toBe(read);
    expect(sum(await endOffsets(output))).toBe(written);
    const total = sum(await endOffsets(topic));
    expect(total).toBeGreaterThan(read!);
    const second = start();
    await eventually(async () => sum(await endOffsets(output)) >= total);
    second.child.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 0, stderr: '' });
    expect(sum(await endOffsets(output))).toBe(total);
    expect(sum(await committedOffsets(groupId, topic))).toBe(total);
  });

  test('SIGKILL in mid-run: after restarts nothing is lost, and each keeps its key', async () => {
    const { topic, output, groupId, open, sink } = await setUp(0, { partitions: 3 });
    await using _ = sink;
    const task = JSON.stringify({ brokers, topic, output, groupId });
    let writing = true;
    const writer = (async () => {
      for (let first = 0; writing; first += 500) await writeMessages(topic, messages(500, first));
    })();
    let before = 0;
    for (let round = 1; round <= 2; round++) {
      const { child, ended } = startProgram(join(root, 'test/kafka/fixtures/pipe-process.ts'), [
        task,
      ]);
      onTestFinished(() => void child.kill('SIGKILL'));
      await once(child.stdout, 'data');
      await eventually(async () => sum(await committedOffsets(groupId, topic)) > before + 3_000);
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ code: null, stderr: '' });
      // What was committed when it died is in the output.
      const committed = await committedOffsets(groupId, topic);
      before = sum(committed);
      const written = new Set((await readAll(output)).map(idOf));
      const done = (await readAll(topic)).filter(
        (message) => message.offset < (committed[message.partition] ?? 0n),
      );
      expect(done.filter((message) => !written.has(idOf(message)))).toEqual([]);
    }
    writing = false;
    await writer;
    await pipe(open(), ({ id }) => ({ id }), sink);
    const total = sum(await endOffsets(topic));
    expect(sum(await committedOffsets(groupId, topic))).toBe(total);
    const ids = new Set<number>();
    for (const message of await readAll(output)) {
      const id = idOf(message);
      expect(String(message.key)).toBe(`k-${id % 7}`);
      ids.add(id);
    }
    expect(ids.size).toBe(total);
  });
});
