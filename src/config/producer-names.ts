/** Names of a producer's settings in other clients: acknowledgement, batches, partitions. */
import { MAX_BUFFER_MESSAGES } from '../stream/buffer-options.ts';
import { MAX_DELIVERY_TIMEOUT_MS } from '../stream/sink-options.ts';
import type { KnownName } from './known-name.ts';
import {
  byValue,
  noted,
  oneOf,
  type Reader,
  type Reading,
  refused,
  text,
  trueOrFalse,
  wholeNumber,
} from './reading.ts';

const IN_FLIGHT_MAX = 5;
/** Batches below it are not what a stream is at its best with. */
const SMALL_BATCH_BYTES = 131_072;
const SMALL_BATCH_MESSAGES = 500;
const SMALL_BATCHES =
  'one batch of a partition is under way at a time, so batches this small cost speed (16 KiB ' +
  "were measured at 0.6 times the default's); without it batches are as large as a morsel and " +
  "the topic's max.message.bytes allow";
const MEMORY =
  'what would pass run.maxInFlightBytes, or the buffer of a KafkaSink, waits as long as it takes';
/** The note for what a sink of rows honours and a stream does not. */
export const OF_ROWS =
  'it holds for a publisher, and by toRowSinkOptions for a KafkaSink; the memory of a stream is ' +
  'bounded by run.maxInFlightBytes';
const LARGEST = "a message may be as large as the topic's max.message.bytes says";
const CRC32 =
  'Millrace has no CRC32 partitioner, and keys would move to other partitions; give murmur2, or ' +
  'sink.partitioner { partitionColumn } with numbers of your own';

/** The rows for producers. */
export const PRODUCER_NAMES: readonly KnownName[] = [
  {
    names: ['topic'],
    side: 'sink',
    option: 'topic',
    read: text,
    doc: 'As it is. Without producer. in front it is what is read: source.topics.',
  },
  {
    names: ['acks', 'request.required.acks'],
    side: 'sink',
    option: 'acks',
    read: oneOf({ all: 'all', '-1': 'all', 1: 1, 0: 0 }),
    doc: 'all or -1, 1, 0.',
  },
  {
    names: ['enable.idempotence'],
    side: 'sink',
    option: 'idempotent',
    read: trueOrFalse,
    doc: 'As it is.',
  },
  {
    names: ['linger.ms', 'queue.buffering.max.ms'],
    side: 'sink',
    option: 'lingerMs',
    read: wholeNumber(),
    doc: 'As it is.',
  },
  {
    names: ['compression.type', 'compression.codec'],
    side: 'sink',
    option: 'compression',
    read: oneOf({ none: 'none', gzip: 'gzip', snappy: 'snappy', lz4: 'lz4', zstd: 'zstd' }),
    doc: 'As it is.',
  },
  {
    names: ['partitioner', 'partitioner.class'],
    side: 'sink',
    option: 'partitioner',
    read: byValue(
      {
        consistent: refused(CRC32),
        consistent_random: refused(CRC32),
        fnv1a: refused(CRC32.replace('CRC32', 'FNV-1a')),
        fnv1a_random: refused(CRC32.replace('CRC32', 'FNV-1a')),
      },
      partitioner,
    ),
    doc: "murmur2, murmur2_random, round-robin, sticky, or the names of Java's classes.",
  },
  {
    names: ['partitioner.ignore.keys'],
    side: 'sink',
    read: byValue(
      { false: noted('keys decide') },
      refused("give sink.partitioner 'round-robin', which ignores keys"),
    ),
    doc: 'false. Else partitioner=round-robin.',
  },
  {
    names: ['buffer.memory'],
    side: 'run',
    option: 'maxInFlightBytes',
    also: 'sink.maxBufferBytes',
    read: wholeNumber(),
    doc:
      'Bounds all that is under way: input, columns and output; in a `KafkaSink` what waits, ' +
      'sink.maxBufferBytes.',
  },
  {
    names: ['queue.buffering.max.kbytes'],
    side: 'run',
    option: 'maxInFlightBytes',
    also: 'sink.maxBufferBytes',
    read: wholeNumber(1_024),
    doc:
      'In KiB. Bounds all that is under way: input, columns and output; in a `KafkaSink` what ' +
      'waits, sink.maxBufferBytes.',
  },
  {
    names: ['batch.size'],
    side: 'sink',
    option: 'batchBytes',
    read: batchSize,
    doc:
      'In bytes, before compression; 0, as 1, is a batch for each message. Without it batches ' +
      'are larger and faster than with the 16,384 that many files have.',
  },
  {
    names: ['batch.num.messages', 'batch.max.messages'],
    side: 'sink',
    option: 'batchMessages',
    read: smallNoted(wholeNumber(), SMALL_BATCH_MESSAGES),
    doc: 'As it is.',
  },
  {
    names: ['queue.buffering.max.messages'],
    side: 'sink',
    option: 'maxBufferMessages',
    read: bufferMessages,
    doc:
      'Holds for a publisher, and by `toRowSinkOptions` for a `KafkaSink`. 0, which is no ' +
      'bound, is taken as ' +
      `${MAX_BUFFER_MESSAGES}, the most that there is.`,
  },
  {
    names: ['max.block.ms', 'queue.buffering.backpressure.threshold'],
    side: 'sink',
    read: noted(MEMORY),
    doc: 'What would pass run.maxInFlightBytes, or the buffer of a `KafkaSink`, waits.',
  },
  {
    names: ['max.request.size', 'message.max.bytes'],
    // librdkafka has it for consumers, too.
    side: 'connection',
    read: noted(LARGEST),
    doc: "A message may be as large as the topic's max.message.bytes says.",
  },
  {
    names: ['max.in.flight.requests.per.connection', 'max.in.flight'],
    // kafka-python and librdkafka have it for consumers, too.
    side: 'connection',
    read: inFlight,
    doc: `1 to ${IN_FLIGHT_MAX}. One batch of a partition is under way at a time, so order holds.`,
  },
  {
    names: ['delivery.timeout.ms', 'message.timeout.ms'],
    side: 'sink',
    option: 'deliveryTimeoutMs',
    read: deliveryTimeout,
    doc: `0, which is no bound, is taken as ${MAX_DELIVERY_TIMEOUT_MS}, the most that there is.`,
  },
  {
    names: [
      'compression.level',
      'compression.gzip.level',
      'compression.lz4.level',
      'compression.zstd.level',
    ],
    side: 'sink',
    read: noted("the codec's own level is used"),
    doc: "The codec's own level is used.",
  },
  {
    names: ['key.serializer', 'value.serializer'],
    side: 'sink',
    read: noted('values are written by sink.codec, keys are the bytes of sink.key'),
    doc: 'Values are written by sink.codec, keys are the bytes of sink.key.',
  },
  {
    names: ['transaction.two.phase.commit.enable'],
    side: 'sink',
    read: byValue(
      { false: noted('there are no transactions') },
      refused('this version writes without transactions; leave it out'),
    ),
    doc: 'false. There are no transactions.',
  },
  {
    names: ['queuing.strategy'],
    side: 'sink',
    read: byValue(
      { fifo: noted('messages of a partition leave in their order') },
      refused("messages of a partition leave in their order; give 'fifo', or leave it out"),
    ),
    doc: 'fifo, and nothing else.',
  },
  {
    names: ['produce.offset.report'],
    side: 'sink',
    read: noted('a delivery always has its offset'),
    doc: 'A delivery always has its offset.',
  },
  {
    names: ['transactional.id'],
    side: 'sink',
    read: refused('this version writes without transactions; enable.idempotence needs no id'),
    doc: 'There are no transactions; an idempotent producer needs no id.',
  },
  {
    names: [
      'transaction.timeout.ms',
      'sticky.partitioning.linger.ms',
      'partitioner.adaptive.partitioning.enable',
      'partitioner.availability.timeout.ms',
      'delivery.report.only.error',
      'enable.gapless.guarantee',
    ],
    side: 'sink',
    read: noted('Millrace has its own way here'),
    doc: 'They bear on nothing that Millrace has.',
  },
];

