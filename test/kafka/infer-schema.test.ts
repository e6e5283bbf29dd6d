import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Message } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { schemaFromArrowJson } from '../../src/arrow/schema-from-arrow-json.ts';
import { availableClients, inferSchema, Stream } from '../../src/index.ts';
import { testClient } from './client-harness.ts';
import { createTopic, kafkajs, sharedBrokers, uniqueName } from './cluster.ts';
import { writeMessages } from './pipeline-harness.ts';
import { TransactionalWriter } from './transactional-writer.ts';

const main = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const order = (id: number, more: object = {}): Message => ({
  key: `k${id}`,
  value: JSON.stringify({ id, amount: id / 4, at: '2026-01-15T10:30:00Z', ...more }),
});
const source = (topic: string) => ({ brokers: sharedBrokers(), topic });
const types = ({ schema }: { schema: { fields: readonly { name: string; type: unknown }[] } }) =>
  Object.fromEntries(schema.fields.map(({ name, type }) => [name, `${type}`]));

/** Runs the command to its end. */
async function millrace(args: string[], env: NodeJS.ProcessEnv = {}) {
  const run = promisify(execFile)(process.execPath, [main, 'schema', ...args], {
    env: { ...process.env, ...env },
  });
  return run.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}

let orders: string;

beforeAll(async () => {
  orders = await createTopic('infer-orders', { partitions: 3 });
  const messages = Array.from({ length: 300 }, (_, i) => {
    return { ...order(i, i < 30 ? { old: true } : {}), partition: i % 3 };
  });
  await writeMessages(orders, messages, { compression: 'gzip', perRequest: 50 });
});

