/** What comes out where a run is stopped, killed, shared or fed a bad message: everything. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { col, MillraceError, type Run, Stream } from '../../src/index.ts';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import {
  committedOffsets,
  endOffsets,
  eventually,
  range,
  readAll,
  writeMessages,
} from './pipeline-harness.ts';

const PROCESS = fileURLToPath(new URL('./fixtures/pipeline-process.ts', import.meta.url));
const GROUP = { sessionTimeoutMs: 10_000, heartbeatIntervalMs: 100, rebalanceTimeoutMs: 10_000 };

const sum = (offsets: readonly bigint[]) => Number(offsets.reduce((a, b) => a + b, 0n));

/** Writes numbered messages without a pause until it is stopped. */
class Writer {
  written = 0;
  #stopped = false;
  readonly #done: Promise<void>;

  constructor(topic: string) {
    this.#done = this.#write(topic);
  }

  async #write(topic: string): Promise<void> {
    const producer = kafkajs().producer();
    await producer.connect();
    while (!this.#stopped) {
      const messages = range(200).map((i) => ({ value: `{"id":${this.written + i}}` }));
      await producer.send({ topic, acks: -1, messages });
      this.written += messages.length;
    }
    await producer.disconnect();
  }

  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#done;
    return this.written;
  }
}

interface Copy {
  readonly id: number;
  readonly _partition: number;
  readonly _offset: number;
}

/** How often each place of the input is in the output. */
async function placesIn(output: string): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  for (const { value } of await readAll(output)) {
    const { _partition, _offset } = JSON.parse(String(value)) as Copy;
    const place = `${_partition}/${_offset}`;
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  return places;
}

/** Every message of the input that is below `ends` and not in the output. */
function missing(places: ReadonlyMap<string, number>, ends: readonly (bigint | undefined)[]) {
  return ends.flatMap((end, partition) =>
    range(Number(end ?? 0n))
      .map((offset) => `${partition}/${offset}`)
      .filter((place) => !places.has(place)),
  );
}

async function startProcess(task: object): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [PROCESS, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout! });
  reader.on('line', (line) => lines.push(line));
  await once(reader, 'line');
  return { child, lines };
}

async function topics(partitions: number) {
  const topic = await createTopic('in', { partitions });
  const output = await createTopic('out', { partitions: 2 });
  return { brokers: sharedBrokers(), topic, output, groupId: uniqueName('group') };
}

const copying = (task: Awaited<ReturnType<typeof topics>>, until: 'latest' | 'forever') => {
  const { brokers, topic, output, groupId } = task;
  return Stream.fromKafka({
    ...{ brokers, topic, groupId, until, schema: { id: 'int64' }, group: GROUP },
    batch: { maxRows: 500 },
    commitIntervalMs: 50,
  })
    .select('_partition', '_offset', 'id')
    .toKafka({ topic: output });
};

test('SIGTERM in mid-run: drained, committed, exit status 0, nothing lost or doubled', async () => {
  const task = await topics(3);
  const writer = new Writer(task.topic);
  const { child, lines } = await startProcess(task);
  await eventually(async () => sum(await endOffsets(task.output)) > 5_000);
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'exit');
  expect([code, signal]).toEqual([0, null]);
  await writer.stop();
  const stats = JSON.parse(lines.at(-1)!) as ReturnType<Run['stats']>;
  expect(stats).toMatchObject({ state: 'closed', messagesOut: stats.messagesIn, inFlightBytes: 0 });
  // What was committed is what was written, to the message.
  const committed = await committedOffsets(task.groupId, task.topic);
  const ends = await endOffsets(task.topic);
  expect(sum(committed.map((offset) => offset ?? 0n))).toBe(stats.messagesOut);
  expect(stats.messagesOut).toBeLessThan(sum(ends));
  await (await copying(task, 'latest').run()).closed;
  const places = await placesIn(task.output);
  expect(missing(places, ends)).toEqual([]);
  expect([...places.values()].filter((times) => times > 1)).toEqual([]);
  expect(places.size).toBe(sum(ends));
});

test('SIGKILL in mid-run: after restarts every message is there', async () => {
  const task = await topics(3);
  const writer = new Writer(task.topic);
  for (let round = 1; round <= 2; round++) {
    const { child } = await startProcess(task);
    const before = sum(await endOffsets(task.output));
    await eventually(async () => sum(await endOffsets(task.output)) > before + 4_000);
    // Nothing is committed that is not in the output: looked at while it runs ...
    const committed = await committedOffsets(task.groupId, task.topic);
    expect(missing(await placesIn(task.output), committed)).toEqual([]);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    // ... and when it has died.
    const left = await committedOffsets(task.groupId, task.topic);
    expect(missing(await placesIn(task.output), left)).toEqual([]);
    expect(sum(left.map((offset) => offset ?? 0n))).toBeGreaterThan(0);
  }
  await writer.stop();
  const ends = await endOffsets(task.topic);
  await (await copying(task, 'latest').run()).closed;
  const places = await placesIn(task.output);
  expect(missing(places, ends)).toEqual([]);
  expect(places.size).toBe(sum(ends));
  expect(await committedOffsets(task.groupId, task.topic)).toEqual(ends);
});

