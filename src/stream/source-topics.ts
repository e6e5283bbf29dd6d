/** Which topics and partitions a source reads, and where it begins: options to plan. */
import type { TopicPartition } from '../ingest/client.ts';
import { mistypedName } from '../nearest-name.ts';
import { meantOffset } from '../nearest-value.ts';
import type { KafkaSourcePlan, StartFrom, StartOffset } from '../plan.ts';
import { isTopicName, type OptionReader, TOPIC_NAME_RULE } from './option-reader.ts';

/** Where reading begins; see `KafkaSourceCommon.startFrom`. */
export type StartFromInput =
  | 'committed'
  | 'earliest'
  | 'latest'
  | { readonly timestamp: Date | number }
  | { readonly offsets: readonly StartOffset[] };

/** What says which topics and partitions are read. */
export type TopicsPlan = Pick<KafkaSourcePlan, 'topics' | 'pattern' | 'partitions'>;

/** Flags of regular expressions that say the same whenever they are asked. */
const FLAGS = /^[imsuv]*$/;
const MAX_PARTITION = 2 ** 31 - 1;
/** The largest time that a `Date` has, ms since the Unix epoch. */
const MAX_TIME_MS = 8.64e15;

/** Reads `topic`, `topics` and `partitions`, of which there must be one. */
export function readTopics(options: OptionReader): TopicsPlan {
  const given = ['topic', 'topics', 'partitions'].filter((name) => options.has(name));
  if (given.length > 1) {
    throw options.fault(given.at(-1)!, `give either ${given.join(' or ')}`);
  }
  const topic = options.topic('topic');
  if (topic !== undefined) return { topics: Object.freeze([topic]) };
  if (options.has('partitions')) return partitionsOf(options);
  if (!options.has('topics')) throw options.fault('topic', 'name the topic to read');
  return topicsOf(options);
}

function topicsOf(options: OptionReader): TopicsPlan {
  const topics = options.raw('topics');
  if (!Array.isArray(topics) || topics.length === 0) {
    throw options.fault('topics', "give a list of names, such as ['orders', /^orders-.*/]");
  }
  const patterns = topics.filter((topic): topic is RegExp => topic instanceof RegExp);
  const names = topics.filter((topic) => !(topic instanceof RegExp));
  if (!names.every(isTopicName)) throw options.fault('topics', TOPIC_NAME_RULE);
  return {
    topics: Object.freeze([...new Set<string>(names)]),
    ...(patterns.length === 0 ? {} : { pattern: joined(options, patterns) }),
  };
}

// A group subscribes to one expression.
function joined(options: OptionReader, patterns: readonly RegExp[]): RegExp {
  const [first, ...others] = patterns as [RegExp, ...RegExp[]];
  if (!FLAGS.test(first.flags)) {
    throw options.fault('topics', 'regular expressions have no flags but i, m, s, u and v here');
  }
  if (others.length === 0) return Object.freeze(new RegExp(first));
  if (others.some(({ flags }) => flags !== first.flags)) {
    throw options.fault('topics', 'give all regular expressions the same flags');
  }
  if (patterns.some(({ source }) => /\\[1-9k]/.test(source))) {
    throw options.fault('topics', 'several regular expressions cannot refer back to groups');
  }
  const source = patterns.map((pattern) => `(?:${pattern.source})`).join('|');
  return Object.freeze(new RegExp(source, first.flags));
}

function partitionsOf(options: OptionReader): TopicsPlan {
  const wayOut = "give a list such as [{ topic: 'orders', partition: 0 }]";
  const given = options.raw('partitions');
  if (!Array.isArray(given) || given.length === 0) throw options.fault('partitions', wayOut);
  const partitions = given.map((entry: unknown) => {
    const found = topicPartition(entry);
    if (found === undefined) throw options.fault('partitions', wayOut);
    return Object.freeze(found);
  });
  checkOnce(options, 'partitions', partitions);
  if (options.has('group')) {
    throw options.fault('group', 'leave it out: with partitions no group is joined');
  }
  return {
    topics: Object.freeze([...new Set(partitions.map(({ topic }) => topic))]),
    partitions: Object.freeze(partitions),
  };
}

