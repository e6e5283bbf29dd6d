/**
 * An order producer and an order consumer, one message at a time. Run it with Node 22.22 or later:
 *
 *     node examples/orders-by-message.ts                            # its own Kafka: Java 17, Maven
 *     node examples/orders-by-message.ts --brokers localhost:9092   # on yours, in a new topic
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { KafkaSink, KafkaSource } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const topic = `orders-${Date.now().toString(36)}`;
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
await admin.close();

interface Order {
  readonly order_id: string;
  readonly customer_id: string;
  readonly amount: number;
  readonly timestamp: string;
}

// The producer: each promise tells where its message is stored; nothing has to be awaited in turn.
await using sink = new KafkaSink<Order>({ brokers, topic, key: 'customer_id' });
const deliveries = await Promise.all(
  Array.from({ length: 1_000 }, (_, i) =>
    sink.send({
      order_id: `order-${i}`,
      customer_id: `customer-${i % 10}`,
      amount: i + 0.5,
      timestamp: new Date().toISOString(),
    }),
  ),
);
const last = deliveries.at(-1)!;
console.log(`${deliveries.length} orders sent, the last to partition ${last.partition}`);

// The consumer: committed only when it says so, up to the message that it has worked on.
await using source = new KafkaSource<Order>({
  brokers,
  topic,
  groupId: `billing-${topic}`,
  autoCommit: false,
});
process.once('SIGINT', () => source.stop()); // ends the loop, leaves the group
let total = 0;
let read = 0;
for await (const record of source.records()) {
  total += record.value.amount;
  read += 1;
  if (read % 100 === 0) await source.commit(record);
  if (read === deliveries.length) break;
}
await source.commit();
console.log(`${read} orders read, worth ${total}`);