test('two runs of a group share the partitions; where one stops the other takes over', async () => {
  const task = await topics(4);
  const writer = new Writer(task.topic);
  const first = await copying(task, 'forever').run();
  await eventually(() => first.stats().messagesOut > 1_000);
  const second = await copying(task, 'forever').run();
  await eventually(() => second.stats().messagesOut > 1_000);
  // Both at work at once.
  const { messagesOut } = first.stats();
  await eventually(() => first.stats().messagesOut > messagesOut + 1_000);
  await first.stop();
  const takenOver = second.stats().messagesOut;
  await eventually(() => second.stats().messagesOut > takenOver + 1_000);
  await writer.stop();
  const ends = await endOffsets(task.topic);
  const done = () => first.stats().messagesOut + second.stats().messagesOut >= sum(ends);
  await eventually(done);
  await second.stop();
  expect(await committedOffsets(task.groupId, task.topic)).toEqual(ends);
  const places = await placesIn(task.output);
  expect(missing(places, ends)).toEqual([]);
  expect([...places.values()].filter((times) => times > 1)).toEqual([]);
});

test('runs until latest in one group read everything between them', async () => {
  const task = await topics(4);
  const messages = range(40_000).map((id) => ({
    ...{ value: `{"id":${id}}`, partition: id % 100 < 97 ? 0 : id % 4 },
  }));
  await writeMessages(task.topic, messages, { perRequest: 1_000 });
  const runs = await Promise.all([1, 2, 3].map(() => copying(task, 'latest').run()));
  const stats = await Promise.all(runs.map((run) => run.closed));
  expect(stats.reduce((total, { messagesOut }) => total + messagesOut, 0)).toBe(40_000);
  const ends = await endOffsets(task.topic);
  const places = await placesIn(task.output);
  expect(missing(places, ends)).toEqual([]);
  expect(await committedOffsets(task.groupId, task.topic)).toEqual(ends);
});

test('a poison message stops the run and is named; what is before it is out', async () => {
  const task = await topics(1);
  const bad = 650;
  const messages = range(1_000).map((id) => ({
    value: id === bad ? '{"id":"six hundred and fifty"}' : `{"id":${id}}`,
  }));
  await writeMessages(task.topic, messages, { perRequest: 100 });
  const { brokers, topic, output, groupId } = task;
  const stream = Stream.fromKafka({
    ...{ brokers, topic, groupId, until: 'latest', schema: { id: 'int64' }, group: GROUP },
    batch: { maxRows: 100 },
    workers: 2,
  })
    .filter(col('id').gt(-1))
    .toKafka({ topic: output });
  const run = await stream.run();
  const error = await run.closed.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MillraceError);
  expect(error).toMatchObject({
    code: 'BAD_MESSAGE',
    context: { topic, partition: 0, offset: BigInt(bad), column: 'id' },
  });
  expect((error as Error).message).toContain(`${topic}-0 offset ${bad}`);
  expect(run.stats()).toMatchObject({ state: 'failed', messagesOut: bad, rejects: 1 });
  await expect(run.stop()).resolves.toBeUndefined();
  const ids = async () =>
    (await readAll(output))
      .map(({ value }) => (JSON.parse(String(value)) as Copy).id)
      .sort((a, b) => a - b);
  expect(await ids()).toEqual(range(bad));
  expect(await committedOffsets(groupId, topic)).toEqual([BigInt(bad)]);
  // Whoever looks into it and passes over it can go on.
  await testClient().commit(groupId, [{ topic, partition: 0, offset: BigInt(bad + 1) }]);
  await (await stream.run()).closed;
  expect(await ids()).toEqual(range(1_000).filter((id) => id !== bad));
  expect(await committedOffsets(groupId, topic)).toEqual([1_000n]);
});

test('says at once that a topic does not exist', async () => {
  const topic = await createTopic('there');
  const brokers = sharedBrokers();
  const absent = uniqueName('not-there');
  const schema = { id: 'int64' } as const;
  await expect(
    Stream.fromKafka({ brokers, topic: absent, until: 'latest', schema }).collect(),
  ).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC', context: { topic: absent } });
  await expect(
    Stream.fromKafka({ brokers, topic, schema }).toKafka({ topic: absent }).run(),
  ).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC', context: { topic: absent } });
});

test('gives up on brokers that are not there, and names them', async () => {
  const connection = { brokers: '127.0.0.1:1', retries: 2, retryDelayMs: 10 };
  const schema = { id: 'int64' } as const;
  const source = Stream.fromKafka({ ...connection, topic: 't', until: 'latest', schema });
  for (const attempt of [() => source.collect(), () => source.toKafka({ topic: 'u' }).run()]) {
    await expect(attempt()).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  }
});

test.each(['topic', 'output'] as const)(
  'fails when its %s is deleted in mid-run',
  async (which) => {
    const task = await topics(2);
    const writer = new Writer(task.topic);
    const run = await copying(task, 'forever').run();
    await eventually(() => run.stats().messagesOut > 500);
    if (which === 'topic') await writer.stop();
    const failed = expect(run.closed).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
      context: { topic: task[which] },
    });
    const admin = kafkajs().admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [task[which]] });
    await admin.disconnect();
    await failed;
    await writer.stop();
  },
);
