/** A source of rows as those know it who publish and subscribe. */
import { overlaid, toSourceOptions } from '../config/stream-options.ts';
import type { RunStats } from '../run.ts';
import { OptionReader } from '../stream/option-reader.ts';
import { endConfig } from './configured.ts';
import { KafkaSource } from './kafka-source.ts';
import { ROW_SOURCE_NAMES, type RowSourceOptions } from './row-source-options.ts';
import { checkName, topicOfUrl } from './topic-url.ts';

/** What `createSubscriber` takes: a source, and the options of a `KafkaSource`. */
export interface SubscriberOptions extends Omit<RowSourceOptions, 'topic' | 'topics'> {
  /** `kafka://topic/<name>`. */
  readonly source: string;
  /**
   * Options by the names that other clients have for them, as `configFrom` takes them, such as
   * `{ 'fetch.min.bytes': 10000 }`; those given by ours stand above them. A writer's are refused;
   * what is taken with a remark is a warning of the process.
   */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Reads one topic. */
export interface Subscriber<Value = unknown> extends AsyncDisposable {
  readonly name: string;
  /** Connects and begins to read; `get` and a loop do it where it was not done. */
  start(): Promise<void>;
  /** The next value, or `undefined` where none came in time. Default: waits for ever. */
  get(options?: { readonly timeoutMs?: number }): Promise<Value | undefined>;
  /** All values, one by one, until `stop`. */
  [Symbol.asyncIterator](): AsyncIterator<Value>;
  /** Commits all that was handed out so far. */
  commit(): Promise<void>;
  /** Commits what is done with, and disconnects. */
  stop(): Promise<void>;
  /** The figures of the run; `undefined` before the start. */
  stats(): RunStats | undefined;
}

/**
 * A subscriber. `brokers` defaults to `localhost:9092`, `groupId` to the name and `_group`, and a
 * group without committed offsets begins with the earliest message.
 *
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
 *
 * @example
 * ```ts
 * const subscriber = createSubscriber('billing', { source: 'kafka://topic/orders' });
 * const order = await subscriber.get({ timeoutMs: 1_000 });
 * await subscriber.stop();
 * ```
 */
export function createSubscriber<Value = unknown>(
  name: string,
  options: SubscriberOptions,
): Subscriber<Value> {
  checkName(name, 'createSubscriber');
  checkNames(options);
  const { source: url, config = {}, ...rest } = options ?? {};
  const topic = topicOfUrl(url, 'source');
  const configured = {
    clientId: name,
    groupId: `${name}_group`,
    offsetReset: 'earliest',
    ...toSourceOptions(endConfig('subscriber', topic, config)),
  };
  const source = new KafkaSource<Value>(overlaid('source', configured, { ...rest, topic }), {
    owner: 'createSubscriber',
  });
  return {
    name,
    start: () => source.start(),
    get: async (getOptions = {}) => (await source.poll(readGet(getOptions)))?.value,
    [Symbol.asyncIterator]: () => source.messages(),
    commit: () => source.commit(),
    stop: () => source.stop(),
    stats: () => source.stats(),
    [Symbol.asyncDispose]: () => source.stop(),
  };
}

const TOPIC_NAMES = ['topic', 'topics', 'partitions'];
const NAMES = [
  ...ROW_SOURCE_NAMES.filter((name) => !TOPIC_NAMES.includes(name)),
  'source',
  'config',
];
const HINTS = {
  destination: "a subscriber reads: give source: 'kafka://topic/<name>'",
  topic: "here it is source: 'kafka://topic/<name>'",
  topics: "a subscriber reads one topic, source: 'kafka://topic/<name>'; several: new KafkaSource",
  partitions: 'a subscriber reads a whole topic; some partitions of it: new KafkaSource',
};

const SECONDS = 'here it is timeoutMs, in milliseconds';

function readGet(options: unknown): { timeoutMs?: number } {
  const hints = { block_time: SECONDS, blockTime: SECONDS, timeout: SECONDS };
  const timeoutMs = new OptionReader('get', options, ['timeoutMs'], hints).milliseconds(
    'timeoutMs',
  );
  return timeoutMs === undefined ? {} : { timeoutMs };
}

function checkNames(options: unknown): void {
  if (options !== undefined) new OptionReader('createSubscriber', options, NAMES, HINTS);
}
