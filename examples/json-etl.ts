/**
 * JSON from one topic to another: reads orders, keeps the large ones, works out a total, and writes
 * them compressed and keyed by customer. Run it with Node 22.22 or later:
 *
 *     node examples/json-etl.ts                            # its own Kafka: Java 17, Maven
 *     node examples/json-etl.ts --brokers localhost:9092   # on yours, in new topics
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { tableFromArrays } from 'apache-arrow';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { col, Stream } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const ORDERS = 10_000;

const { brokers } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (brokers !== undefined) process.env.KAFKA_BROKERS = brokers;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });

const suffix = Date.now().toString(36);
const orders = `orders-${suffix}`;
const largeOrders = `large-orders-${suffix}`;
// Millrace creates no topics: one that is misspelt is an error, not a new topic.
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...kafka.brokers] });
await admin.createTopics({ topics: [orders, largeOrders], partitions: 3, replicas: 1 });
await admin.close();

// Sample orders, made as Arrow columns and written as JSON, one message per row.
const ids = Array.from({ length: ORDERS }, (_, i) => i);
const sample = tableFromArrays({
  id: BigInt64Array.from(ids, BigInt),
  customer: ids.map((id) => `customer-${id % 100}`),
  price: Float64Array.from(ids, (id) => (id % 500) / 4),
  quantity: Int32Array.from(ids, (id) => 1 + (id % 9)),
});
const filling = await Stream.fromBatches(sample)
  .toKafka({ brokers: kafka.brokers, topic: orders })
  .run();
await filling.closed;

// The pipeline. `until: 'latest'` ends it at what is there now; without it, it would go on.
const pipeline = Stream.fromKafka({
  brokers: kafka.brokers,
  topic: orders,
  groupId: `json-etl-${suffix}`,
  until: 'latest',
  schema: { id: 'int64', customer: 'utf8', price: 'float64', quantity: 'int32' },
})
  .map({ total: col('price').mul(col('quantity')) })
  .filter(col('total').gt(500))
  .select('id', 'customer', 'total')
  .toKafka({ topic: largeOrders, key: 'customer', compression: 'zstd' });
console.log(pipeline.explain());

const run = await pipeline.run();
process.once('SIGTERM', () => run.stop()); // finishes what is under way and commits it
const { messagesIn, messagesOut } = await run.closed;
console.log(`\n${messagesIn} orders read, ${messagesOut} large ones written\n`);

// What is in the topic now, as text, with the key and the offset of each message.
const written = await Stream.fromKafka({
  brokers: kafka.brokers,
  topic: largeOrders,
  codec: 'string',
  until: 'latest',
})
  .select('_offset', '_key', 'value')
  .limit(3)
  .collect();
for (const { _offset, _key, value } of written) {
  console.log(`offset ${_offset}, key ${Buffer.from(_key ?? []).toString()}: ${value}`);
}