/** Reads `startFrom`; offsets are only of what is `read`. */
export function readStartFrom(options: OptionReader, read: TopicsPlan): StartFrom {
  const given = options.raw('startFrom');
  if (given === undefined) return 'committed';
  if (given === 'committed' && !options.has('groupId')) {
    throw options.fault('startFrom', 'give the groupId whose offsets are meant');
  }
  if (given === 'committed' || given === 'earliest' || given === 'latest') return given;
  const only = (name: string) =>
    typeof given === 'object' && given !== null && Object.keys(given).join() === name;
  if (only('timestamp')) return timestampOf(options, (given as { timestamp: unknown }).timestamp);
  if (only('offsets')) {
    return offsetsOf(options, (given as { offsets: unknown }).offsets, read);
  }
  throw options.fault(
    'startFrom',
    "give 'committed', 'earliest', 'latest', { timestamp: new Date(…) } or " +
      "{ offsets: [{ topic: 'orders', partition: 0, offset: 17n }] }",
  );
}

function timestampOf(options: OptionReader, given: unknown): StartFrom {
  const timestampMs = given instanceof Date ? given.getTime() : given;
  const whole = Number.isInteger(timestampMs);
  if (whole && (timestampMs as number) >= 0 && (timestampMs as number) <= MAX_TIME_MS) {
    return Object.freeze({ timestampMs: timestampMs as number });
  }
  throw options.fault('startFrom', 'give a Date, or whole milliseconds since 1970');
}

function offsetsOf(options: OptionReader, given: unknown, read: TopicsPlan): StartFrom {
  const wayOut = "give offsets such as [{ topic: 'orders', partition: 0, offset: 17n }]";
  if (!Array.isArray(given)) throw options.fault('startFrom', wayOut);
  const offsets = given.map((entry: unknown) => {
    const found = topicPartition(entry);
    const offset = (entry as Partial<StartOffset> | null)?.offset;
    if (found === undefined || typeof offset !== 'bigint' || offset < 0n) {
      throw options.fault('startFrom', wayOut + meantOffset(offset));
    }
    return Object.freeze({ ...found, offset });
  });
  checkOnce(options, 'startFrom', offsets);
  for (const offset of offsets) checkRead(options, offset, read);
  return Object.freeze({ offsets: Object.freeze(offsets) });
}

// One that is misspelt would have the whole topic read, from wherever it begins else.
function checkRead(options: OptionReader, wanted: TopicPartition, read: TopicsPlan): void {
  const { topic, partition } = wanted;
  const { topics, pattern, partitions } = read;
  if (partitions !== undefined) {
    if (partitions.some((one) => one.topic === topic && one.partition === partition)) return;
    throw options.fault(
      'startFrom',
      `${topic}-${partition} is not among partitions; name it there`,
    );
  }
  if (topics.includes(topic) || pattern?.test(topic) === true) return;
  const meant = mistypedName(topic, topics);
  const guess = meant === undefined ? 'name it in topics' : `did you mean '${meant}'?`;
  throw options.fault('startFrom', `the topic '${topic}' is not read; ${guess}`);
}

function topicPartition(entry: unknown): TopicPartition | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { topic, partition } = entry as Partial<TopicPartition>;
  if (!isTopicName(topic) || !Number.isInteger(partition)) return undefined;
  return partition! >= 0 && partition! <= MAX_PARTITION
    ? { topic, partition: partition! }
    : undefined;
}

function checkOnce(options: OptionReader, name: string, list: readonly TopicPartition[]): void {
  const keys = list.map(({ topic, partition }) => `${topic}-${partition}`);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined) throw options.fault(name, `it names ${twice} twice; name it once`);
}
