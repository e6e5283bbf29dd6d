/** Several sinks and sources of one run, and messages that become several, on a broker. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { tableFromArrays } from 'apache-arrow';
import { expect, onTestFinished, test } from 'vitest';
import { col, otherwise, runTogether, Stream } from '../../src/index.ts';
import { createTopic, sharedBrokers, uniqueName } from './cluster.ts';
import {
  committedOffsets,
  endOffsets,
  eventually,
  range,
  readAll,
  readByJava,
  type WholeMessage,
  writeMessages,
} from './pipeline-harness.ts';

const PROCESS = fileURLToPath(new URL('./fixtures/split-process.ts', import.meta.url));

interface Copy {
  readonly id: number;
  readonly _partition: number;
  readonly _offset: number;
}

const ignore = (): void => undefined;
const copyOf = ({ value }: WholeMessage) => JSON.parse(String(value)) as Copy;
const ids = (count: number, from = 0) =>
  range(count).map((i) => ({ key: `k${i % 7}`, value: `{"id":${from + i}}` }));
const isEven = (id: number) => id % 2 === 0;
const isNoThird = (id: number) => id % 3 !== 0;

const source = (topic: string, groupId?: string) => ({
  ...{ brokers: sharedBrokers(), topic, schema: { id: 'int64' } as const },
  ...{ until: 'latest' as const, batch: { maxRows: 300 }, commitIntervalMs: 50 },
  ...(groupId === undefined ? {} : { groupId }),
});

/** Fails where messages of one source partition are not in its order. */
function checkOrder(messages: readonly WholeMessage[]): void {
  const last = new Map<string, number>();
  for (const message of messages) {
    const { _partition, _offset } = copyOf(message);
    const lane = `${message.partition}/${_partition}`;
    expect(_offset).toBeGreaterThan(last.get(lane) ?? -1);
    last.set(lane, _offset);
  }
}

test('a topic is split into two by one read, and committed when both have it', async () => {
  const topic = await createTopic('in', { partitions: 3 });
  const [evens, others] = [
    await createTopic('even', { partitions: 2 }),
    await createTopic('other', { partitions: 4 }),
  ];
  await writeMessages(topic, ids(5_000));
  const groupId = uniqueName('group');
  const stream = Stream.fromKafka(source(topic, groupId)).select('_partition', '_offset', 'id');
  const { even, other } = stream.split({ even: col('id').mod(2).eq(0), other: otherwise() });
  const run = await runTogether(
    even.toKafka({ topic: evens }),
    other.toKafka({ topic: others, compression: 'zstd' }),
  );
  const stats = await run.closed;
  const alone = await (await stream.forEach(ignore).run()).closed;
  expect(stats.messagesIn).toBe(5_000);
  expect(alone.messagesIn).toBe(0);
  expect(stats.sinks.map(({ name, messagesOut }) => [name, messagesOut])).toEqual([
    [evens, 2_500],
    [others, 2_500],
  ]);
  for (const [output, wanted] of [
    [evens, isEven],
    [others, (id: number) => !isEven(id)],
  ] as const) {
    const messages = await readAll(output);
    expect(messages.map((message) => copyOf(message).id).sort((a, b) => a - b)).toEqual(
      range(5_000).filter(wanted),
    );
    checkOrder(messages);
  }
  expect(await committedOffsets(groupId, topic)).toEqual(await endOffsets(topic));
});

async function startProcess(task: object): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(createInterface({ input: child.stdout! }), 'line');
  return child;
}

/** Places of the input, as `partition/offset`, in an output. */
async function placesIn(output: string): Promise<Set<string>> {
  const copies = (await readAll(output)).map(copyOf);
  return new Set(copies.map(({ _partition, _offset }) => `${_partition}/${_offset}`));
}

test('a process of two sinks that is killed has committed nothing too early', async () => {
  const topic = await createTopic('in', { partitions: 3 });
  const outputs = [await createTopic('even', { partitions: 2 }), await createTopic('third')];
  const groupId = uniqueName('group');
  const task = { brokers: sharedBrokers(), topic, outputs, groupId };
  let written = 0;
  let child = await startProcess(task);
  for (let round = 0; round < 3; round++) {
    await writeMessages(topic, ids(4_000, written), { perRequest: 500 });
    written += 4_000;
    await eventually(async () => (await endOffsets(outputs[1]!))[0]! > BigInt(round * 500));
    await delay(Math.random() * 150);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const committed = await committedOffsets(groupId, topic);
    const inputs = (await readAll(topic)).filter(
      ({ partition, offset }) => offset < (committed[partition] ?? 0n),
    );
    for (const [i, wanted] of [isEven, isNoThird].entries()) {
      const places = await placesIn(outputs[i]!);
      const missing = inputs.filter(
        ({ value, partition, offset }) =>
          wanted(JSON.parse(String(value)).id) && !places.has(`${partition}/${offset}`),
      );
      expect(missing, `round ${round}, sink ${i}`).toEqual([]);
    }
    child = await startProcess(task);
  }
  const ends = await endOffsets(topic);
  await eventually(async () => {
    const committed = await committedOffsets(groupId, topic);
    return ends.every((end, partition) => committed[partition] === end);
  });
  child.kill('SIGTERM');
  await once(child, 'exit');
  for (const [i, wanted] of [isEven, isNoThird].entries()) {
    const found = new Set((await readAll(outputs[i]!)).map((message) => copyOf(message).id));
    expect([...found].sort((a, b) => a - b)).toEqual(range(written).filter(wanted));
  }
}, 180_000);

