/** What a pipeline reads and writes, message by message; the witnesses are other clients. */
import { expect, test } from 'vitest';
import { col, Stream } from '../../src/index.ts';
import { bytesOf, fetchFrom, testClient } from './client-harness.ts';
import { createTopic, sharedBrokers } from './cluster.ts';
import {
  COMPRESSION_IDS,
  type CompressionName,
  range,
  readAll,
  readByJava,
  sharedKafka,
  type WholeMessage,
  writeMessages,
} from './pipeline-harness.ts';

const NAMES = Object.keys(COMPRESSION_IDS) as CompressionName[];
const FIRST_TIMESTAMP_MS = 1_700_000_000_000;
const ORDER = { id: 'int64', customer: 'utf8', amount: 'float64?' } as const;

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly amount?: number | null;
  readonly note: string;
}

function orderAt(id: number): Order {
  const customer = `Zoë \u{1f600} "${id % 97}"`;
  const note = 'x'.repeat(id % 50);
  if (id % 11 === 0) return { id, customer, note };
  return { id, customer, note, amount: id % 7 === 0 ? null : (id * 7919) % 2_000.5 };
}

const orderMessages = (count: number) =>
  range(count).map((id) => ({
    key: `key-${id % 41}`,
    value: JSON.stringify(orderAt(id)),
    timestamp: String(FIRST_TIMESTAMP_MS + id),
  }));

/** Headers as kafkajs gives them, as text. */
function texts(headers: WholeMessage['headers']) {
  const text = (value: unknown) => (Array.isArray(value) ? value.map(String) : String(value));
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, text(value)]));
}

/** The compressions of a topic's batches, from their headers. */
async function compressionsIn(topic: string, partitions: number): Promise<Set<number>> {
  const client = testClient();
  const positions = range(partitions).map((partition) => ({ topic, partition, offset: 0n }));
  const { sets } = await fetchFrom(client, positions);
  const found = new Set<number>();
  for (const set of sets) {
    const bytes = bytesOf(set);
    for (let at = 0; at + 61 <= bytes.length; at += 12 + bytes.readInt32BE(at + 8)) {
      found.add(bytes.readInt16BE(at + 21) & 7);
    }
  }
  return found;
}

test.each(NAMES)('filter, map and select, %s in and out, against Java', async (compression) => {
  const count = 3_000;
  const topic = await createTopic('orders', { partitions: 3 });
  const output = await createTopic('big-orders', { partitions: 4 });
  const messages = orderMessages(count);
  await writeMessages(topic, messages, { compression, perRequest: 700 });
  expect(await compressionsIn(topic, 3)).toEqual(new Set([COMPRESSION_IDS[compression]]));
  const run = await Stream.fromKafka({
    brokers: sharedBrokers(),
    topic,
    until: 'latest',
    schema: ORDER,
  })
    .filter(col('amount').gt(1_000))
    .map({ euros: col('amount').mul(0.92) })
    .select('id', 'customer', 'euros')
    .toKafka({ topic: output, key: '_key', compression })
    .run();
  const stats = await run.closed;
  const expected = new Map<number, string>();
  for (const id of range(count)) {
    const { customer, amount } = orderAt(id);
    if (amount == null || amount <= 1_000) continue;
    expected.set(id, JSON.stringify({ id, customer, euros: amount * 0.92 }));
  }
  expect(expected.size).toBeGreaterThan(500);
  expect(stats).toMatchObject({ messagesIn: count, messagesOut: expected.size, state: 'closed' });
  const printed = await readByJava(output, expected.size);
  for (const { key, value, timestampMs } of printed) {
    const { id } = JSON.parse(value!) as Order;
    expect(value).toBe(expected.get(id));
    expect(key).toBe(`key-${id % 41}`);
    expect(timestampMs).toBe(FIRST_TIMESTAMP_MS + id);
    expected.delete(id);
  }
  expect(expected.size).toBe(0);
  expect(await compressionsIn(output, 4)).toEqual(new Set([COMPRESSION_IDS[compression]]));
});

