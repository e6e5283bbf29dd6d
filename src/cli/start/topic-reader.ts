/**
 * Programs that read a topic and share no code with Millrace: Kafka's own tools, and, where those
 * cannot run, the consumer of `@platformatic/kafka`, which has a record parser of its own.
 */
import { createInterface } from 'node:readline';
import { Consumer } from '@platformatic/kafka';
import { MillraceError } from '../../errors.ts';
import type { EmbeddedKafka } from '../../testing/index.ts';
import { findJava } from '../../testing/java.ts';
import { kafkaHome, type OnProgress } from '../../testing/kafka-home.ts';

/** Reads a topic from its first message on. */
export interface TopicReader {
  /** The program's name, for people and for the report. */
  readonly name: string;
  /**
   * Calls `take` with each message's value as text until it answers false, or until none has come
   * for 15 seconds.
   */
  read(topic: string, take: (line: string) => boolean): Promise<void>;
  /** How many messages the topic holds by its offsets. */
  stored(topic: string): Promise<number>;
}

/** A reader gives up after so long without a message, ms. */
const QUIET_MAX_MS = 15_000;
/** Asks a broker for the offset behind the last message. */
const LATEST = -1n;

/**
 * Kafka's own tools where they can run: always beside the embedded Kafka, and beside another
 * cluster where Java is there and the jars are, or can be fetched. Else the independent client.
 */
export async function chooseReader(
  kafka: EmbeddedKafka,
  onProgress: OnProgress,
): Promise<TopicReader> {
  try {
    if (kafka.isExternal) await kafkaHome(await findJava(), onProgress);
    return toolReader(kafka);
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'MISSING_DEPENDENCY') throw error;
    return clientReader(kafka.brokers);
  }
}

function toolReader(kafka: EmbeddedKafka): TopicReader {
  const common = (topic: string) => [
    '--bootstrap-server',
    kafka.bootstrapServers,
    '--topic',
    topic,
  ];
  return {
    name: 'kafka-console-consumer',
    async read(topic, take) {
      const className = 'org.apache.kafka.tools.consumer.ConsoleConsumer';
      const timeout = ['--timeout-ms', String(QUIET_MAX_MS)];
      const tool = await kafka.spawnTool(className, [
        ...common(topic),
        '--from-beginning',
        ...timeout,
      ]);
      tool.stdin.end();
      tool.stderr.resume();
      for await (const line of createInterface({ input: tool.stdout })) if (!take(line)) break;
      tool.kill();
    },
    async stored(topic) {
      const className = 'org.apache.kafka.tools.GetOffsetShell';
      const { stdout } = await kafka.runTool(className, common(topic));
      const lines = stdout.split('\n').filter((line) => line.startsWith(`${topic}:`));
      return lines.reduce((sum, line) => sum + Number(line.split(':')[2]), 0);
    },
  };
}

function clientReader(brokers: readonly string[]): TopicReader {
  const connect = (topic: string) =>
    new Consumer({
      clientId: 'millrace-start-check',
      groupId: `check-${topic}`,
      bootstrapBrokers: [...brokers],
    });
  return {
    name: '@platformatic/kafka Consumer',
    async read(topic, take) {
      const consumer = connect(topic);
      try {
        await readAll(consumer, topic, take);
      } finally {
        await consumer.close(true);
      }
    },
    async stored(topic) {
      const consumer = connect(topic);
      try {
        const offsets = await consumer.listOffsets({ topics: [topic], timestamp: LATEST });
        return Number((offsets.get(topic) ?? []).reduce((sum, offset) => sum + offset, 0n));
      } finally {
        await consumer.close(true);
      }
    },
  };
}

async function readAll(
  consumer: Consumer,
  topic: string,
  take: (line: string) => boolean,
): Promise<void> {
  const topics = [topic];
  const stream = await consumer.consume({ topics, mode: 'earliest', autocommit: false });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const quiet = setTimeout(resolve, QUIET_MAX_MS);
  let open = true;
  stream.on('error', reject);
  stream.on('data', ({ value }) => {
    // What was fetched with the last wanted message comes all the same.
    if (!open) return;
    quiet.refresh();
    open = take(String(value));
    if (!open) resolve();
  });
  try {
    await promise;
  } finally {
    clearTimeout(quiet);
    await stream.close();
  }
}
