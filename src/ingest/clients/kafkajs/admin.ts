/** The few things besides reading and writing: identities, limits, new topics. */
import { MillraceError } from '../../../errors.ts';
import type { KafkaClient, ProducerIdentity } from '../../client.ts';
import { isRetriableKafkaError, kafkaError, kafkaErrorName } from '../kafka-errors.ts';
import type { Cluster } from './cluster.ts';
import { protocolCode, toMillraceError } from './errors.ts';
import { listOffsets } from './offsets.ts';

type NewTopics = Parameters<KafkaClient['createTopics']>[0];

/** Asks the broker for its default. */
const BROKER_DEFAULT = -1;
/** Kafka's number for a topic among its resources. */
const TOPIC_RESOURCE = 2;

/** A fresh identity for an idempotent producer without transactions. */
export function initProducerId(cluster: Cluster): Promise<ProducerIdentity> {
  return cluster.retrying(async () => {
    try {
      const { broker } = await cluster.anyBroker();
      const request = { transactionalId: null, transactionTimeout: 0 };
      const { producerId, producerEpoch } = await broker.initProducerId(request);
      return { producerId: BigInt(producerId), producerEpoch };
    } catch (error) {
      throw toMillraceError(error, 'Getting a producer id');
    }
  });
}

/** `max.message.bytes` of a topic: the largest record batch it takes, compressed. */
export function maxMessageBytes(cluster: Cluster, topic: string): Promise<number> {
  const what = `Reading max.message.bytes of topic '${topic}'`;
  return cluster.retrying(async () => {
    try {
      const { broker } = await cluster.anyBroker();
      const name = 'max.message.bytes';
      const resource = { type: TOPIC_RESOURCE, name: topic, configNames: [name] };
      const answer = await broker.describeConfigs({ resources: [resource] });
      const entry = answer.resources[0]?.configEntries.find(
        ({ configName }) => configName === name,
      );
      if (entry?.configValue == null) throw kafkaError('INVALID_CONFIG', what, { topic });
      return Number(entry.configValue);
    } catch (error) {
      const refused = toMillraceError(error, what, { topic });
      if (refused.context.kafkaError !== 'UNKNOWN_TOPIC_OR_PARTITION') throw refused;
      const message = `Topic '${topic}' does not exist; create it first or correct the name.`;
      throw new MillraceError(message, { code: 'UNKNOWN_TOPIC', context: { topic }, cause: error });
    }
  });
}

/** Creates what is not there, and waits until every partition of each topic can be used. */
export async function createTopics(cluster: Cluster, topics: NewTopics): Promise<void> {
  if (topics.length === 0) return;
  const names = topics.map(({ topic }) => topic);
  await cluster.retrying(() => createMissing(cluster, topics));
  await cluster.retrying(async () => {
    try {
      await cluster.topics(names, true);
    } catch (error) {
      // It was created: the broker that was asked has not heard of it yet.
      if (!(error instanceof MillraceError) || error.code !== 'UNKNOWN_TOPIC') throw error;
      throw kafkaError('LEADER_NOT_AVAILABLE', 'Waiting for new topics', error.context);
    }
  });
  // The metadata name a leader before that broker has opened the partition's log; until then it
  // refuses everything with NOT_LEADER_OR_FOLLOWER. It answers this once it leads.
  const partitions = (await cluster.topics(names)).flatMap((info) => info.partitions);
  await listOffsets(cluster, partitions, 'latest', 'read_uncommitted');
}

async function createMissing(cluster: Cluster, topics: NewTopics): Promise<void> {
  const requested = topics.map(({ topic, partitions, replicationFactor, config }) => ({
    topic,
    numPartitions: partitions,
    replicationFactor: replicationFactor ?? BROKER_DEFAULT,
    configEntries: Object.entries(config ?? {}).map(([name, value]) => ({ name, value })),
  }));
  try {
    const { broker } = await cluster.controller();
    const timeout = cluster.options.requestTimeoutMs;
    await broker.createTopics({ topics: requested, timeout });
  } catch (error) {
    const refused = (error as { errors?: unknown }).errors;
    if (Array.isArray(refused)) return throwRefusals(refused as readonly Refusal[]);
    throw toMillraceError(error, `Creating ${topics.map(({ topic }) => topic).join(', ')}`);
  }
}

/** kafkajs's `KafkaJSCreateTopicError`. */
type Refusal = Error & { readonly topic: string };

/** A topic that is there already is what was wanted; a final refusal goes before a passing one. */
function throwRefusals(errors: readonly Refusal[]): void {
  const refusals = errors
    .map((cause) => ({ cause, error: kafkaErrorName(protocolCode(cause) ?? -1) }))
    .filter(({ error }) => error !== 'TOPIC_ALREADY_EXISTS');
  const worst = refusals.find(({ error }) => !isRetriableKafkaError(error)) ?? refusals[0];
  if (worst === undefined) return;
  const { cause, error } = worst;
  const { topic, message } = cause;
  throw kafkaError(error, `Creating topic '${topic}'`, { topic }, message, cause);
}