test('puts keyed messages where the Java producer puts them', async () => {
  const partitions = 7;
  const topic = await createTopic('java-keys', { partitions });
  const output = await createTopic('our-keys', { partitions });
  const keys = range(300).map((i) => `${'käse-\u{1f9c0}-'.repeat(i % 4)}${'k'.repeat(i % 9)}${i}`);
  const kafka = await sharedKafka();
  const produced = await kafka.runTool(
    'org.apache.kafka.tools.ConsoleProducer',
    [
      ...['--bootstrap-server', kafka.bootstrapServers, '--topic', topic],
      ...['--compression-codec', 'lz4', '--reader-property', 'parse.key=true'],
    ],
    { stdin: `\t{"n":-1}\n${keys.map((key, n) => `${key}\t{"n":${n}}\n`).join('')}` },
  );
  expect(produced.code, produced.stderr).toBe(0);
  const source = Stream.fromKafka({
    brokers: sharedBrokers(),
    topic,
    until: 'latest',
    schema: { n: 'int32' },
  });
  await (await source.toKafka({ topic: output, key: '_key' }).run()).closed;
  const placed = async (name: string) =>
    new Map((await readAll(name)).map((m) => [m.key?.toString(), m.partition]));
  const theirs = await placed(topic);
  expect(theirs.size).toBe(301);
  expect(new Set(theirs.values()).size).toBe(partitions);
  expect(await placed(output)).toEqual(theirs);
});

test('deals messages out evenly round-robin, keyed or not', async () => {
  const topic = await createTopic('unkeyed');
  await writeMessages(
    topic,
    range(2_100).map((n) => ({ key: n % 2 ? 'same' : null, value: `{"n":${n}}` })),
  );
  const source = Stream.fromKafka({
    brokers: sharedBrokers(),
    topic,
    until: 'latest',
    schema: { n: 'int32' },
  });
  for (const sink of [{}, { key: '_key', partitioner: 'round-robin' as const }]) {
    const output = await createTopic('dealt', { partitions: 7 });
    const run = await source.toKafka({ topic: output, ...sink }).run();
    const { morsels } = await run.closed;
    const perPartition = new Array<number>(7).fill(0);
    const seen = new Set<number>();
    for (const { partition, value, key } of await readAll(output)) {
      perPartition[partition]! += 1;
      const { n } = JSON.parse(String(value)) as { n: number };
      seen.add(n);
      expect(key?.toString()).toBe('key' in sink && n % 2 ? 'same' : undefined);
    }
    expect(seen.size).toBe(2_100);
    expect(Math.max(...perPartition) - Math.min(...perPartition)).toBeLessThanOrEqual(morsels);
  }
});

test('metadata columns say what the message says', async () => {
  const topics = [await createTopic('meta', { partitions: 2 }), await createTopic('meta')];
  const headers = { trace: 'abc', many: ['1', 'zwei'], empty: '' };
  for (const topic of topics) {
    await writeMessages(topic, [
      { key: 'k', value: '{"n":1}', headers, timestamp: '1700000000123' },
      { key: null, value: '{"n":2}', timestamp: '1700000000124' },
      { key: Buffer.from([0, 255]), value: '{"n":3}', timestamp: '5' },
    ]);
  }
  const table = await Stream.fromKafka({
    brokers: sharedBrokers(),
    topics,
    until: 'latest',
    schema: { n: 'int32' },
  })
    .select('_topic', '_partition', '_offset', '_timestamp', '_key', '_headers', 'n')
    .collect();
  const ours = table.toArray().map((row) => ({
    topic: row._topic,
    partition: row._partition,
    offset: row._offset,
    timestampMs: row._timestamp!,
    key: row._key && Buffer.from(row._key).toString('hex'),
    headers: [...row._headers].map((h) => `${h!.key}=${Buffer.from(h!.value ?? []).toString()}`),
    value: `{"n":${row.n}}`,
  }));
  const theirs = (await Promise.all(topics.map((topic) => readAll(topic)))).flat();
  const flat = theirs.map((message) => ({
    ...message,
    key: message.key?.toString('hex') ?? null,
    value: String(message.value),
    headers: Object.entries(message.headers).flatMap(([key, value]) =>
      [value].flat().map((one) => `${key}=${String(one)}`),
    ),
  }));
  const byPlace = (a: (typeof flat)[number], b: (typeof flat)[number]) =>
    a.topic.localeCompare(b.topic) || a.partition - b.partition || Number(a.offset - b.offset);
  expect(ours.sort(byPlace)).toEqual(flat.sort(byPlace));
  const [first] = ours.filter(({ value }) => value === '{"n":1}');
  expect(first!.headers).toEqual(['trace=abc', 'many=1', 'many=zwei', 'empty=']);
});

