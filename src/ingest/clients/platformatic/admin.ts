/** The few things besides reading and writing: identities, limits, new topics. */

import { ConfigResourceTypes, type createTopicsV7, ResponseError } from '@platformatic/kafka';
import { MillraceError } from '../../../errors.ts';
import type { KafkaClient, ProducerIdentity } from '../../client.ts';
import { CREATE_TOPICS, DESCRIBE_CONFIGS, INIT_PRODUCER_ID } from './apis.ts';
import type { Cluster } from './cluster.ts';
import { isRetriableKafkaError, kafkaError, kafkaErrorName, toMillraceError } from './errors.ts';
import { listOffsets } from './offsets.ts';

type NewTopics = Parameters<KafkaClient['createTopics']>[0];

/** Asks the broker for its default. */
const BROKER_DEFAULT = -1;

/** A fresh identity for an idempotent producer without transactions. */
export function initProducerId(cluster: Cluster): Promise<ProducerIdentity> {
  return cluster.retrying(async () => {
    try {
      const broker = await cluster.anyBroker();
      // -1 asks for a new identity; 0 would claim producer 0.
      const answer = await broker.call(INIT_PRODUCER_ID, null, 0, -1n, -1);
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
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
      const broker = await cluster.anyBroker();
      const resource = {
        resourceType: ConfigResourceTypes.TOPIC,
        resourceName: topic,
        configurationKeys: ['max.message.bytes'],
      };
      const answer = await broker.call(DESCRIBE_CONFIGS, [resource], false, false);
      const value = answer.results[0]?.configs.find(({ name }) => name === 'max.message.bytes');
      if (value?.value == null) throw kafkaError('INVALID_CONFIG', what, { topic });
      return Number(value.value);
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
    name: topic,
    numPartitions: partitions,
    replicationFactor: replicationFactor ?? BROKER_DEFAULT,
    assignments: [],
    configs: Object.entries(config ?? {}).map(([name, value]) => ({ name, value })),
  }));
  const what = `Creating ${topics.map(({ topic }) => topic).join(', ')}`;
  try {
    const controller = await cluster.controller();
    await controller.call(CREATE_TOPICS, requested, cluster.options.requestTimeoutMs, false);
  } catch (error) {
    const inside: unknown = error instanceof ResponseError ? error.response : undefined;
    if (inside === undefined) throw toMillraceError(error, what);
    throwRefusals(inside as createTopicsV7.CreateTopicsResponse);
  }
}

/** A topic that is there already is what was wanted; a final refusal goes before a passing one. */
function throwRefusals({ topics }: createTopicsV7.CreateTopicsResponse): void {
  const refusals = topics
    .map(({ name, errorCode, errorMessage }) => ({ name, errorCode, errorMessage }))
    .filter(({ errorCode }) => errorCode !== 0)
    .map((refusal) => ({ ...refusal, error: kafkaErrorName(refusal.errorCode) }))
    .filter(({ error }) => error !== 'TOPIC_ALREADY_EXISTS');
  const worst = refusals.find(({ error }) => !isRetriableKafkaError(error)) ?? refusals[0];
  if (worst === undefined) return;
  const { name, error, errorMessage } = worst;
  throw kafkaError(error, `Creating topic '${name}'`, { topic: name }, errorMessage);
}
