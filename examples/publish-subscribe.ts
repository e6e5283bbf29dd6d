/**
 * A publisher and a subscriber at once, by the names of another client. Node 22.22 or later:
 *
 *     node examples/publish-subscribe.ts                            # its own Kafka: Java 17, Maven
 *     node examples/publish-subscribe.ts --brokers localhost:9092   # on yours, in a new topic
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { createPublisher, createSubscriber } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const MESSAGES = 10_000;
const topic = `pipeline-${Date.now().toString(36)}`;
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
await admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 });
await admin.close();

interface Message {
  readonly id: number;
  readonly data: string;
}

// librdkafka's names; ours, such as `lingerMs`, may stand beside `config`.
await using publisher = createPublisher<Message>('pipeline', {
  brokers,
  destination: `kafka://topic/${topic}`,
  config: {
    'queue.buffering.max.messages': 100_000,
    'batch.num.messages': 10_000,
    'compression.type': 'lz4',
  },
});
await using subscriber = createSubscriber<Message>('pipeline', {
  brokers,
  source: `kafka://topic/${topic}`,
  config: { 'fetch.min.bytes': 10_000, 'fetch.wait.max.ms': 100 },
});

async function publishAll(): Promise<void> {
  const published: Promise<unknown>[] = [];
  for (let id = 0; id < MESSAGES; id++) {
    published.push(publisher.publish({ id, data: `message_${id}` }));
  }
  await Promise.all(published);
}

async function receiveAll(): Promise<number> {
  let received = 0;
  while (received < MESSAGES) {
    const message = await subscriber.get({ timeoutMs: 1_000 });
    if (message === undefined) continue; // nothing came within a second
    received += 1;
    if (received % 1_000 === 0) console.log(`${received} received, the last ${message.data}`);
  }
  return received;
}

await Promise.all([publisher.start(), subscriber.start()]);
const started = performance.now();
const [received] = await Promise.all([receiveAll(), publishAll()]);
const seconds = (performance.now() - started) / 1e3;
console.log(`${received} messages in ${seconds.toFixed(2)} s: ${Math.round(received / seconds)}/s`);
