import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import kafkajsPackage from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  needsKafka,
  program,
  type Snippet,
  snippets,
  startProgram,
  writePrograms,
} from '../docs/snippets.ts';
import { createTopic, kafkajs, readMessages, sharedBrokers, uniqueName } from './cluster.ts';

/** What a block needs and what must come of it. */
interface Case {
  /** Values of the topic `orders` before the block runs; texts and bytes are written as such. */
  readonly orders?: readonly (object | string)[];
  /** How many messages it writes to `big-orders`; then it is stopped, since it runs for ever. */
  readonly bigOrders?: readonly { readonly key: string; readonly value: object }[];
  /** What it has written to `big-orders` when it has ended by itself. */
  readonly written?: readonly { readonly key: string; readonly value: object }[];
  readonly check?: (stdout: string) => void;
  /** What it prints to stderr. Default: nothing. */
  readonly stderr?: RegExp;
}

const created = '2026-03-01T12:00:00.000Z';
const amounts = [500, 2000, null, 1000, 3000];
const orders = amounts.map((amount, id) => {
  const country = id % 2 === 0 ? 'DE' : 'FR';
  return { id, customer: `customer-${id}`, amount, created, country };
});
const items = [{ price: 9.5, quantity: 2 }];
const lines = ['7|paid', '8|sent'];

const CASES: Readonly<Record<string, Case>> = {
  'README.md#1': {
    orders,
    bigOrders: [
      { key: 'customer-1', value: { id: 1, customer: 'customer-1', euros: 2000 * 0.92 } },
      { key: 'customer-4', value: { id: 4, customer: 'customer-4', euros: 3000 * 0.92 } },
    ],
  },
  'README.md#2': {
    orders,
    check: (stdout) => {
      expect(stdout).toMatch(/_partition.*_offset.*id.*amount/);
      expect(stdout.match(/│ 0n? +│ \dn/g)).toHaveLength(4);
      expect(stdout).toMatch(/│ 4n +│ 4n +│ 3000 +│/);
    },
  },
  'README.md#3': {
    orders: [
      { country: 'DE', items, paid: true },
      { country: 'FR', items: [], paid: true },
      { country: 'DE', items, paid: false },
      { country: 'IT', items, paid: true },
      { country: 'FR', items, paid: null },
    ],
    check: (stdout) => expect(stdout).toBe('2 paid orders\n'),
  },
  'README.md#5': { check: (stdout) => expect(stdout.trim()).toBe(sharedBrokers().join()) },
  'docs/errors.md#1': {
    orders: [{ id: 1 }, { id: 'two' }],
    stderr: /^poison message at orders-\S+-0 offset 1\n$/,
  },
  'docs/expressions.md#1': {
    check: (stdout) => expect(stdout).toMatch(/^runs +filter .*amount/m),
  },
  'docs/groups.md#1': {
    orders,
    check: (stdout) => expect(stdout).toMatch(/^new 1\n(rows \d\n)+gone 1\n$/),
  },
  'docs/groups.md#2': {
    orders,
    check: (stdout) => expect(stdout).toMatch(/^1 at 0\/1\n/),
  },
  'docs/groups.md#3': {
    orders,
    check: (stdout) => expect(stdout).toBe('committed up to order 2\n'),
  },
  'docs/inference.md#1': {
    orders,
    check: (stdout) => expect(stdout).toBe('5 rows of 5 columns\n'),
    stderr: /^hint: created: all strings are timestamps; .*\n$/,
  },
  'docs/json.md#1': {
    orders: [{ id: 1 }, '{"id":', { id: 'two' }, Buffer.from('{"id":"\xff"}', 'latin1'), { id: 3 }],
    check: (stdout) => expect(stdout).toBe('5 read, 5 written\n'),
  },
  'docs/json.md#2': {
    orders: [{ id: 1 }, '{"id":', { id: 2 }, { id: 'two' }, { id: 3 }],
    check: (stdout) => expect(stdout).toBe('1 orders\n1 orders\n1 orders\n'),
    stderr: /^passed over offset 1: syntax\npassed over offset 3: type\n$/,
  },
  'docs/row-api.md#1': {
    check: (stdout) => expect(stdout).toBe("stored at offset 0\n0n { id: 7, customer: 'c-1' }\n"),
  },
  'docs/row-api.md#2': {
    orders: [
      { order_id: '1', customer_id: 'c-1', paid: true },
      { order_id: '2', customer_id: 'c-2', paid: false },
    ],
    check: (stdout) => expect(stdout).toBe('{ read: 2, dropped: 1, written: 1 }\n'),
  },
  'docs/row-api.md#3': {
    orders: lines,
    written: [
      { key: 'null', value: { id: 7, action: 'paid' } },
      { key: 'null', value: { id: 8, action: 'sent' } },
    ],
  },
  'docs/row-api.md#4': {
    orders: lines,
    written: [
      { key: '7', value: { id: 7, action: 'paid' } },
      { key: '8', value: { id: 8, action: 'sent' } },
    ],
  },
  'docs/row-api.md#5': {
    orders: lines,
    written: [
      { key: 'paid', value: { id: 7, line: 0 } },
      { key: 'sent', value: { id: 8, line: 1 } },
    ],
    check: (stdout) => expect(stdout).toBe('2\n'),
  },
  'docs/row-api.md#6': {
    check: (stdout) => expect(stdout).toBe('8\n'),
  },
  'docs/stream-api.md#1': {
    orders,
    bigOrders: [
      { key: 'FR', value: { id: 1, euros: 2000 * 0.92, country: 'FR' } },
      { key: 'DE', value: { id: 4, euros: 3000 * 0.92, country: 'DE' } },
    ],
  },
  'docs/stream-api.md#3': {
    orders,
    bigOrders: [
      { key: 'null', value: { id: 1, amount: 2000, euros: 2000 * 0.92 } },
      { key: 'null', value: { id: 4, amount: 3000, euros: 3000 * 0.92 } },
    ],
  },
  'docs/testing.md#1': { check: (stdout) => expect(stdout.trim()).toBe(sharedBrokers().join()) },
};

