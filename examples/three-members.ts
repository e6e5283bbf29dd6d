/**
 * Three members of one group share six partitions. Run it with Node 22.22 or later:
 *
 *     node examples/three-members.ts                            # its own Kafka: Java 17, Maven
 *     node examples/three-members.ts --brokers localhost:9092   # on yours, in a new topic
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { KafkaSource, toKafka } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const PARTITIONS = 6;
const MESSAGES = 600;
const topic = `events-${Date.now().toString(36)}`;
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
await admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 });
await admin.close();

// In earnest these would be three processes.
const open = () => new KafkaSource<{ n: number }>({ brokers, topic, groupId: topic, workers: 1 });
const members = [open(), open(), open()];
await Promise.all(members.map((member) => member.start()));
const settled = () => members.every((member) => member.assignment().length === 2);
while (!settled()) await new Promise((resolve) => setTimeout(resolve, 50));
for (const [i, member] of members.entries()) {
  const partitions = member.assignment().map(({ partition }) => partition);
  console.log(`member ${i} has ${partitions.length} partitions`);
}

await using sink = toKafka<{ n: number }>({ brokers, topic, partitioner: 'round-robin' });
await sink.sendBatch(Array.from({ length: MESSAGES }, (_, n) => ({ n })));

let read = 0;
const counts = await Promise.all(
  members.map(async (member) => {
    let count = 0;
    for await (const _ of member.messages()) {
      count += 1;
      read += 1;
      // The end of this example; a service would go on.
      if (read === MESSAGES) void Promise.all(members.map((each) => each.stop()));
    }
    return count;
  }),
);
console.log(`${counts.join(' + ')} = ${read} messages`);
