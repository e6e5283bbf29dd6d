/** What people read when something is wrong. The texts are held word by word. */
import { expect, test } from 'vitest';
import { readEnvironment } from '../../src/config/environment.ts';
import { configFrom } from '../../src/config/load.ts';
import { MillraceError } from '../../src/errors.ts';

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect(['INVALID_OPTION', 'INVALID_SCHEMA']).toContain((error as MillraceError).code);
    return (error as MillraceError).message;
  }
  throw new Error('nothing was thrown');
}

const IN_FLIGHT =
  'Millrace has one batch of a partition under way; requests run side by side for as many ' +
  'partitions as there are: leave it out';

test.each<[string, Record<string, unknown>, string]>([
  [
    'unknown, in snake_case',
    { max_pol_records: 500 },
    'unknown name max_pol_records; the nearest known is max_poll_records',
  ],
  [
    'unknown, with dots and a side',
    { 'kafka.producer.ackss': 1 },
    'unknown name kafka.producer.ackss; the nearest known is kafka.producer.acks',
  ],
  [
    'unknown, in an object in an object',
    { producer_config: { lingr_ms: 3 } },
    'unknown name producer_config.lingr_ms; the nearest known is producer_config.linger_ms',
  ],
  [
    'unknown, where something else is missing by it',
    { connection: { sasl: { mechanism: 'plain', username: 'x', passwort: 'hush' } } },
    "connection.sasl.passwort: there is no such option; did you mean 'password'?",
  ],
  ['unknown, and like nothing', { zzz: 1 }, 'unknown name zzz; the nearest known is acks'],
  [
    'an own option, mistyped',
    { 'millrace.source.batch.maxRow': 1 },
    'unknown name millrace.source.batch.maxRow; the nearest known is millrace.source.batch.maxRows',
  ],
  [
    'the other side',
    { 'kafka.consumer.acks': 'all' },
    "kafka.consumer.acks is nothing of a consumer's; acks is a producer's: write " +
      'kafka.producer.acks',
  ],
  [
    'two names that disagree',
    { 'linger.ms': 5, 'queue.buffering.max.ms': 10 },
    'linger.ms=5 and queue.buffering.max.ms=10 contradict each other, both are ' +
      'sink.lingerMs; keep one',
  ],
  [
    'a name and an own option that disagree',
    { source: { groupId: 'a' }, group_id: 'b' },
    "source.groupId='a' and group_id='b' contradict each other, both are source.groupId; keep one",
  ],
  [
    'acknowledgement and idempotence',
    { acks: 1, 'enable.idempotence': true },
    'acks=1 and enable.idempotence=true contradict each other: a batch that is sent ' +
      'again is stored ' +
      'once only where all replicas have it; give acks=all, or take the other away',
  ],
  ['a wrong value', { acks: 'maybe' }, "acks is 'maybe'; give one of 0, 1, all, -1"],
  ['a wrong number', { linger_ms: '5ms' }, "linger_ms is '5ms'; give a whole number"],
  [
    'a wrong truth',
    { enable_auto_commit: 'yes' },
    "enable_auto_commit is 'yes'; give true or false",
  ],
  [
    'no equivalent: transactions',
    { 'transactional.id': 'tx' },
    "transactional.id is 'tx'; this version writes without transactions; " +
      'enable.idempotence needs no id',
  ],
  ['no equivalent: more requests', { 'max.in.flight': 6 }, `max.in.flight is 6; ${IN_FLIGHT}`],
  [
    'no equivalent: another hash',
    { partitioner: 'consistent_random' },
    "partitioner is 'consistent_random'; Millrace has no CRC32 partitioner, and keys " +
      'would move to ' +
      'other partitions; give murmur2, or sink.partitioner { partitionColumn } with ' +
      'numbers of your own',
  ],
  [
    'no equivalent: nowhere to start',
    { 'auto.offset.reset': 'none' },
    "auto.offset.reset is 'none'; a partition without an offset must start " +
      'somewhere; give earliest ' +
      'or latest',
  ],
  [
    'no equivalent: a duration to start from',
    { 'auto.offset.reset': 'by_duration:PT1H' },
    "auto.offset.reset is 'by_duration:PT1H'; give source.startFrom { timestamp } in " +
      'millrace.config.ts',
  ],
  [
    'an assignor that there is not',
    { 'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.StickyAssignor' },
    "partition.assignment.strategy is 'org.apache.kafka.clients.consumer.StickyAssignor'; " +
      "'org.apache.kafka.clients.consumer.StickyAssignor' is not one of range, roundrobin, " +
      'cooperative-sticky',
  ],
  [
    'another broker',
    { broker_type: 'redis' },
    "broker_type is 'redis'; Kafka is the only one that there is; give 'kafka', or leave it out",
  ],
  [
    'a preset that there is not',
    { preset: 'durabel' },
    "there is no preset 'durabel'; did you mean 'durable'?",
  ],
  [
    'a function in text',
    { 'millrace.source.onAssign': 'f' },
    "millrace.source.onAssign is 'f'; it is a function, which text cannot be; give " +
      'it in millrace.config.ts',
  ],
  ['a section that is no object', { source: 7 }, 'source is a number; give an object'],
])('%s', (_, input, expected) => {
  expect(messageOf(() => configFrom(input))).toBe(`configFrom: ${expected}`);
});

test('values are checked by what reads them in the end; messages say where they are from', () => {
  expect(messageOf(() => configFrom({ session_timeout_ms: 5 }))).toBe(
    "Stream.fromKafka's group: sessionTimeoutMs is 5; give a whole number from 1000 to 3600000 " +
      '(given as session_timeout_ms in configFrom)',
  );
  expect(messageOf(() => configFrom({ sink: { lingerMs: -1 } }))).toBe(
    'toKafka: lingerMs is -1; give a whole number from 0 to 60000 (given as configFrom)',
  );
  const sizes = { 'batch.size': 2_000, sink: { maxBatchBytes: 1_000 } };
  expect(messageOf(() => configFrom(sizes))).toBe(
    'toKafka: batchBytes is 2000; lower it, or raise maxBatchBytes, which is 1000 and bounds it ' +
      '(given as batch.size in configFrom)',
  );
  expect(messageOf(() => configFrom({ 'bootstrap.servers': 'nowhere' }))).toBe(
    "'nowhere' is no broker address; write 'host:port'. (given as bootstrap.servers in configFrom)",
  );
  expect(messageOf(() => configFrom({ source: { batch: { maxRow: 5 } } }))).toMatch(
    /has no option 'maxRow'; did you mean 'maxRows'\? \(given as configFrom\)$/,
  );
});

test.each([
  ['KAFKA_BOOTSTRAP_SERVER', 'KAFKA_BOOTSTRAP_SERVERS'],
  ['KAFKA_CONSUMER_GRUOP_ID', 'KAFKA_CONSUMER_GROUP_ID'],
  ['KAFKA_PRODUCER_ACK', 'KAFKA_PRODUCER_ACKS'],
  ['KAFKA_PRODUCER_SOMETHING_ELSE', 'KAFKA_PRODUCER_RETRIES'],
  ['MILLRACE_SOURCE_BATCH_MAXROWS', 'MILLRACE_SOURCE_BATCH_MAX_ROWS'],
])('the variable %s is unknown; %s is near', (name, nearest) => {
  const said = messageOf(() => readEnvironment({ [name]: 'x' }));
  expect(said).toMatch(new RegExp(`^the environment: unknown name ${name}; the nearest known is `));
  if (name !== 'KAFKA_PRODUCER_SOMETHING_ELSE') expect(said.endsWith(nearest)).toBe(true);
});
