/** Names of a consumer's settings in other clients: group, offsets, fetches. */
import type { KnownName } from './known-name.ts';
import {
  byValue,
  list,
  noted,
  oneOf,
  type Reading,
  refused,
  text,
  trueOrFalse,
  wholeNumber,
} from './reading.ts';
import { topics } from './topics.ts';

const ROWS_SMALL = 4_096;
const DURATION = 'give source.startFrom { timestamp } in millrace.config.ts';

/** What `partition.assignment.strategy` may say, and what it means here. */
const ASSIGNORS: Readonly<Record<string, string>> = {
  range: 'range',
  rangeassignor: 'range',
  rangepartitionassignor: 'range',
  roundrobin: 'round-robin',
  'round-robin': 'round-robin',
  roundrobinassignor: 'round-robin',
  roundrobinpartitionassignor: 'round-robin',
  'cooperative-sticky': 'cooperative-sticky',
  cooperativestickyassignor: 'cooperative-sticky',
};

/** The rows for consumers. */
export const CONSUMER_NAMES: readonly KnownName[] = [
  { names: ['group.id'], side: 'source', option: 'groupId', read: text, doc: 'As it is.' },
  {
    names: ['topics', 'topic'],
    side: 'source',
    option: 'topics',
    read: topics,
    doc:
      'A list, or text with commas; what begins with ^ is a regular expression. Text may be a ' +
      'list in JSON, too, where an expression has commas.',
  },
  {
    names: ['auto.offset.reset'],
    side: 'source',
    option: 'offsetReset',
    read: byValue(
      {
        none: refused(
          'a partition without an offset must start somewhere; give earliest or latest',
        ),
        error: refused(
          'a partition without an offset must start somewhere; give earliest or latest',
        ),
      },
      offsetReset,
    ),
    doc: 'earliest, smallest or beginning; latest, largest or end.',
  },
  {
    names: ['enable.auto.commit', 'auto.commit.enable'],
    side: 'source',
    option: 'autoCommit',
    read: trueOrFalse,
    doc: 'As it is. Automatic commits come after the acknowledged output.',
  },
  {
    names: ['auto.commit.interval.ms'],
    side: 'source',
    option: 'commitIntervalMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['isolation.level'],
    side: 'source',
    option: 'isolation',
    read: oneOf({ read_committed: 'read_committed', read_uncommitted: 'read_uncommitted' }),
    doc: 'As it is. Without it Millrace reads what is committed, as librdkafka does.',
  },
  {
    names: ['max.poll.records'],
    side: 'source',
    option: 'batch.maxRows',
    read: rows,
    doc: 'The most rows of a morsel, and of what is handed out at once. Small morsels cost speed.',
  },
  {
    names: ['fetch.min.bytes'],
    side: 'source',
    option: 'fetch.minBytes',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['fetch.max.bytes'],
    side: 'source',
    option: 'fetch.maxBytes',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['fetch.max.wait.ms', 'fetch.wait.max.ms'],
    side: 'source',
    option: 'fetch.maxWaitMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['max.partition.fetch.bytes', 'fetch.message.max.bytes'],
    side: 'source',
    option: 'batch.maxBytes',
    read: wholeNumber(),
    doc: 'The encoded bytes of a morsel, which is of one partition.',
  },
  {
    names: ['session.timeout.ms'],
    side: 'source',
    option: 'group.sessionTimeoutMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['heartbeat.interval.ms'],
    side: 'source',
    option: 'group.heartbeatIntervalMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['max.poll.interval.ms'],
    side: 'source',
    option: 'group.rebalanceTimeoutMs',
    read: wholeNumber(),
    doc: 'How long a member may take to finish and give partitions back.',
  },
  {
    names: ['group.instance.id'],
    side: 'source',
    option: 'group.instanceId',
    read: text,
    doc: 'As it is.',
  },
  {
    names: ['group.protocol'],
    side: 'source',
    option: 'group.protocol',
    read: oneOf({ classic: 'classic', consumer: 'consumer' }),
    doc: 'As it is.',
  },
  {
    names: ['partition.assignment.strategy'],
    side: 'source',
    option: 'group.assignors',
    read: assignors,
    doc: "range, roundrobin, cooperative-sticky, or the names of Java's classes.",
  },
  {
    names: ['group.remote.assignor'],
    side: 'source',
    read: refused("the broker's own choice is used; leave it out"),
    doc: 'With group.protocol=consumer the broker chooses.',
  },
  {
    names: ['enable.auto.offset.store'],
    side: 'source',
    read: byValue(
      { true: noted('what was taken is always known') },
      refused('use enable.auto.commit=false and run.commit(offsets)'),
    ),
    doc: 'true. Else enable.auto.commit=false and run.commit().',
  },
  {
    names: ['enable.partition.eof'],
    side: 'source',
    read: byValue(
      { false: noted('a run goes on at the end of a partition') },
      refused("use source.until 'latest', which ends the run there"),
    ),
    doc: "false. Else source.until: 'latest'.",
  },
  {
    names: ['check.crcs'],
    side: 'source',
    read: noted('checksums are always checked'),
    doc: 'Checksums are always checked.',
  },
  {
    names: ['queued.max.messages.kbytes', 'queued.min.messages'],
    side: 'source',
    read: noted('what is fetched ahead is bounded by run.maxInFlightBytes'),
    doc: 'What is fetched ahead is bounded by run.maxInFlightBytes.',
  },
  {
    names: ['key.deserializer', 'value.deserializer'],
    side: 'source',
    read: noted('values are read by source.codec and source.schema, keys are bytes'),
    doc: 'Values are read by source.codec and source.schema, keys are bytes.',
  },
  {
    names: ['consumer.timeout.ms'],
    side: 'source',
    read: byValue(
      { '-1': noted('a loop waits for ever'), infinity: noted('a loop waits for ever') },
      refused(
        "give the time to poll({ timeoutMs }) of a KafkaSource; until: 'latest' ends with the " +
          'topics',
      ),
    ),
    doc: "-1. Else poll({ timeoutMs }) of a KafkaSource, or source.until: 'latest'.",
  },
  {
    names: ['topic.blacklist', 'bootstrap.topics.filter'],
    // librdkafka and kafka-python have them for producers, too.
    side: 'connection',
    read: refused('give topics, names or a regular expression that leaves the others out'),
    doc: 'source.topics takes a regular expression that leaves topics out.',
  },
  {
    names: ['share.acknowledgement.mode', 'share.acquire.mode'],
    side: 'source',
    read: refused('Millrace does not read in share groups; give group.id, and leave it out'),
    doc: 'There are no share groups.',
  },
  {
    names: ['group.protocol.type'],
    side: 'source',
    read: byValue(
      { consumer: noted('it is what a group of consumers is') },
      refused("a group is one of consumers; give 'consumer', or leave it out"),
    ),
    doc: 'consumer, and nothing else.',
  },
  {
    names: ['offset.store.method'],
    side: 'source',
    read: byValue(
      { broker: noted('offsets are committed to the broker') },
      refused('offsets are committed to the broker; to commit none, leave group.id out'),
    ),
    doc: 'broker, and nothing else.',
  },
  {
    names: ['offset.store.path', 'offset.store.sync.interval.ms'],
    side: 'source',
    read: noted('offsets are committed to the broker, and there is no file of them'),
    doc: 'Offsets are committed to the broker, and there is no file of them.',
  },
  {
    names: ['consume.callback.max.messages'],
    side: 'source',
    read: byValue(
      { 0: noted('nothing is called back') },
      refused('nothing is called back; max.poll.records bounds a batch'),
    ),
    doc: '0. Else max.poll.records.',
  },
  {
    names: [
      'enable.incremental.fetch.sessions',
      'coordinator.query.interval.ms',
      'fetch.queue.backoff.ms',
      'internal.throw.on.fetch.stable.offset.unsupported',
    ],
    side: 'source',
    read: noted('Millrace sees to it by itself'),
    doc: 'How fetches and coordinators are asked: Millrace sees to it by itself.',
  },
  {
    names: ['exclude.internal.topics'],
    side: 'source',
    read: byValue(
      { true: noted('a pattern never matches internal topics') },
      refused('a pattern never matches internal topics; name those that are to be read in topics'),
    ),
    doc: 'true. Internal topics never match a pattern; name those that are to be read.',
  },
  {
    names: ['fetch.error.backoff.ms', 'default.api.timeout.ms'],
    side: 'source',
    read: noted('Millrace has its own way here'),
    doc: 'Retries follow connection.retries.',
  },
];

function offsetReset(value: unknown): Reading {
  if (String(value).startsWith('by_duration')) return { problem: DURATION };
  return oneOf({
    earliest: 'earliest',
    smallest: 'earliest',
    beginning: 'earliest',
    latest: 'latest',
    largest: 'latest',
    end: 'latest',
  })(value);
}

function rows(value: unknown): Reading {
  const reading = wholeNumber()(value);
  if (!('value' in reading) || (reading.value as number) >= ROWS_SMALL) return reading;
  return { ...reading, note: 'morsels this small cost speed; the default is 65,536 rows' };
}

function assignors(value: unknown): Reading {
  const reading = list(value);
  if (!('value' in reading)) return reading;
  const found: string[] = [];
  for (const name of reading.value as string[]) {
    const assignor = ASSIGNORS[name.slice(name.lastIndexOf('.') + 1).toLowerCase()];
    if (assignor === undefined) {
      return { problem: `'${name}' is not one of range, roundrobin, cooperative-sticky` };
    }
    if (!found.includes(assignor)) found.push(assignor);
  }
  return { value: found };
}
