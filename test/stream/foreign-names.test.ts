import { describe, expect, test } from 'vitest';
import { KafkaSink, KafkaSource, MillraceError, Stream } from '../../src/index.ts';

/** Every option of kafkajs 2.2.4, by what takes it there. */
const CLIENT =
  'brokers ssl sasl clientId connectionTimeout authenticationTimeout reauthenticationThreshold ' +
  'requestTimeout enforceRequestTimeout retry socketFactory logLevel logCreator';
const CONSUMER =
  'groupId partitionAssigners metadataMaxAge sessionTimeout rebalanceTimeout heartbeatInterval ' +
  'maxBytesPerPartition minBytes maxBytes maxWaitTimeInMs allowAutoTopicCreation ' +
  'maxInFlightRequests readUncommitted rackId isolationLevel topic fromBeginning autoCommit ' +
  'autoCommitInterval autoCommitThreshold eachBatchAutoResolve partitionsConsumedConcurrently ' +
  'eachBatch eachMessage';
const PRODUCER =
  'createPartitioner metadataMaxAge allowAutoTopicCreation idempotent transactionalId ' +
  'transactionTimeout maxInFlightRequests topic messages topicMessages acks timeout compression';
const HERE = /has no option '\w+'; (here |it has no counterpart|no option|a )/;

function messageOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return error.message;
  }
  return undefined;
}

describe.each([
  ['KafkaSource', `${CLIENT} ${CONSUMER}`, (one: object) => new KafkaSource(one as never)],
  ['Stream.fromKafka', `${CLIENT} ${CONSUMER}`, (one: object) => Stream.fromKafka(one as never)],
  ['KafkaSink', `${CLIENT} ${PRODUCER}`, (one: object) => new KafkaSink(one as never)],
])('%s has every option of kafkajs', (_, names, make) => {
  test.each(names.split(' '))('%s, or says what is in its place', (name) => {
    const message = messageOf(() => make({ topic: 't', [name]: undefined }));
    if (message?.includes('has no option') === true) expect(message).toMatch(HERE);
  });
});

test.each([
  ['oauthBearerProvider', 'here it is token, a function that gives the text of the token alone'],
  ['authenticationProvider', 'it has no counterpart: mechanism is one of plain, scram-sha-256'],
  ['accessKeyId', 'it has no counterpart: mechanism is one of plain, scram-sha-256'],
])('sasl.%s says what is in its place', (name, words) => {
  const sasl = { mechanism: 'oauthbearer', [name]: async () => ({ value: 'x' }) };
  const message = messageOf(() => new KafkaSource({ topic: 't', sasl } as never));
  expect(message).toContain(`sasl.${name}: there is no such option; ${words}`);
});