function batchSize(value: unknown): Reading {
  const reading = smallNoted(wholeNumber(), SMALL_BATCH_BYTES)(value);
  return 'value' in reading && reading.value === 0 ? { ...reading, value: 1 } : reading;
}

function bufferMessages(value: unknown): Reading {
  const reading = wholeNumber()(value);
  if (!('value' in reading)) return reading;
  const count = reading.value as number;
  if (count !== 0 && count <= MAX_BUFFER_MESSAGES) return { ...reading, note: OF_ROWS };
  const most = `taken as ${MAX_BUFFER_MESSAGES}, the most that there is`;
  return { value: MAX_BUFFER_MESSAGES, note: `${most}; ${OF_ROWS}` };
}

function deliveryTimeout(value: unknown): Reading {
  const reading = wholeNumber()(value);
  if (!('value' in reading) || reading.value !== 0) return reading;
  const most = `taken as ${MAX_DELIVERY_TIMEOUT_MS}, the most that there is`;
  return { value: MAX_DELIVERY_TIMEOUT_MS, note: most };
}

function smallNoted(read: Reader, least: number): Reader {
  return (value) => {
    const reading = read(value);
    if (!('value' in reading) || (reading.value as number) >= least) return reading;
    return { ...reading, note: SMALL_BATCHES };
  };
}

function partitioner(value: unknown): Reading {
  const given = String(value);
  const name = given.slice(given.lastIndexOf('.') + 1);
  // It looks at no key, which 'sticky' does.
  if (name.toLowerCase() === 'uniformstickypartitioner') {
    return { value: 'round-robin', note: 'keys are not looked at, and messages take turns' };
  }
  return oneOf({
    murmur2: 'murmur2',
    murmur2_random: 'murmur2',
    defaultpartitioner: 'murmur2',
    'round-robin': 'round-robin',
    roundrobin: 'round-robin',
    roundrobinpartitioner: 'round-robin',
    random: 'round-robin',
    sticky: 'sticky',
  })(name);
}

function inFlight(value: unknown): Reading {
  const reading = wholeNumber()(value);
  if (!('value' in reading)) return reading;
  const count = reading.value as number;
  if (count >= 1 && count <= IN_FLIGHT_MAX) {
    return { note: 'one batch of a partition is under way at a time, so order holds' };
  }
  const wayOut = 'requests run side by side for as many partitions as there are';
  return {
    problem: `Millrace has one batch of a partition under way; ${wayOut}: leave it out`,
  };
}
