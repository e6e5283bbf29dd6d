/** What options of other clients are called here, for messages about unknown names. */

/** What there is for messages that do not decode. */
const BROKEN_MESSAGES =
  "a message that does not decode ends the run with BAD_MESSAGE: read codec: 'bytes', decode by " +
  'tryCast and split good from bad, or go on behind it; see "Messages that do not decode" in ' +
  'docs/json.md';

/** Names of kafkajs, of confluent-kafka-javascript, which takes the same, and of other clients. */
const OTHER_NAMES: Readonly<Record<string, string>> = Object.freeze({
  bootstrapServers: 'here it is brokers',
  bootstrapBrokers: 'here it is brokers',
  library: "here it is client: 'auto', 'platformatic' or 'kafkajs'",
  kafkaLibrary: "here it is client: 'auto', 'platformatic' or 'kafkajs'",
  maxPollRecords: 'here it is batch: { maxRows }',
  maxPollIntervalMs: 'here it is group: { rebalanceTimeoutMs }',
  sessionTimeoutMs: 'here it is group: { sessionTimeoutMs }',
  heartbeatIntervalMs: 'here it is group: { heartbeatIntervalMs }',
  rebalanceTimeoutMs: 'here it is group: { rebalanceTimeoutMs }',
  instanceId: 'here it is group: { instanceId }',
  assignors: 'here it is group: { assignors }',
  autoCommitIntervalMs: 'here it is commitIntervalMs',
  batchSize: 'here a sink has batchBytes and batchMessages, and a source batch: { maxRows }',
  bufferMemory: 'here a KafkaSink has maxBufferBytes, and a stream maxInFlightBytes',
  maxWaitTime: 'here it is fetch: { maxWaitMs }',
  compressionType: 'here it is compression',
  fromBeginning:
    "here a group without offsets begins at offsetReset: 'earliest' (default) or 'latest'; " +
    "startFrom: 'earliest' begins there also where there are offsets",
  autoOffsetReset: "here it is offsetReset: 'earliest' or 'latest'",
  groupId: 'a group reads: give it to the source',
  groupInstanceId: 'here it is group: { instanceId }',
  groupProtocol: 'here it is group: { protocol }',
  sessionTimeout: 'here it is group: { sessionTimeoutMs }',
  heartbeatInterval: 'here it is group: { heartbeatIntervalMs }; heartbeats are sent by themselves',
  rebalanceTimeout: 'here it is group: { rebalanceTimeoutMs }',
  partitionAssigners: 'here it is group: { assignors }',
  partitionAssignors: 'here it is group: { assignors }',
  autoCommitInterval: 'here it is commitIntervalMs',
  autoCommitThreshold: 'here offsets are committed by time alone: commitIntervalMs',
  eachMessage:
    'here a loop takes the messages: for await (const record of new KafkaSource(…).records())',
  eachBatch:
    'here a loop takes the batches: for await (const batch of Stream.fromKafka(…).batches())',
  eachBatchAutoResolve: 'here a batch is done with when the next one is asked for',
  partitionsConsumedConcurrently:
    'here the partitions are read together by themselves, and decoded by workers: see workers',
  minBytes: 'here it is fetch: { minBytes }',
  maxBytes: 'here it is fetch: { maxBytes }, and batch: { maxBytes } of what is handed out',
  maxBytesPerPartition: 'here it is batch: { maxBytes }; a fetch takes fetch: { maxBytes }',
  maxWaitTimeInMs: 'here it is fetch: { maxWaitMs }',
  readUncommitted: "here it is isolation: 'read_uncommitted'",
  isolationLevel: "here it is isolation: 'read_committed' (default) or 'read_uncommitted'",
  rackId: 'here it is rack',
  topics: 'a sink writes one topic: give topic',
  messages: 'here they go to send(value, { key, headers }), or all at once to sendBatch(values)',
  topicMessages: 'here each topic has a sink of its own, and sendBatch(values)',
  createPartitioner:
    "here it is partitioner: 'murmur2' (default), 'round-robin', 'sticky', { column }; a " +
    'KafkaSink also takes { row: (value, partitions) => number }',
  maxInFlightRequests: 'here a partition has one batch under way, so that nothing overtakes',
  transactionalId:
    'no option writes in transactions; each batch is stored once: idempotent is the default',
  transactionTimeout:
    'no option writes in transactions; each batch is stored once: idempotent is the default',
  allowAutoTopicCreation: 'here a topic must exist: create it with an administration tool',
  retry: 'here it is retries and retryDelayMs; deliveryTimeoutMs bounds a batch by time',
  logLevel: 'here nothing is logged: what fails is thrown, or a warning of the process',
  logCreator: 'here nothing is logged: what fails is thrown, or a warning of the process',
  logger: 'here nothing is logged: what fails is thrown, or a warning of the process',
  requestTimeout: 'here it is requestTimeoutMs',
  connectionTimeout: 'here it is connectTimeoutMs',
  timeout:
    'here it is timeoutMs of a call that waits; a request has requestTimeoutMs, and the whole of ' +
    'a batch deliveryTimeoutMs',
  authenticationTimeout: 'here it is connectTimeoutMs, which the log-in is a part of',
  reauthenticationThreshold:
    'it has no counterpart: a connection is replaced before its log-in ends, by itself',
  socketFactory: 'it has no counterpart: sockets are those of Node.js',
  metadataMaxAge: 'it has no counterpart: metadata is asked for anew by itself',
  oauthBearerProvider: "here it is sasl: { mechanism: 'oauthbearer', token }",
  enforceRequestTimeout: 'here requestTimeoutMs always holds',
  kafkaJS: 'here its options stand at the top',
  onError: `what fails rejects run.closed; ${BROKEN_MESSAGES}`,
  deadLetter: BROKEN_MESSAGES,
  deadLetters: BROKEN_MESSAGES,
  deadLetterTopic: BROKEN_MESSAGES,
  deadLetterQueue: BROKEN_MESSAGES,
  dlq: BROKEN_MESSAGES,
  dlqTopic: BROKEN_MESSAGES,
  onBadMessage: BROKEN_MESSAGES,
  onBadMessages: BROKEN_MESSAGES,
  badMessages: BROKEN_MESSAGES,
  badMessage: BROKEN_MESSAGES,
  onReject: BROKEN_MESSAGES,
  onRejects: BROKEN_MESSAGES,
  rejects: BROKEN_MESSAGES,
  onDecodeError: BROKEN_MESSAGES,
  onParseError: BROKEN_MESSAGES,
  skipBadMessages: BROKEN_MESSAGES,
  ignoreErrors: BROKEN_MESSAGES,
  errorPolicy: BROKEN_MESSAGES,
  errorTolerance: BROKEN_MESSAGES,
});

/** Names with dots or underscores are those of configuration files: `group.id`, `group_id`. */
const CONFIGURED = /^[a-z]+([._][a-z]+)+$/;

/**
 * What to say about an option that Millrace does not have under the name that another client has
 * for it; `undefined`: it is no such name.
 *
 * @param takesConfig whether such names may stand in an option `config` beside it.
 */
export function foreignNameHint(name: string, takesConfig = false): string | undefined {
  if (Object.hasOwn(OTHER_NAMES, name)) return OTHER_NAMES[name];
  if (!CONFIGURED.test(name)) return undefined;
  if (takesConfig) return `such names go into config: { '${name}': … }`;
  return (
    `such names go through configFrom({ '${name}': … }), whose answer toSourceOptions and ` +
    'toSinkOptions turn into options'
  );
}