test('where one sink refuses a message, what both have before it is committed', async () => {
  const topic = await createTopic('in');
  const [wide, narrow] = [
    await createTopic('wide'),
    await createTopic('narrow', { config: { 'max.message.bytes': '2000' } }),
  ];
  const text = (i: number) => (i === 700 ? 'x'.repeat(5_000) : 'y');
  const values = range(1_000).map((i) => ({ value: JSON.stringify({ id: i, text: text(i) }) }));
  await writeMessages(topic, values, { perRequest: 100 });
  const groupId = uniqueName('group');
  const stream = Stream.fromKafka({
    ...{ ...source(topic, groupId), schema: { id: 'int64', text: 'utf8' } },
    batch: { maxRows: 100 },
  });
  const { all, also } = stream.split({ all: true, also: true });
  const run = await runTogether(all.toKafka({ topic: wide }), also.toKafka({ topic: narrow }));
  await expect(run.closed).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    context: { topic, partition: 0, offset: 700n },
  });
  expect(await committedOffsets(groupId, topic)).toEqual([700n]);
  for (const output of [wide, narrow]) {
    const found = (await readAll(output)).map((message) => copyOf(message).id);
    expect(found).toEqual(range(700));
  }
});

test('two topics become one, each committed for its own group, beside batches', async () => {
  const [first, second] = [
    await createTopic('first', { partitions: 2 }),
    await createTopic('second', { partitions: 3 }),
  ];
  const output = await createTopic('both', { partitions: 2 });
  await writeMessages(first, ids(2_000));
  await writeMessages(
    second,
    range(1_500).map((i) => ({ value: `{"number":${10_000 + i}}` })),
  );
  const [one, two] = [uniqueName('one'), uniqueName('two')];
  const from = Stream.fromKafka(source(first, one)).select('id', '_partition', '_offset', {
    from: 'first',
  });
  const more = Stream.fromKafka({ ...source(second, two), schema: { number: 'int32' } })
    .map({ id: col('number').cast('int64') })
    .select({ from: 'second' }, '_offset', '_partition', 'id');
  const batches = Stream.fromBatches(
    tableFromArrays({ id: BigInt64Array.from([-1n, -2n]), _partition: Int32Array.from([0, 0]) }),
  ).select('id', '_partition', { _offset: col('id').neg(), from: 'third' });
  const both = from.union(more).union(batches as never);
  const run = await both.filter(col('id').ne(5)).toKafka({ topic: output, key: 'from' }).run();
  expect((await run.closed).messagesIn).toBe(3_502);
  expect(await committedOffsets(one, first)).toEqual(await endOffsets(first));
  expect(await committedOffsets(two, second)).toEqual(await endOffsets(second));
  const messages = await readAll(output);
  const found = messages.map((message) => copyOf(message).id).sort((a, b) => a - b);
  const wanted = [
    -2,
    -1,
    ...range(2_000).filter((id) => id !== 5),
    ...range(1_500).map((i) => 10_000 + i),
  ];
  expect(found).toEqual(wanted);
  for (const name of ['first', 'second', 'third']) {
    checkOrder(messages.filter(({ key }) => String(key) === name));
  }
});

test('the items of orders are messages of their own, with time, key and headers', async () => {
  const topic = await createTopic('orders', { partitions: 2 });
  const output = await createTopic('items', { partitions: 3 });
  const order = (id: number) => ({
    key: `c${id % 5}`,
    timestamp: String(1_700_000_000_000 + id),
    headers: { trace: `t${id}` },
    value: JSON.stringify({ id, items: range(id % 4).map((n) => ({ sku: `${id}-${n}`, n })) }),
  });
  await writeMessages(topic, range(600).map(order));
  const run = await Stream.fromKafka({
    ...{ ...source(topic), schema: { id: 'int64', items: [{ sku: 'utf8', n: 'int32' }] } },
  })
    .unnest('items', { as: 'item', index: 'line' })
    .select('id', 'line', { sku: col('item').field('sku') })
    .toKafka({ topic: output, key: '_key', headers: '_headers' })
    .run();
  await run.closed;
  const lines = range(600).flatMap((id) =>
    range(id % 4).map((n) => JSON.stringify({ id, line: n, sku: `${id}-${n}` })),
  );
  const printed = await readByJava(output, lines.length);
  expect(printed.map(({ value }) => value).sort()).toEqual([...lines].sort());
  for (const { key, value, timestampMs } of printed) {
    const { id } = JSON.parse(value!);
    expect([key, timestampMs]).toEqual([`c${id % 5}`, 1_700_000_000_000 + id]);
  }
  const read = await readAll(output);
  for (const { headers, value } of read) {
    expect(String(headers.trace)).toBe(`t${JSON.parse(String(value)).id}`);
  }
});

test('a tap that fails keeps what it did not take from being committed', async () => {
  const topic = await createTopic('in');
  const output = await createTopic('out');
  await writeMessages(topic, ids(1_000), { perRequest: 100 });
  const groupId = uniqueName('group');
  let seen = 0;
  const run = await Stream.fromKafka({ ...source(topic, groupId), batch: { maxRows: 100 } })
    .tap((batch) => {
      if (seen === 300) throw new Error('enough');
      seen += batch.numRows;
    })
    .toKafka({ topic: output })
    .run();
  await expect(run.closed).rejects.toMatchObject({ code: 'CONSUMER_FAILED' });
  expect(await committedOffsets(groupId, topic)).toEqual([300n]);
});
