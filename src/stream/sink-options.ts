/** What `stream.toKafka` takes, its defaults, and the sink of a plan that it makes. */
import type { ConnectionOptions } from '../ingest/client.ts';
import { checkNamedClient, needsOf } from '../ingest/clients/needs.ts';
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import { CODEC_NAMES } from '../ingest/codecs/registry.ts';
import { type ConnectionInput, continueConnection } from '../ingest/connection-options.ts';
import type { Compression, KafkaSinkPlan, Partitioner } from '../plan.ts';
import { OptionReader } from './option-reader.ts';
import { CONNECTION_NAMES } from './source-options.ts';

/**
 * Options of a Kafka sink. Those of the connection default to the source's. A message that is
 * written has the timestamp of the message that its row was read from.
 */
export interface KafkaSinkOptions extends ConnectionInput {
  /** The topic to write; it must exist. */
  readonly topic: string;
  /** How values are written. Default `json`. `string` and `bytes` write the one value column. */
  readonly codec?: CodecName;
  /** Column whose text or bytes are the message key, or `_key`. Default: no key. */
  readonly key?: string;
  /** Whether the key column is written into the value, too. Default true. */
  readonly keyInValue?: boolean;
  /**
   * Column of the message headers: a list of `{ key: utf8, value: binary }`, a map of text or
   * bytes, or `_headers`, which passes on those that were read. It is not written into the value.
   * Default: the messages have no headers, those that were read are dropped.
   */
  readonly headers?: string;
  /**
   * Which partition a message goes to. Default `murmur2`: by its key, as Kafka's Java client;
   * messages without a key take turns. `round-robin`: all take turns. `sticky`: by its key; of
   * those without one 8,192 go to a partition before the next has its turn, so that batches are
   * few and large. `{ column }`: by the murmur2 of a column of text or bytes.
   * `{ partitionColumn }`: a column of integers has the number; it is not written into the value.
   */
  readonly partitioner?: Partitioner;
  /** Compression of the record batches. Default `none`. */
  readonly compression?: Compression;
  /** How many replicas must have a batch before it counts. Default `all`. */
  readonly acks?: 'all' | 1 | 0;
  /** Whether a batch that is sent again is stored once. Default true where acks is `all`. */
  readonly idempotent?: boolean;
  /**
   * Whether a row whose value columns are all null is a tombstone (a null value). Default false
   * for json; string and bytes always write null as a tombstone.
   */
  readonly tombstones?: boolean;
  /**
   * How long a batch may wait for others to the same broker, ms. One with another of its partition
   * behind it does not wait. Default 0.
   */
  readonly lingerMs?: number;
  /**
   * How long a batch is tried, from its first attempt on, before it fails with `PRODUCE_FAILED`,
   * and the run with it, ms. An attempt that is under way then is awaited, `requestTimeoutMs` at
   * most. `retries`, where it is given here or to the source, bounds the attempts besides. Default
   * 120,000.
   */
  readonly deliveryTimeoutMs?: number;
  /** Most bytes of one record batch. Default and ceiling: the topic's `max.message.bytes`. */
  readonly maxBatchBytes?: number;
  /**
   * A record batch ends before it would pass so many bytes, before compression; a message that is
   * larger has a batch of its own, up to `maxBatchBytes`. A request takes one batch of a partition,
   * and a partition has one under way at a time, so that small ones cost speed: with 16 KiB, as
   * other clients have by default, 0.6 times as many messages a second were written as with the
   * default here, and 0.9 times with 256 KiB. Default: as large as `maxBatchBytes` allows.
   */
  readonly batchBytes?: number;
  /** Most messages of one record batch. Default: as many as there is room for. */
  readonly batchMessages?: number;
}

/** Names of `KafkaSinkOptions`. */
export const KAFKA_SINK_NAMES: readonly string[] = [
  ...CONNECTION_NAMES,
  'topic',
  'codec',
  'key',
  'keyInValue',
  'headers',
  'partitioner',
  'compression',
  'acks',
  'idempotent',
  'tombstones',
  'lingerMs',
  'deliveryTimeoutMs',
  'maxBatchBytes',
  'batchBytes',
  'batchMessages',
];

const COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const PARTITIONERS = ['murmur2', 'round-robin', 'sticky'] as const;
// A plan is data: functions stay on the main thread.
const FUNCTION_HINT =
  'a function does not go to the workers: make a column of the number by map(), and name it in ' +
  'partitionColumn; or have forEach give the batches to a new KafkaSink with that partitioner, ' +
  'await sink.sendBatch(batch)';
const FUNCTION_HINTS = { batch: FUNCTION_HINT, row: FUNCTION_HINT };
const MAX_BATCH_BYTES = 1024 * 1024 * 1024;
const MAX_BATCH_MESSAGES = 0x7fffffff;
const DELIVERY_TIMEOUT_MS = 120_000;
/** The longest `deliveryTimeoutMs`, as in other clients: 25 days. */
export const MAX_DELIVERY_TIMEOUT_MS = 0x7fffffff;

