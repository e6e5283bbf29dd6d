/** What the configuration reference says before its tables. */

/** Markdown; `{files}` stands for the names of the files that are looked for. */
export const INTRODUCTION = `# Configuration

<!-- Written by node tools/generate-configuration.ts from the types and tables; edit those. -->

One object has everything that can be set: \`connection\`, \`source\`, \`sink\`, \`run\`, and a \`preset\`
beneath them. \`loadConfig()\` puts it together; each place stands above the ones after it:

1. what the code gives: \`loadConfig({ config })\`, and options beside \`toSourceOptions\`
2. the environment: \`KAFKA_BOOTSTRAP_SERVERS\`, \`KAFKA_GROUP_ID\`, …
3. a file: the one that \`file\` or \`MILLRACE_CONFIG\` names, else the one of these that is in the
   working folder: {files}
4. the preset, wherever it is named
5. the defaults

A setting for one side, such as \`kafka.producer.retries\`, stands above the one for both, wherever it
comes from. Two names of one place that mean one option and disagree are an error, as are unknown
names, which name the nearest known one, and settings that contradict each other, which name both.

\`\`\`typescript
// millrace.config.ts
import { defineConfig } from 'millrace';

export default defineConfig({
  preset: 'durable',
  connection: { brokers: 'kafka-1:9092,kafka-2:9092' },
  source: { topic: 'orders', groupId: 'billing', batch: { maxRows: 10_000 } },
  sink: { topic: 'invoices', compression: 'lz4' },
});
\`\`\`

\`\`\`typescript
// the program
import { describeConfig, loadConfig, Stream, toSinkOptions, toSourceOptions } from 'millrace';

const config = await loadConfig();
console.log(describeConfig(config)); // every option, where it comes from, no secrets
await Stream.fromKafka(toSourceOptions(config, { schema: { id: 'int64', amount: 'float64?' } }))
  .toKafka(toSinkOptions(config))
  .run();
\`\`\`

The same as \`millrace.properties\`, or as the \`kafka.\` lines of an application's own file, whose other
lines are left alone. A file without any \`kafka.\` or \`millrace.\` is read as Kafka's tools do:
\`bootstrap.servers=…\`.

\`\`\`properties
millrace.preset = durable
kafka.bootstrap.servers = kafka-1:9092,kafka-2:9092
kafka.consumer.group.id = billing
kafka.consumer.topics = orders
kafka.consumer.max.poll.records = 10000
kafka.producer.topic = invoices
kafka.producer.compression.type = lz4
\`\`\`

As JSON it has the sections of the object, or the names of other clients, in any spelling; the same
object may be given to \`configFrom\`:

\`\`\`ts
import { configFrom } from 'millrace';

const config = configFrom({
  bootstrap_servers: 'kafka-1:9092,kafka-2:9092',
  group_id: 'billing',
  linger_ms: 5,
  producer_config: { acks: 'all', max_in_flight_requests_per_connection: 5 },
});
console.log(config.source.groupId); // billing
console.log(config.sink); // { lingerMs: 5, acks: 'all' }
console.log(config.notes.length); // 1
\`\`\`

Passwords, passphrases and keys are \`[secret]\` in whatever is printed, the messages of errors among
them. A variable that is empty is as one that is not there. Of \`KAFKA_…\` variables those of Kafka's
scripts and images and of Kubernetes are left alone; another that is far from every known name is
left alone, too, and is in \`config.notes\`, while one that is probably mistyped is an error.

\`security.protocol\` decides over TLS and login as everywhere: a user name without it is an error, and
so is \`PLAINTEXT\` beside a certificate. Without it, \`ssl\` alone encrypts.`;
