/**
 * The stream API over a topic: the same rows as one table, and batch by batch. Run it with Node
 * 22.22 or later:
 *
 *     node examples/stream-api.ts                            # its own Kafka: Java 17, Maven
 *     node examples/stream-api.ts --brokers localhost:9092   # on yours, in a new topic
 */
import { parseArgs } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { tableFromArrays } from 'apache-arrow';
// In a project of your own: from 'millrace' and from 'millrace/testing'.
import { coalesce, col, Stream } from '../src/index.ts';
import { EmbeddedKafka } from '../src/testing/index.ts';

const { brokers } = parseArgs({ options: { brokers: { type: 'string' } } }).values;
if (brokers !== undefined) process.env.KAFKA_BROKERS = brokers;
await using kafka = await EmbeddedKafka.start({ onProgress: (text) => console.error(text) });

const topic = `readings-${Date.now().toString(36)}`;
// Millrace creates no topics: one that is misspelt is an error, not a new topic.
const admin = new Admin({ clientId: 'example', bootstrapBrokers: [...kafka.brokers] });
await admin.createTopics({ topics: [topic], partitions: 3, replicas: 1 });
await admin.close();
const readings = tableFromArrays({
  sensor: ['roof', 'cellar', 'roof', 'garden', 'cellar', 'roof'],
  celsius: [21.5, 12, 24, null, 11.5, 30],
});
const filling = await Stream.fromBatches(readings)
  .toKafka({ brokers: kafka.brokers, topic, key: 'sensor' })
  .run();
await filling.closed;

// A stream is immutable: each step gives a new one, and both ends below share these.
const source = Stream.fromKafka({
  brokers: kafka.brokers,
  topic,
  until: 'latest',
  schema: { sensor: 'utf8', celsius: 'float64?' },
});

// One table. Metadata columns are made because `select` names them.
const hot = await source
  .filter(col('celsius').gt(20).and(col('sensor').ne('cellar')))
  .map({ fahrenheit: col('celsius').mul(1.8).add(32) })
  .select('_partition', '_offset', 'sensor', 'fahrenheit')
  .collect();
console.table(hot.toArray().map((row) => row.toJSON()));

// Batch by batch: columns, not rows. Without a `groupId` nothing is committed, so that every run
// reads all that is there.
const known = source.map<{ celsius: number }>({ celsius: coalesce(col('celsius'), 0) });
let rows = 0;
let highest = Number.NEGATIVE_INFINITY;
for await (const batch of known.batches()) {
  rows += batch.numRows;
  for (const row of batch) highest = Math.max(highest, row.celsius);
}
console.log(`${rows} readings, the highest ${highest} °C`);
