/** What to do about Kafka's errors that do not say it themselves. */

const PRODUCER_FENCED =
  'Another producer has taken the transactional id over, or the transaction was open for longer ' +
  'than its time-out and was aborted. Give each running writer an id of its own; where there is ' +
  'only one, have it make shorter transactions, or give it a longer time-out.';

const HINTS = new Map([
  [
    'COORDINATOR_NOT_AVAILABLE',
    'Where it stays so, the cluster cannot keep the offsets of groups: a broker is down, or ' +
      'offsets.topic.replication.factor is larger than the number of brokers.',
  ],
  [
    'COORDINATOR_LOAD_IN_PROGRESS',
    'The coordinator reads the offsets of its groups, as after a restart: this passes.',
  ],
  [
    'INCONSISTENT_GROUP_PROTOCOL',
    'The live members of the group know none of the assignors that are offered, or the group is ' +
      'of another protocol: offer one that they have (assignors), or use another group.',
  ],
  [
    'GROUP_MAX_SIZE_REACHED',
    'The group has as many members as the broker takes: raise its group.max.size, or start fewer.',
  ],
  [
    'INVALID_SESSION_TIMEOUT',
    "sessionTimeoutMs must lie between the broker's group.min.session.timeout.ms and " +
      'group.max.session.timeout.ms.',
  ],
  [
    'GROUP_AUTHORIZATION_FAILED',
    'The principal needs READ on the group: ask for it, or use a group that it may read.',
  ],
  [
    'TOPIC_AUTHORIZATION_FAILED',
    'The principal needs READ on a topic that it reads, and WRITE on one that it writes: ask for ' +
      'them.',
  ],
  ['PRODUCER_FENCED', PRODUCER_FENCED],
  ['INVALID_PRODUCER_EPOCH', PRODUCER_FENCED],
  [
    'INVALID_TXN_STATE',
    'The producer has no transaction that this can be done in: nothing was added to it, or it ' +
      'was ended already.',
  ],
  [
    'INVALID_PRODUCER_ID_MAPPING',
    'The coordinator does not know the producer under its transactional id, as after a rest of ' +
      'transactional.id.expiration.ms, 7 days by default: take the id over again.',
  ],
  [
    'CONCURRENT_TRANSACTIONS',
    'The transaction before is still being completed: this passes when the partitions that it ' +
      'wrote have leaders.',
  ],
  [
    'TRANSACTION_ABORTABLE',
    'This transaction cannot be committed any more: abort it, and do it again.',
  ],
  [
    'INVALID_TRANSACTION_TIMEOUT',
    "The time-out of transactions must lie between 1 ms and the broker's " +
      'transaction.max.timeout.ms, 900,000 by default.',
  ],
  [
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'The principal needs WRITE and DESCRIBE on the transactional id: ask for them, or use an id ' +
      'that it may use.',
  ],
  [
    'UNSUPPORTED_COMPRESSION_TYPE',
    'The broker does not pass on messages that are compressed so: read from one that knows the ' +
      'compression, or have the topic written with another (compression.type).',
  ],
  [
    'FENCED_INSTANCE_ID',
    'Another member with the same instanceId (group.instance.id) has taken its place: give each ' +
      'running member an instanceId of its own.',
  ],
  [
    'UNRELEASED_INSTANCE_ID',
    'A member with the same instanceId (group.instance.id) is still in the group: give each ' +
      'running member one of its own; after a crash, wait until the session has timed out.',
  ],
]);

/** The way out of an error by Kafka's name for it, a sentence; undefined: nothing to add. */
export function hintOf(kafkaError: string): string | undefined {
  return HINTS.get(kafkaError);
}
