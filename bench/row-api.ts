/**
 * What an object per message costs: the row API beside the stream API, reading and writing the same
 * orders on one broker. Not a suite; the figures are in docs/row-api.md.
 *
 *     node bench/row-api.ts [--messages 400000] [--brokers localhost:9092]
 */
import { parseArgs } from 'node:util';
import { type RecordBatch, type Table, tableFromArrays } from 'apache-arrow';
import { fromKafka, KafkaSink, type PlainRow, Stream, toKafka } from '../src/index.ts';
import { createPlatformaticClient } from '../src/ingest/clients/platformatic.ts';
import { resolveConnectionOptions } from '../src/ingest/connection-options.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';
import { median } from './measure.ts';

const { values: args } = parseArgs({
  options: { messages: { type: 'string' }, brokers: { type: 'string' } },
});
const MESSAGES = Number(args.messages ?? 400_000);
const REPEATS = 3;
const PARTITIONS = 4;
const schema = { id: 'int64', customer: 'utf8', amount: 'float64', status: 'utf8' } as const;

if (args.brokers !== undefined) process.env.KAFKA_BROKERS = args.brokers;
await using kafka = await EmbeddedKafka.start();
const { brokers } = kafka;
const client = createPlatformaticClient(resolveConnectionOptions({ brokers }));
const suffix = Date.now().toString(36);
let topics = 0;

async function createTopic(): Promise<string> {
  topics += 1;
  const topic = `rows-${suffix}-${topics}`;
  await client.createTopics([{ topic, partitions: PARTITIONS }]);
  return topic;
}

const ids = Array.from({ length: MESSAGES }, (_, i) => i);
const table = tableFromArrays({
  id: BigInt64Array.from(ids, BigInt),
  customer: ids.map((id) => `customer-${id % 1_000}`),
  amount: Float64Array.from(ids, (id) => (id % 100_000) / 4),
  status: ids.map((id) => (id % 4 === 0 ? 'paid' : 'pending')),
});
const [whole] = table.batches;
const rows = ids.map((id) => ({
  id,
  customer: `customer-${id % 1_000}`,
  amount: (id % 100_000) / 4,
  status: id % 4 === 0 ? 'paid' : 'pending',
}));

async function measure(name: string, run: (topic: string) => Promise<number>, input?: string) {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const topic = input ?? (await createTopic());
    const cpu = process.cpuUsage();
    const started = performance.now();
    const count = await run(topic);
    if (count !== MESSAGES) throw new Error(`${name}: ${count} of ${MESSAGES} messages`);
    seconds.push((performance.now() - started) / 1e3);
    const { user, system } = process.cpuUsage(cpu);
    cpuSeconds.push((user + system) / 1e6);
  }
  const perSecond = Math.round(MESSAGES / median(seconds));
  const perMillion = ((median(cpuSeconds) * 1e6) / MESSAGES).toFixed(2);
  console.log(`${name.padEnd(36)} ${perSecond} messages/s, ${perMillion} CPU s a million`);
}

const options = { brokers, until: 'latest' } as const;
const input = await createTopic();
const fill = async (topic: string, batches: Table | RecordBatch[] = table) => {
  const run = await Stream.fromBatches(batches).toKafka({ brokers, topic, key: 'customer' }).run();
  return (await run.closed).messagesOut;
};
await fill(input);

const batches = async (topic: string) => {
  let count = 0;
  const stream = Stream.fromKafka({ ...options, topic, schema });
  for await (const batch of stream.batches()) count += batch.numRows;
  return count;
};
const each = async (source: AsyncIterable<unknown> & AsyncDisposable) => {
  let count = 0;
  for await (const _ of source) count += 1;
  await source[Symbol.asyncDispose]();
  return count;
};
type Order = PlainRow<typeof schema>;
await measure('read: batches()', batches, input);
await measure(
  'read: messages(), with a schema',
  (topic) => each(fromKafka({ ...options, topic, schema }).messages()),
  input,
);
await measure(
  'read: records(), with a schema',
  (topic) => each(fromKafka({ ...options, topic, schema }).records()),
  input,
);
await measure(
  'read: messages(), JSON.parse',
  (topic) => each(fromKafka<Order>({ ...options, topic }).messages()),
  input,
);
await measure('write: Stream.toKafka', fill);
await measure('write: sendBatch(record batch)', async (topic) => {
  await using sink = toKafka({ brokers, topic, key: 'customer' });
  return (await sink.sendBatch(whole!)).length;
});
await measure('write: sendBatch(rows)', async (topic) => {
  await using sink = new KafkaSink<(typeof rows)[number]>({ brokers, topic, key: 'customer' });
  return (await sink.sendBatch(rows)).length;
});
await client.close();