describe.each(availableClients())('inferSchema with %s', (client) => {
  test('looks at the oldest messages of every partition, or the newest', async () => {
    const sample = { messages: 30, from: 'latest' } as const;
    const newest = await inferSchema({ ...source(orders), client }, sample);
    expect(newest.sampled).toBe(30);
    expect(types(newest)).toEqual({ id: 'Int64', amount: 'Float64', at: 'Utf8' });
    const options = { messages: 45, timestamps: true } as const;
    const oldest = await inferSchema({ ...source(orders), client }, options);
    expect(oldest.sampled).toBe(45);
    expect(oldest.toLiteral().split('\n').slice(1, -1)).toEqual([
      "  id: 'int64',",
      "  amount: 'float64',",
      "  at: 'timestamp',",
      "  old: 'bool?',",
    ]);
  });

  test('takes all there is where that is less than was asked for', async () => {
    const { sampled } = await inferSchema({ ...source(orders), client }, { messages: 100_000 });
    expect(sampled).toBe(300);
  });

  test('leaves out what was aborted, and reads further back for it', async () => {
    const topic = await createTopic('infer-transactions');
    await writeMessages(topic, [order(1), order(2)]);
    const writer = await TransactionalWriter.init(testClient(), uniqueName('writer'));
    for (let i = 0; i < 5; i++) {
      await writer.addAndWrite(topic, 0, '{"id":"aborted"}');
      await writer.end('abort');
    }
    for (const from of ['earliest', 'latest'] as const) {
      const inferred = await inferSchema({ ...source(topic), client }, { messages: 2, from });
      expect(inferred.sampled).toBe(2);
      expect(types(inferred).id).toBe('Int64');
    }
  });

  test('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    const inferred = inferSchema({ ...source(orders), client }, { signal });
    await expect(inferred).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

test('the schema reads its topic, and a message that does not fit later is named', async () => {
  const topic = await createTopic('infer-later');
  await writeMessages(topic, [order(1), order(2)]);
  const { schema } = await inferSchema(source(topic), { timestamps: true });
  const stream = Stream.fromKafka({ ...source(topic), schema, until: 'latest' });
  const rows = await stream.collect();
  expect(rows.numRows).toBe(2);
  await writeMessages(topic, [order(3), order(4, { amount: 'a lot' })]);
  await expect(stream.collect()).rejects.toMatchObject({
    code: 'BAD_MESSAGE',
    message: expect.stringMatching(/expected float64 for column "amount".*"a lot"/),
    context: { topic, partition: 0, offset: 3n },
  });
});

test('no group is joined and nothing is committed, whatever the options say', async () => {
  const groupId = uniqueName('infer-group');
  await inferSchema({ ...source(orders), groupId });
  const admin = kafkajs().admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  expect(groups.map((group) => group.groupId)).not.toContain(groupId);
});

test('several topics have one schema', async () => {
  const other = await createTopic('infer-other');
  await writeMessages(other, [{ value: '{"id":"x","more":1}' }]);
  const topics = [orders, other];
  const inferred = await inferSchema({ brokers: sharedBrokers(), topics });
  expect(types(inferred)).toMatchObject({ id: 'Utf8', more: 'Int64' });
  expect(inferred.notes).toContainEqual({
    kind: 'conflict',
    column: 'id',
    message: '300 numbers and 1 string: read as json',
  });
});

describe('millrace schema', () => {
  const brokers = () => sharedBrokers().join(',');
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-schema-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('prints the literal alone on standard output', async () => {
    const { code, stdout, stderr } = await millrace([orders, '--brokers', brokers()]);
    expect(stderr).toContain('inferred from 300 messages, the oldest of each partition');
    expect(stderr).toContain('hint: at: all strings are timestamps');
    expect(code).toBe(0);
    const [first, ...lines] = stdout.trimEnd().split('\n');
    expect(first).toMatch(/^export const inferOrders\w*Schema = \{$/);
    expect(lines).toEqual([
      "  id: 'int64',",
      "  amount: 'float64',",
      "  at: 'utf8',",
      "  old: 'bool?',",
      '} as const;',
    ]);
  });

  test('takes brokers from the environment, and a topic from a configuration', async () => {
    const config = join(folder, 'millrace.json');
    await writeFile(config, JSON.stringify({ source: { topic: orders, groupId: 'not-joined' } }));
    const env = { KAFKA_BOOTSTRAP_SERVERS: brokers() };
    const { code, stdout, stderr } = await millrace(
      ['--config', config, '--format', 'typescript', '--name', 'Order', '--timestamps'],
      env,
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(
      'export interface Order {\n  id: bigint;\n  amount: number;\n  at: number;\n' +
        '  old: boolean | null;\n}\n',
    );
  });

  test("writes Arrow's JSON to a file, which is a schema again", async () => {
    const out = join(folder, 'orders.json');
    const args = [orders, '--brokers', brokers(), '--format', 'arrow-json', '--out', out];
    const sample = ['--messages', '10', '--from', 'latest'];
    const { code, stdout, stderr } = await millrace([...args, ...sample]);
    expect(stderr).toContain('inferred from 10 messages, the newest of each partition');
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain(`written to ${out}`);
    const schema = schemaFromArrowJson(await readFile(out, 'utf8'));
    const table = await Stream.fromKafka({ ...source(orders), schema, until: 'latest' }).collect();
    expect(table.numRows).toBe(300);
  });

  test('says what is wrong with a topic', async () => {
    const empty = await createTopic('infer-empty');
    const text = await createTopic('infer-text');
    await writeMessages(text, [{ value: 'Hello' }, { value: '{"a":1' }]);
    const toldWith = async (status: number, args: readonly string[]) => {
      const { code, stdout, stderr } = await millrace([...args, '--brokers', brokers()]);
      expect([code, stdout], stderr).toEqual([status, '']);
      return stderr;
    };
    const told = (...args: string[]) => toldWith(1, args);
    const refused = (...args: string[]) => toldWith(2, args);
    expect(await told(empty)).toContain(`the topic ${empty} has no message`);
    expect(await told(text)).toMatch(/none of the 2 messages.*-0 at offset 0: invalid JSON/);
    expect(await told('infer-missing')).toContain('infer-missing');
    expect(await refused(orders, '--from', 'newest')).toContain('choose earliest, latest');
    expect(await refused(orders, 'other')).toContain('"other" is another');
    expect(await refused(orders, '--out', join(folder, 'no', 'such'))).toContain('--out');
    expect(await refused()).toContain('no topic: millrace schema TOPIC');
  });

  test('ends cleanly on Ctrl-C', async () => {
    // Takes connections and says nothing.
    const silent: Server = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const child = spawn(process.execPath, [main, 'schema', 'x', '--brokers', `127.0.0.1:${port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    await once(silent, 'connection');
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect([code, said]).toEqual([130, 'millrace: stopped; nothing was written\n']);
  });
});
