/**
 * 100,000 messages with 100 keys, each with a delivery report. Run it with Node 22.22 or later:
 *
 *     node examples/bulk-producer.ts                            # its own Kafka: Java 17, Maven
 *     node examples/bulk-producer.ts --brokers localhost:9092   # on yours, in a new topic
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { KafkaSink } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const MESSAGES = 100_000;
const topic = `events-${Date.now().toString(36)}`;
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
await admin.close();

let stored = 0;
let failed = 0;
await using sink = new KafkaSink({
  brokers,
  topic,
  acks: 1,
  lingerMs: 5,
  compression: 'snappy',
  retries: 3,
  retryDelayMs: 100,
  maxBufferBytes: 32 * 1024 * 1024,
  // As a delivery callback: called once a message, whoever looks at the promises.
  onDelivery: (error, delivery) => {
    if (error === undefined && delivery !== undefined) stored += 1;
    else failed += 1;
  },
});
await sink.start();

const started = performance.now();
for (let i = 0; i < MESSAGES; i++) {
  await sink.ready(); // waits while 32 MiB are under way
  void sink.send({ event_id: i, data: 'test' }, { key: `key-${i % 100}` });
}
await sink.flush();
const seconds = (performance.now() - started) / 1e3;
console.log(`${stored} stored, ${failed} failed, ${sink.stats().batches} batches`);
console.log(`${seconds.toFixed(2)} s`);