test('passes headers on where it is asked to, with the timestamps', async () => {
  const topic = await createTopic('traced');
  await writeMessages(topic, [
    {
      value: '{"n":1}',
      headers: { trace: 'abc', many: ['1', 'zwei'] },
      timestamp: '1700000000123',
    },
    { value: '{"n":2}', timestamp: '1700000000124' },
    { value: '{"n":-3}', headers: { trace: 'left out' } },
    { value: '{"n":4}', headers: { empty: '' }, timestamp: '1700000000125' },
  ]);
  const stream = Stream.fromKafka({
    ...{ brokers: sharedBrokers(), topic, until: 'latest', schema: { n: 'int32' } },
  }).filter(col('n').gt(0));
  const copied = async (from: Pick<typeof stream, 'toKafka'>, headers?: string) => {
    const output = await createTopic('traced-copy', { partitions: 2 });
    const sink = { topic: output, ...(headers === undefined ? {} : { headers }) };
    await (await from.toKafka(sink).run()).closed;
    return (await readAll(output))
      .sort((a, b) => a.timestampMs - b.timestampMs)
      .map((m) => [m.timestampMs, String(m.value), texts(m.headers)]);
  };
  const all = [
    [1_700_000_000_123, '{"n":1}', { trace: 'abc', many: ['1', 'zwei'] }],
    [1_700_000_000_124, '{"n":2}', {}],
    [1_700_000_000_125, '{"n":4}', { empty: '' }],
  ];
  expect(await copied(stream, '_headers')).toEqual(all);
  const renamed = stream.select('n', { sent: col('_headers') });
  expect(await copied(renamed, 'sent')).toEqual(all);
  expect(await copied(stream)).toEqual(all.map(([at, value]) => [at, value, {}]));
});

test('writes null rows as tombstones, and reads them', async () => {
  const topic = await createTopic('upserts');
  await writeMessages(topic, [
    { key: 'a', value: '{"id":"a","price":1.5}' },
    { key: 'b', value: '{"id":"b","price":null}' },
    { key: 'c', value: '{"id":"c"}' },
  ]);
  const changes = await createTopic('changes', { config: { 'cleanup.policy': 'compact' } });
  const source = Stream.fromKafka({
    brokers: sharedBrokers(),
    topic,
    until: 'latest',
    schema: { id: 'utf8', price: 'float64?' },
  });
  const sink = { topic: changes, key: 'id', keyInValue: false, tombstones: true };
  await (await source.toKafka(sink).run()).closed;
  const written = (await readAll(changes)).map((m) => [String(m.key), m.value?.toString() ?? null]);
  expect(written).toEqual([
    ['a', '{"price":1.5}'],
    ['b', null],
    ['c', null],
  ]);
  const copy = await createTopic('changes-copy');
  const values = Stream.fromKafka({
    brokers: sharedBrokers(),
    topic: changes,
    until: 'latest',
    codec: 'string',
  });
  await (await values.toKafka({ topic: copy, codec: 'string', key: '_key' }).run()).closed;
  const copied = (await readAll(copy)).map((m) => [String(m.key), m.value?.toString() ?? null]);
  expect(copied).toEqual(written);
});

test.each(['string', 'bytes'] as const)(
  'copies %s values unchanged, empty ones too',
  async (codec) => {
    const topic = await createTopic('values');
    const output = await createTopic('values-copy');
    const values = [
      Buffer.alloc(0),
      Buffer.from('a'),
      null,
      Buffer.from('naïve \u{1f600}'),
      ...(codec === 'bytes' ? [Buffer.from([0, 1, 255, 254, 192, 128])] : []),
      Buffer.from('z'.repeat(100_000)),
      Buffer.alloc(0),
    ];
    await writeMessages(
      topic,
      values.map((value, i) => ({ value, key: i % 2 ? Buffer.alloc(0) : null })),
    );
    const source = { brokers: sharedBrokers(), topic, until: 'latest' as const };
    const stream =
      codec === 'string'
        ? Stream.fromKafka({ ...source, codec: 'string' })
        : Stream.fromKafka({ ...source, codec: 'bytes' });
    const run = await stream.toKafka({ topic: output, codec, key: '_key' }).run();
    await run.closed;
    const copies = await readAll(output);
    expect(copies.map(({ value }) => value)).toEqual(values);
    expect(copies.map(({ key }) => key?.length)).toEqual(
      values.map((_, i) => (i % 2 ? 0 : undefined)),
    );
  },
);
