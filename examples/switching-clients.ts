/**
 * The same program on each client library that is installed. Run it with Node 22.22 or later:
 *
 *     node examples/switching-clients.ts                            # its own Kafka: Java 17, Maven
 *     node examples/switching-clients.ts --brokers localhost:9092   # on yours, in new topics
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { clientInfo, col, KafkaSink, Stream } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers: given } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (given !== undefined) process.env.KAFKA_BROKERS = given;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });
const { brokers } = kafka;

const readings = Array.from({ length: 1_000 }, (_, i) => ({
  sensor: `s-${i % 4}`,
  celsius: i % 50,
}));

for (const { client, available } of clientInfo()) {
  if (!available) continue;
  const topic = `readings-${client}-${Date.now().toString(36)}`;
  const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...brokers] });
  await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 });
  await admin.close();

  // The one option that differs. Left out, it is 'auto': the fastest that is installed.
  const sink = new KafkaSink({ brokers, topic, client, key: 'sensor' });
  await sink.sendBatch(readings);
  await sink.close();
  let hot = 0;
  const run = await Stream.fromKafka({
    brokers,
    topic,
    client,
    until: 'latest',
    schema: { sensor: 'utf8', celsius: 'int32' },
  })
    .filter(col('celsius').gt(40))
    .forEach((batch) => {
      hot += batch.numRows;
    })
    .run();
  // What really ran, not what was asked for.
  const { client: used } = await run.closed;
  const library = `${used?.name} ${used?.version}`;
  console.log(`${library}: ${hot} of ${readings.length} readings are above 40 °C`);
}
