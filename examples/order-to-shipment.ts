/**
 * Consume, transform, produce: a shipment for each order. Run it with Node 22.22 or later:
 *
 *     node examples/order-to-shipment.ts                            # its own Kafka: Java 17, Maven
 *     node examples/order-to-shipment.ts --brokers localhost:9092   # on yours, in new topics
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { fromKafka, pipe, toKafka } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const suffix = Date.now().toString(36);
const [orders, shipments] = [`orders-${suffix}`, `shipments-${suffix}`];
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
await admin.createTopics({ topics: [orders, shipments], partitions: 3, replicas: 1 });
await admin.close();

const filling = toKafka({ brokers, topic: orders, key: 'order_id' });
await filling.sendBatch(
  Array.from({ length: 500 }, (_, i) => ({
    order_id: `${i}`,
    customer_id: `customer-${i % 20}`,
    amount: i % 5 === 0 ? 0 : 10 + i,
    timestamp: new Date().toISOString(),
  })),
);
await filling.close();

// `until: 'latest'` ends it at what is there now; without it, it would go on until `stop()`.
const source = fromKafka({
  brokers,
  topic: orders,
  groupId: `shipping-${suffix}`,
  until: 'latest',
  schema: { order_id: 'utf8', customer_id: 'utf8', amount: 'float64' },
});
await using sink = toKafka<object>({ brokers, topic: shipments, compression: 'zstd' });
process.once('SIGINT', () => source.stop()); // what is under way is written and committed

// The key goes along. An order is committed when its shipment is acknowledged; one without an
// amount has none, and is committed all the same.
const { read, written, dropped } = await pipe(
  source,
  ({ order_id, customer_id, amount }) =>
    amount > 0 && {
      shipment_id: `ship-${order_id}`,
      order_id,
      customer_id,
      status: 'pending',
      created_at: new Date().toISOString(),
    },
  sink,
);
console.log(`${read} orders, ${written} shipments, ${dropped} without an amount`);

interface Shipment {
  shipment_id: string;
  order_id: string;
  customer_id: string;
  status: string;
  created_at: string;
}
await using shipped = fromKafka<Shipment>({ brokers, topic: shipments });
const first = await shipped.poll({ timeoutMs: 10_000 });
console.log(`key ${first?.key}: ${JSON.stringify(first?.value)}`);
