/**
 * What docs/migrating-from-kafkajs.md shows, as one program. Run it with Node 22.22 or later:
 *
 *     node examples/from-kafkajs.ts                            # its own Kafka: Java 17, Maven
 *     node examples/from-kafkajs.ts --brokers localhost:9092   # on yours, in new topics
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { col, KafkaSink, KafkaSource, Stream } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const suffix = Date.now().toString(36);
const [orders, large] = [`orders-${suffix}`, `large-orders-${suffix}`];
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
await admin.createTopics({ topics: [orders, large], partitions: 3, replicas: 1 });
await admin.close();

interface Order {
  readonly id: number;
  readonly customer: string;
  readonly amount: number;
}

// Step 1, instead of producer.send and consumer.run: the same messages, one object each.
const sink = new KafkaSink<Order>({ brokers, topic: orders, key: 'customer' });
const values = Array.from({ length: 1_000 }, (_, id) => ({
  id,
  customer: `c-${id % 50}`,
  amount: id,
}));
await sink.sendBatch(values);
await sink.close();

// `until: 'latest'` ends the loop at what is there now; without it, it would go on.
await using source = new KafkaSource<Order>({
  brokers,
  topic: orders,
  groupId: `rows-${suffix}`,
  until: 'latest',
});
let rows = 0;
for await (const { value, offset } of source.records()) {
  if (value.amount > 900 && offset >= 0n) rows += 1;
}
console.log(`${rows} large orders by message`);

// Step 2: no object a message. The filter runs on columns, in worker threads.
const run = await Stream.fromKafka({
  brokers,
  topic: orders,
  groupId: `batches-${suffix}`,
  until: 'latest',
  schema: { id: 'int64', customer: 'utf8', amount: 'float64' },
})
  .filter(col('amount').gt(900))
  .toKafka({ topic: large, key: 'customer' })
  .run();
const { messagesOut } = await run.closed;
console.log(`${messagesOut} large orders by batch`);