/** What a sink takes over from the source of its stream. */
export interface SourceEnd {
  readonly connection: ConnectionOptions;
  /** As it was given; absent: the connection has the default. */
  readonly retries?: number;
}

/**
 * The sink that options stand for, checked and with every default filled in.
 *
 * @param source that of the stream, if it is Kafka.
 * @param owner what takes the options, for messages.
 * @throws MillraceError `INVALID_OPTION`.
 */
export function readKafkaSink(
  input: KafkaSinkOptions,
  source: SourceEnd | undefined,
  owner = 'toKafka',
): KafkaSinkPlan {
  const options = new OptionReader(owner, input, KAFKA_SINK_NAMES);
  const topic = options.topic('topic');
  if (topic === undefined) throw options.fault('topic', 'name the topic to write');
  const connection = continueConnection(source?.connection, options.only(CONNECTION_NAMES));
  const codec = options.oneOf('codec', CODEC_NAMES, 'json');
  const acks = options.oneOf('acks', ['all', 1, 0], 'all');
  const key = options.text('key');
  const headers = options.text('headers');
  const isGiven = options.has('retries') || source?.retries !== undefined;
  const sink: KafkaSinkPlan = Object.freeze({
    kind: 'kafka',
    connection,
    topic,
    codec,
    ...(key === undefined ? {} : { key }),
    keyInValue: options.boolean('keyInValue', true),
    ...(headers === undefined ? {} : { headers }),
    partitioner: partitionerOf(options),
    compression: options.oneOf('compression', COMPRESSIONS, 'none'),
    acks: acks === 'all' ? -1 : acks,
    idempotent: idempotence(options, acks),
    tombstones: tombstones(options, codec),
    lingerMs: options.integer('lingerMs', [0, 60_000], 0),
    ...batchSizes(options),
    requestTimeoutMs: connection.requestTimeoutMs,
    // Requests have a default, which is short for a leader's election: batches go by time.
    ...(isGiven ? { retries: connection.retries } : {}),
    deliveryTimeoutMs: options.integer(
      'deliveryTimeoutMs',
      [1, MAX_DELIVERY_TIMEOUT_MS],
      DELIVERY_TIMEOUT_MS,
    ),
  });
  checkNamedClient(needsOf(sink));
  return sink;
}

function partitionerOf(options: OptionReader): Partitioner {
  const value = options.raw('partitioner');
  if (typeof value !== 'object' || value === null) {
    return options.oneOf('partitioner', PARTITIONERS, 'murmur2');
  }
  const part = options.part('partitioner', ['column', 'partitionColumn'], FUNCTION_HINTS);
  const column = part.text('column');
  const partitionColumn = part.text('partitionColumn');
  if (column !== undefined && partitionColumn === undefined) return Object.freeze({ column });
  if (partitionColumn === undefined || column !== undefined) {
    throw options.fault('partitioner', "give { column: 'name' } or { partitionColumn: 'name' }");
  }
  return Object.freeze({ partitionColumn });
}

function batchSizes(
  options: OptionReader,
): Pick<KafkaSinkPlan, 'maxBatchBytes' | 'batchBytes' | 'batchMessages'> {
  const maxBatchBytes = options.optionalInteger('maxBatchBytes', [256, MAX_BATCH_BYTES]);
  const batchBytes = options.optionalInteger('batchBytes', [1, MAX_BATCH_BYTES]);
  const batchMessages = options.optionalInteger('batchMessages', [1, MAX_BATCH_MESSAGES]);
  if (batchBytes !== undefined && maxBatchBytes !== undefined && batchBytes > maxBatchBytes) {
    const wayOut = `lower it, or raise maxBatchBytes, which is ${maxBatchBytes} and bounds it`;
    throw options.fault('batchBytes', wayOut);
  }
  return {
    ...(maxBatchBytes === undefined ? {} : { maxBatchBytes }),
    ...(batchBytes === undefined ? {} : { batchBytes }),
    ...(batchMessages === undefined ? {} : { batchMessages }),
  };
}

function idempotence(options: OptionReader, acks: 'all' | 1 | 0): boolean {
  const idempotent = options.boolean('idempotent', acks === 'all');
  if (!idempotent || acks === 'all') return idempotent;
  throw options.fault('idempotent', "it takes acks: 'all'; give that, or idempotent: false");
}

function tombstones(options: OptionReader, codec: CodecName): boolean {
  const tombstones = options.boolean('tombstones', codec !== 'json');
  if (tombstones || codec === 'json') return tombstones;
  throw options.fault('tombstones', `the ${codec} codec can write null in no other way`);
}
