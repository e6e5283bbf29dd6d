/** `millrace start`: the main job, from an empty topic to a verified result. */
import { createClient } from '../../ingest/clients/choose.ts';
import { resolveConnectionOptions } from '../../ingest/connection-options.ts';
import { col } from '../../operators/expr.ts';
import type { Run, RunStats } from '../../run.ts';
import { Stream } from '../../stream.ts';
import { EmbeddedKafka } from '../../testing/index.ts';
import type { Command } from '../command.ts';
import { waitingFor } from '../waiting.ts';
import { readStartOptions, START_HELP, type StartOptions } from './options.ts';
import { ORDER_SCHEMA, orderBatches } from './orders.ts';
import { describeFill, describeStats, Progress } from './progress.ts';
import { chooseReader, type TopicReader } from './topic-reader.ts';
import { type Verdict, verify } from './verify.ts';

const SAMPLE_ROWS = 3;
const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

/** The command. */
export const startCommand: Command = {
  name: 'start',
  summary: 'run the main job on a real Kafka and verify its result',
  run: start,
};

interface Topics {
  readonly input: string;
  readonly output: string;
}

async function start(args: readonly string[]): Promise<number> {
  const options = readStartOptions(args);
  if (options.help) {
    console.log(START_HELP);
    return 0;
  }
  const progress = new Progress();
  const stopping = new AbortController();
  const interrupt = () => {
    progress.say('stopping: what is under way is finished and committed');
    stopping.abort();
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  if (options.brokers !== undefined) process.env.KAFKA_BROKERS = options.brokers;
  progress.say(options.brokers ? `using ${options.brokers}` : 'starting Apache Kafka');
  await using kafka = await EmbeddedKafka.start({ onProgress: (text) => progress.say(text) });
  try {
    // Before the job, so that nobody waits for a job whose result cannot be checked.
    const reader = await chooseReader(kafka, (text) => progress.say(text));
    return await job(kafka, reader, options, progress, stopping.signal);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

async function job(
  kafka: EmbeddedKafka,
  reader: TopicReader,
  options: StartOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const creating = createTopics(kafka, options);
  const say = (line: string) => progress.say(line);
  const topics = await waitingFor(kafka.brokers, creating, say);
  progress.say(`putting ${options.messages.toLocaleString('en')} orders on "${topics.input}"`);
  const filler = fillTopic(kafka, options, topics);
  const filling = await filler.run({ signal });
  const { name, version } = filling.stats().client ?? {};
  progress.say(`  the client library is ${name} ${version}`);
  const fill = await runToEnd(filling, progress, describeFill);
  progress.say(describeFill(fill));
  if (signal.aborted) return interrupted(progress);

  const pipeline = mainJob(kafka, options, topics);
  progress.say(`\n${pipeline.explain()}\n`);
  const stats = await runToEnd(await pipeline.run({ signal }), progress, describeStats);
  progress.say(describeStats(stats));
  if (signal.aborted) return interrupted(progress);
  await showSample(kafka, options, topics, progress);

  progress.say(`verifying with ${reader.name}, row by row`);
  const verdict = await verify(reader, topics.output, options.messages, (checked) =>
    progress.update(`  ${checked.toLocaleString('en')} checked`),
  );
  for (const problem of verdict.problems) progress.say(`  wrong: ${problem}`);
  console.log(JSON.stringify(report(options, stats, verdict)));
  return verdict.verified ? 0 : EXIT_FAILED;
}

function interrupted(progress: Progress): number {
  progress.say('stopped before the end: nothing was verified');
  return EXIT_INTERRUPTED;
}

async function createTopics(
  { brokers }: EmbeddedKafka,
  { client: name, partitions }: StartOptions,
): Promise<Topics> {
  const suffix = `${process.pid}-${Date.now().toString(36)}`;
  const topics = { input: `orders-${suffix}`, output: `paid-orders-${suffix}` };
  const client = createClient(resolveConnectionOptions({ brokers, client: name }));
  try {
    await client.createTopics([
      { topic: topics.input, partitions },
      { topic: topics.output, partitions },
    ]);
  } finally {
    await client.close();
  }
  return topics;
}

function fillTopic({ brokers }: EmbeddedKafka, { client, messages }: StartOptions, topics: Topics) {
  return Stream.fromBatches(orderBatches(messages)).toKafka({
    ...{ brokers, client },
    topic: topics.input,
    partitioner: 'round-robin',
  });
}

function mainJob({ brokers }: EmbeddedKafka, options: StartOptions, topics: Topics) {
  const { client, compression } = options;
  return Stream.fromKafka({
    ...{ brokers, client },
    topic: topics.input,
    groupId: `millrace-start-${topics.input}`,
    schema: ORDER_SCHEMA,
    until: 'latest',
  })
    .filter(col('status').eq('paid').and(col('amount').gt(50)))
    .map({ total: col('amount').mul(col('quantity')) })
    .select('id', 'customer', 'country', 'total', 'created')
    .toKafka({ brokers, client, topic: topics.output, key: 'customer', compression });
}

async function runToEnd(
  run: Run,
  progress: Progress,
  describe: (stats: RunStats) => string,
): Promise<RunStats> {
  run.on('progress', (stats) => progress.update(describe(stats)));
  return run.closed;
}

async function showSample(
  { brokers }: EmbeddedKafka,
  { client }: StartOptions,
  { output }: Topics,
  progress: Progress,
) {
  const sample = await Stream.fromKafka({
    ...{ brokers, client },
    topic: output,
    codec: 'string',
    until: 'latest',
  })
    .select('_partition', '_offset', '_key', 'value')
    .limit(SAMPLE_ROWS)
    .collect();
  progress.say('a sample of the output:');
  for (const row of sample) {
    const key = row._key === null ? 'null' : Buffer.from(row._key).toString();
    progress.say(`  ${row._partition}:${row._offset} ${key} ${row.value}`);
  }
}

function report(options: StartOptions, stats: RunStats, verdict: Verdict) {
  const seconds = stats.elapsedMs / 1000;
  return {
    messagesIn: stats.messagesIn,
    messagesOut: stats.messagesOut,
    seconds: Number(seconds.toFixed(3)),
    messagesPerSecond: Math.round(stats.messagesIn / seconds),
    verified: verdict.verified && stats.messagesIn === options.messages,
    verifiedMessages: verdict.messages,
    reader: verdict.reader,
    bytesIn: stats.bytesIn,
    bytesOut: stats.bytesOut,
    partitions: options.partitions,
    compression: options.compression,
    acks: 'all',
    client: stats.client?.name,
    node: process.version,
    rssMiB: Math.round(process.memoryUsage.rss() / 1024 / 1024),
  };
}