// The independent reader leaves zstd to its user.
kafkajsPackage.CompressionCodecs[kafkajsPackage.CompressionTypes.ZSTD] = () => ({
  compress: () => Promise.reject(new Error('it only reads')),
  decompress: promisify(zstdDecompress),
});

const here = snippets().filter(needsKafka);
const cleanup: (() => Promise<void>)[] = [];
let topics: Readonly<Record<string, string>>;

beforeAll(async () => {
  expect(Object.keys(CASES), 'a case for every block with Kafka').toEqual(
    here.map(({ name }) => name),
  );
});

afterAll(async () => {
  for (const remove of cleanup) await remove();
});

/** The block on the shared broker: its address, topics and groups that no other test has. */
function onSharedBroker(snippet: Snippet): string {
  const brokers = `brokers: '${sharedBrokers().join(',')}'`;
  const text = program(snippet)
    .replaceAll("brokers: 'localhost:9092'", brokers)
    .replaceAll(/\btopic: '([\w-]+)'/g, (_, name: string) => `topic: '${topics[name]}'`)
    .replaceAll(/\bgroupId: '([\w-]+)'/g, (_, name: string) => `groupId: '${uniqueName(name)}'`);
  return text.includes(brokers) ? text : text.replace(/\btopic: /, `${brokers}, topic: `);
}

async function produce(topic: string, values: readonly (object | string)[]): Promise<void> {
  const producer = kafkajs().producer();
  await producer.connect();
  const messages = values.map((value) => {
    const isRaw = typeof value === 'string' || Buffer.isBuffer(value);
    return { value: isRaw ? value : JSON.stringify(value) };
  });
  if (messages.length > 0) await producer.send({ topic, messages });
  await producer.disconnect();
}

/** The messages that came to `big-orders`, of JSON. */
async function keyed(count: number) {
  const messages = await readMessages(topics['big-orders']!, count);
  return messages.map(({ key, value }) => ({ key: String(key), value: JSON.parse(String(value)) }));
}

test.for(here.map((snippet) => [snippet.at, snippet] as const))('%s', async ([, snippet]) => {
  const { orders: values = [], bigOrders, written, check, stderr = /^$/ } = CASES[snippet.name]!;
  topics = {
    orders: await createTopic('orders'),
    'big-orders': await createTopic('big-orders'),
    'other-orders': await createTopic('other-orders'),
  };
  await produce(topics.orders!, values);
  const { folder, remove } = await writePrograms({ 'snippet.ts': onSharedBroker(snippet) });
  cleanup.push(remove);
  const env = { KAFKA_BROKERS: sharedBrokers().join(',') };
  const { child, ended } = startProgram(join(folder, 'snippet.ts'), [], env);
  if (bigOrders !== undefined) {
    const failed = ended.then((outcome) => {
      throw new Error(`it ended by itself: ${outcome.stderr}`);
    });
    const messages = await Promise.race([keyed(2), failed]);
    failed.catch(() => undefined);
    expect(messages).toEqual(bigOrders);
    child.kill('SIGTERM');
  }
  const outcome = await ended;
  expect(outcome.stderr).toMatch(stderr);
  expect(outcome.code).toBe(0);
  if (bigOrders !== undefined) expect(outcome.stdout).toContain('messagesOut: 2');
  if (written !== undefined) expect(await keyed(written.length)).toEqual(written);
  check?.(outcome.stdout);
});
