import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as ports from '../../src/testing/free-ports.ts';
import { EmbeddedKafka } from '../../src/testing/index.ts';
import { isRunning } from '../testing/is-running.ts';
import { createTopic, kafkajs, readMessages, sharedBrokers } from './cluster.ts';

vi.mock('../../src/testing/free-ports.ts', { spy: true });

const READY_MAX_MS = 15_000;
const GONE_MAX_MS = 20_000;
const external = process.env.KAFKA_BROKERS !== undefined;

async function until(condition: () => boolean, maxMs: number): Promise<boolean> {
  const deadline = Date.now() + maxMs;
  while (!condition() && Date.now() < deadline) await delay(20);
  return condition();
}

function values(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index}`);
}

async function produce(topic: string, brokers: readonly string[], count: number): Promise<void> {
  const producer = kafkajs(brokers).producer();
  await producer.connect();
  const messages = values(count).map((value) => ({ value }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

/** Starts a cluster in a process of its own and tells its pids and data folder. */
async function startInChild() {
  const entry = new URL('../../src/testing/index.ts', import.meta.url);
  const script = `
    import { EmbeddedKafka } from ${JSON.stringify(entry)};
    const kafka = await EmbeddedKafka.start();
    console.log(JSON.stringify(kafka.pids));
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Also where the test fails: what it started must not outlive it.
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const pids = JSON.parse(String(line)) as number[];
  // The folder is a private matter of the cluster: Java's command line names it.
  const command = readFileSync(`/proc/${pids[0]}/cmdline`, 'utf8');
  const folder = /\0-Djava\.io\.tmpdir=([^\0]+)/.exec(command)?.[1] ?? '';
  return { child, pids, folder };
}

describe('the shared broker', () => {
  test('takes messages and gives them back to Kafka’s own console consumer', async () => {
    const topic = await createTopic('console');
    await produce(topic, sharedBrokers(), 100);
    vi.stubEnv('KAFKA_BROKERS', sharedBrokers().join(','));
    await using kafka = await EmbeddedKafka.start();
    vi.unstubAllEnvs();
    expect(kafka.isExternal).toBe(true);
    const result = await kafka.runTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...['--bootstrap-server', kafka.bootstrapServers],
      ...['--topic', topic, '--from-beginning', '--max-messages', '100'],
    ]);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stdout.trimEnd().split('\n')).toEqual(values(100));
  });
});

describe.skipIf(external)('EmbeddedKafka', () => {
  test('is ready within 15 s, and nothing of it is left after stop()', async () => {
    const start = performance.now();
    const kafka = await EmbeddedKafka.start();
    expect(performance.now() - start).toBeLessThan(READY_MAX_MS);
    const [pid] = kafka.pids;
    expect(kafka.brokers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(isRunning(pid!)).toBe(true);
    await kafka.stop();
    expect(isRunning(pid!)).toBe(false);
    expect(kafka.pids).toEqual([]);
    await kafka.stop();
  });

  test('takes other ports where one is taken before the broker has it', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { freeLayout } = await vi.importActual<typeof ports>('../../src/testing/free-ports.ts');
    const taken: typeof freeLayout = async (...args) => ({
      ...(await freeLayout(...args)),
      brokerPorts: [port],
    });
    const layout = vi.mocked(ports.freeLayout).mockImplementationOnce(taken);
    onTestFinished(() => void layout.mockRestore());
    await using kafka = await EmbeddedKafka.start();
    expect(layout).toHaveBeenCalledTimes(2);
    expect(kafka.brokers[0]).not.toContain(`:${port}`);
    expect(await readMessages(await createTopic('ports', kafka), 0, kafka.brokers)).toEqual([]);
    layout.mockImplementation(taken);
    await expect(EmbeddedKafka.start()).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      context: { portTaken: true },
    });
  });

  test('keeps what was acknowledged through a kill and a restart', async () => {
    await using kafka = await EmbeddedKafka.start();
    const { brokers } = kafka;
    const topic = await createTopic('kept', { brokers });
    await produce(topic, brokers, 1000);
    await kafka.kill(0);
    expect(kafka.pids).toEqual([]);
    await kafka.restart(0);
    expect(kafka.brokers).toEqual(brokers);
    const read = await readMessages(topic, 1000, brokers);
    expect(read.map(({ value }) => String(value))).toEqual(values(1000));
  });

  test('keeps messages however old they are, unless it is told otherwise', async () => {
    await using kafka = await EmbeddedKafka.start({
      config: { 'log.retention.check.interval.ms': 100, 'log.initial.task.delay.ms': 0 },
    });
    const { brokers } = kafka;
    const admin = kafkajs(brokers).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const week = { name: 'retention.ms', value: String(7 * 24 * 3_600_000) };
    await admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic: 'kept' }, { topic: 'a-week', configEntries: [week] }],
    });
    const producer = kafkajs(brokers).producer();
    await producer.connect();
    const messages = [{ value: 'old', timestamp: '1700000000000' }];
    for (const topic of ['kept', 'a-week']) await producer.send({ topic, messages });
    await producer.disconnect();
    const first = async (topic: string) => (await admin.fetchTopicOffsets(topic))[0]!.low;
    const deadline = Date.now() + READY_MAX_MS;
    while ((await first('a-week')) !== '1' && Date.now() < deadline) await delay(50);
    expect(await first('a-week')).toBe('1');
    expect(await first('kept')).toBe('0');
  });

  test('three brokers go on without one of them', async () => {
    await using kafka = await EmbeddedKafka.start({ brokers: 3 });
    const { brokers } = kafka;
    expect(new Set(brokers).size).toBe(3);
    const topic = await createTopic('three', { brokers, replicationFactor: 3 });
    await produce(topic, brokers, 100);
    await kafka.kill(1);
    expect(kafka.pids).toHaveLength(2);
    const left = brokers.filter((_, index) => index !== 1);
    expect(await readMessages(topic, 100, left)).toHaveLength(100);
    await kafka.restart(1);
    expect(kafka.pids).toHaveLength(3);
  });

  test.for(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'leaves nothing behind when its process ends by %s',
    async (signal) => {
      const { child, pids, folder } = await startInChild();
      expect(existsSync(folder), folder).toBe(true);
      expect(pids.every(isRunning)).toBe(true);
      child.kill(signal);
      const gone = () => !pids.some(isRunning) && !existsSync(folder);
      expect(await until(gone, GONE_MAX_MS)).toBe(true);
    },
  );

  test('says why a broker does not start', async () => {
    const config = { 'log.retention.check.interval.ms': -1 };
    await expect(EmbeddedKafka.start({ config })).rejects.toMatchObject({
      code: 'BROKER_UNREACHABLE',
      message: expect.stringContaining('log.retention.check.interval.ms'),
    });
  });
});
