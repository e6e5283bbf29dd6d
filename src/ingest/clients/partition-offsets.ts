/** Questions about offsets, as both clients ask them: of leaders, of coordinators, with retries. */
import type { ErrorContext, MillraceError } from '../../errors.ts';
import type { OffsetPoint, TopicInfo, TopicPartition } from '../client.ts';
import { kafkaError } from './kafka-errors.ts';

/** Kafka's pseudo timestamps. */
const TIMESTAMPS = { earliest: -2n, latest: -1n } as const;

/** Groups and transactional ids have a coordinator each, found by their name. */
export type CoordinatorKind = 'group' | 'transaction';

/** Which messages count. */
export type Isolation = 'read_committed' | 'read_uncommitted';

/** What is asked of a client's cluster. */
export interface OffsetCluster<Broker> {
  topics(names: readonly string[]): Promise<TopicInfo[]>;
  connection(purpose: string, node: number): Promise<Broker>;
  coordinator(name: string, kind?: CoordinatorKind): Promise<number>;
  retrying<T>(attempt: () => Promise<T>): Promise<T>;
  forgetTopics(names: Iterable<string>): void;
  forgetCoordinator(name: string, kind?: CoordinatorKind): void;
}

/** A client's cluster, and how its library's errors become ours. */
export interface OffsetParts<Broker> {
  readonly cluster: OffsetCluster<Broker>;
  toMillraceError(error: unknown, what: string, context?: ErrorContext): MillraceError;
}

/** Asks one broker for offsets of partitions that it leads, and adds them to `found`. */
export type ReadOffsets<Broker> = (
  broker: Broker,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  found: Map<string, bigint>,
) => Promise<void>;

/** Where `at` is in each partition, in the order asked; follows moving leaders. */
export async function offsetsOf<Broker>(
  parts: OffsetParts<Broker>,
  read: ReadOffsets<Broker>,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
  isolation: Isolation,
): Promise<bigint[]> {
  if (typeof at === 'string') {
    const what = `the ${at} offsets`;
    return offsetsAt(parts, read, partitions, TIMESTAMPS[at], isolation, what);
  }
  const what = `the offsets at timestamp ${at.timestampMs}`;
  const timestamp = BigInt(Math.max(0, Math.ceil(at.timestampMs)));
  const found = await offsetsAt(parts, read, partitions, timestamp, isolation, what);
  // Where no message is so late, Kafka answers -1.
  const late = partitions.filter((_, i) => found[i]! < 0n);
  const ends = await offsetsOf(parts, read, late, 'latest', isolation);
  return found.map((offset) => (offset < 0n ? ends.shift()! : offset));
}

async function offsetsAt<Broker>(
  { cluster, toMillraceError }: OffsetParts<Broker>,
  read: ReadOffsets<Broker>,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  what: string,
): Promise<bigint[]> {
  if (partitions.length === 0) return [];
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const found = new Map<string, bigint>();
  await cluster.retrying(async () => {
    try {
      const missing = partitions.filter((partition) => !found.has(offsetKey(partition)));
      for (const [node, led] of await byLeader(cluster, missing)) {
        const broker = await cluster.connection('control', node);
        await read(broker, led, timestamp, isolation, found);
      }
    } catch (error) {
      cluster.forgetTopics(topics);
      throw toMillraceError(error, `Reading ${what} of ${topics.join(', ')}`);
    }
  });
  return partitions.map((partition) => found.get(offsetKey(partition))!);
}

/** Asks the coordinator of a group or transactional id, wherever it is; retries what passes. */
export function atCoordinator<Broker, T>(
  { cluster, toMillraceError }: OffsetParts<Broker>,
  name: string,
  what: string,
  request: (broker: Broker) => Promise<T>,
  kind: CoordinatorKind = 'group',
): Promise<T> {
  return cluster.retrying(async () => {
    try {
      const node = await cluster.coordinator(name, kind);
      return await request(await cluster.connection('control', node));
    } catch (error) {
      cluster.forgetCoordinator(name, kind);
      throw toMillraceError(error, what, soughtCoordinator(name, kind).context);
    }
  });
}

/** A coordinator that is looked for: its key in a cache, and what errors say of it. */
export function soughtCoordinator(
  name: string,
  kind: CoordinatorKind,
): { readonly key: string; readonly what: string; readonly context: ErrorContext } {
  const key = `${kind}/${name}`;
  return kind === 'group'
    ? { key, what: `Finding the coordinator of group '${name}'`, context: { groupId: name } }
    : {
        key,
        what: `Finding the coordinator of transactional id '${name}'`,
        context: { transactionalId: name },
      };
}

/** Partitions by topic, as requests name them. */
export function groupByTopic<T extends TopicPartition>(items: readonly T[]): Map<string, T[]> {
  return Map.groupBy(items, ({ topic }) => topic);
}

/** The key of a partition in maps of offsets. */
export function offsetKey({ topic, partition }: TopicPartition): string {
  return `${partition}/${topic}`;
}

async function byLeader<Broker>(
  cluster: OffsetCluster<Broker>,
  partitions: readonly TopicPartition[],
): Promise<Map<number, TopicPartition[]>> {
  const topics = await cluster.topics([...new Set(partitions.map(({ topic }) => topic))]);
  const infos = new Map(
    topics.flatMap((topic) => topic.partitions).map((info) => [offsetKey(info), info]),
  );
  return Map.groupBy(partitions, (place) => {
    const { topic, partition } = place;
    const leader = infos.get(offsetKey(place))?.leader;
    const what = `Finding the leader of ${topic}/${partition}`;
    const context = { topic, partition };
    if (leader === undefined) throw kafkaError('UNKNOWN_TOPIC_OR_PARTITION', what, context);
    if (leader < 0) throw kafkaError('LEADER_NOT_AVAILABLE', what, context);
    return leader;
  });
}
