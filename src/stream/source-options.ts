/** What `Stream.fromKafka` takes, its defaults, and the source of a plan that it makes. */
import type { Schema } from '../arrow/schema.ts';
import { type SchemaInput, toSchema } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { checkNamedClient, needsOf } from '../ingest/clients/needs.ts';
import { BYTES_SCHEMA } from '../ingest/codecs/bytes.ts';
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import { CODEC_NAMES } from '../ingest/codecs/registry.ts';
import { STRING_SCHEMA } from '../ingest/codecs/string.ts';
import {
  CONNECTION_OPTION_NAMES,
  type ConnectionInput,
  resolveConnectionOptions,
} from '../ingest/connection-options.ts';
import { METADATA_FIELDS } from '../ingest/metadata-columns.ts';
import type { BatchLimits, FetchLimits, KafkaSourcePlan, RunSettings } from '../plan.ts';
import type { PartitionHook, PartitionHooks } from '../run.ts';
import { type GroupInput, readGroup } from './group-options.ts';
import { OptionReader } from './option-reader.ts';
import { RUN_SETTINGS_NAMES, type RunSettingsInput, readRunSettings } from './run-settings.ts';
import { readStartFrom, readTopics, type StartFromInput } from './source-topics.ts';

/** Options of every Kafka source, whatever its codec; those of the connection among them. */
export interface KafkaSourceCommon extends ConnectionInput, RunSettingsInput {
  /** The topic to read; or several in `topics`. */
  readonly topic?: string;
  /**
   * Names, and regular expressions that a topic's whole name must match; topics that match and come
   * later are picked up. Internal topics never match.
   */
  readonly topics?: readonly (string | RegExp)[];
  /**
   * In the place of topics: exactly these partitions, whatever others read. With a `groupId`
   * offsets are committed to it, but no group is joined.
   */
  readonly partitions?: readonly TopicPartition[];
  /** Consumer group that owns the offsets. Default none: read every partition, commit nothing. */
  readonly groupId?: string;
  /**
   * Where partitions begin: `committed` (else at `offsetReset`), `earliest`, `latest`, the first
   * message of a time or later (a number is milliseconds since 1970), or the offsets given (the
   * first to read; partitions that are not named begin at `offsetReset`, and so do offsets that are
   * not in the log). In a group it holds when a run gets a partition for the first time, unless a
   * member has committed an offset of it since the run began. Default `committed`.
   */
  readonly startFrom?: StartFromInput;
  /** Where a partition without a committed offset starts. Default `earliest`. */
  readonly offsetReset?: 'earliest' | 'latest';
  /** `latest`: end at the offsets that are the latest when the run starts. Default `forever`. */
  readonly until?: 'latest' | 'forever';
  /** Default `read_committed`: messages of aborted and open transactions are not seen. */
  readonly isolation?: 'read_committed' | 'read_uncommitted';
  /**
   * When a morsel closes. Default 65,536 rows, 4 MiB, 50 ms; whichever comes first. `maxBytes` is
   * bounded by a sixteenth of `maxInFlightBytes`; `explain()` prints what holds.
   */
  readonly batch?: Partial<BatchLimits>;
  /** What one fetch asks for. Default 1 byte, 16 MiB, 500 ms. */
  readonly fetch?: Partial<FetchLimits>;
  /** How the group shares out partitions, and its timing; without a `groupId` there is none. */
  readonly group?: GroupInput;
  /**
   * Whether offsets are committed as their output is acknowledged. `false`: only `run.commit()`
   * commits, and at the end nothing is. Default true, with a `groupId`.
   */
  readonly autoCommit?: boolean;
  /** How often offsets are committed, at most, ms. Default 1,000. */
  readonly commitIntervalMs?: number;
  /** Called, and awaited, before new partitions are read: the place to `run.seek()` in them. */
  readonly onAssign?: PartitionHook;
  /** Called, and awaited, before partitions go: what was handed out of them is committed. */
  readonly onRevoke?: PartitionHook;
  /** Called when partitions are gone already, and nothing of them can be committed any more. */
  readonly onLost?: PartitionHook;
}

/** A source of JSON messages. */
export interface JsonSourceOptions<S extends SchemaInput = SchemaInput> extends KafkaSourceCommon {
  readonly codec?: 'json';
  /** The columns that the messages may have. */
  readonly schema: S;
  /** `full` checks the types of columns that nothing reads, too. Default `projected`. */
  readonly validate?: 'projected' | 'full';
  /** What a field that the schema does not name is. Default `ignore`. */
  readonly unknown?: 'ignore' | 'error';
}

/** A source whose messages are one column, `value`: nullable utf8. */
export interface StringSourceOptions extends KafkaSourceCommon {
  readonly codec: 'string';
}

/** A source whose messages are one column, `value`: nullable binary. */
export interface BytesSourceOptions extends KafkaSourceCommon {
  readonly codec: 'bytes';
}

/** Any of them. */
export type KafkaSourceOptions = JsonSourceOptions | StringSourceOptions | BytesSourceOptions;

/** Names of the connection's options. */
export const CONNECTION_NAMES = CONNECTION_OPTION_NAMES;

const HOOK_NAMES = ['onAssign', 'onRevoke', 'onLost'] as const;

/** Names of `KafkaSourceOptions`. */
export const KAFKA_SOURCE_NAMES: readonly string[] = [
  ...CONNECTION_NAMES,
  ...RUN_SETTINGS_NAMES,
  'topic',
  'topics',
  'partitions',
  'groupId',
  'schema',
  'codec',
  'startFrom',
  'offsetReset',
  'until',
  'isolation',
  'validate',
  'unknown',
  'batch',
  'fetch',
  'group',
  'autoCommit',
  'commitIntervalMs',
  ...HOOK_NAMES,
];

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/**
 * The source and settings that options stand for, checked and with every default filled in; and the
 * functions that are given beside a plan.
 *
 * @param owner what takes the options, for messages.
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
 */
export function readKafkaSource(
  input: KafkaSourceOptions,
  owner = 'Stream.fromKafka',
): {
  readonly source: KafkaSourcePlan;
  readonly settings: RunSettings;
  readonly hooks: PartitionHooks;
  /** As given: what the connection has may be the default, which does not bind a sink. */
  readonly retries?: number;
} {
  const options = new OptionReader(owner, input, KAFKA_SOURCE_NAMES);
  const connection = resolveConnectionOptions(options.only(CONNECTION_NAMES));
  const codec = options.oneOf('codec', CODEC_NAMES, 'json');
  const groupId = options.text('groupId');
  const topics = readTopics(options);
  const source: KafkaSourcePlan = Object.freeze({
    kind: 'kafka',
    connection,
    ...topics,
    ...(groupId === undefined ? {} : { groupId }),
    startFrom: readStartFrom(options, topics),
    offsetReset: options.oneOf('offsetReset', ['earliest', 'latest'], 'earliest'),
    until: options.oneOf('until', ['latest', 'forever'], 'forever'),
    isolation: options.oneOf('isolation', ['read_committed', 'read_uncommitted'], 'read_committed'),
    codec,
    schema: schemaOf(options, codec),
    validate: options.oneOf('validate', ['projected', 'full'], 'projected'),
    unknown: options.oneOf('unknown', ['ignore', 'error'], 'ignore'),
    ...limitsOf(options),
    group: readGroup(options),
    autoCommit: options.boolean('autoCommit', true),
    commitIntervalMs: options.integer('commitIntervalMs', [1, HOUR_MS], 1_000),
  });
  // What no group could have is told first.
  if (groupId === undefined) checkNoGroup(options);
  checkNamedClient(needsOf(source));
  return {
    source,
    settings: readRunSettings(options),
    hooks: hooksOf(options),
    ...(options.has('retries') ? { retries: connection.retries } : {}),
  };
}

// Timings hold for whatever group there may be, and presets have them; these mean one. To commit
// nothing is what happens without a group.
function checkNoGroup(options: OptionReader): void {
  const wayOut = 'without a groupId no group is joined, and nothing is committed; give one, or';
  if (options.raw('autoCommit') === true) {
    throw options.fault('autoCommit', `${wayOut} leave it out`);
  }
  const given = options.raw('group') as GroupInput | undefined;
  for (const name of ['protocol', 'assignors', 'instanceId'] as const) {
    if (given?.[name] !== undefined) throw options.fault('group', `${wayOut} leave ${name} out`);
  }
}

function hooksOf(options: OptionReader): PartitionHooks {
  for (const name of HOOK_NAMES) {
    if (!options.has(name) || typeof options.raw(name) === 'function') continue;
    throw options.fault(name, 'give a function of a list of partitions');
  }
  return Object.freeze(options.only(HOOK_NAMES)) as PartitionHooks;
}

function limitsOf(options: OptionReader): { batch: BatchLimits; fetch: FetchLimits } {
  const batch = options.part('batch', ['maxRows', 'maxBytes', 'maxWaitMs']);
  const fetch = options.part('fetch', ['minBytes', 'maxBytes', 'maxWaitMs']);
  return {
    batch: Object.freeze({
      maxRows: batch.integer('maxRows', [1, 4 * MIB], 65_536),
      maxBytes: batch.integer('maxBytes', [1_024, 512 * MIB], 4 * MIB),
      maxWaitMs: batch.integer('maxWaitMs', [0, HOUR_MS], 50),
    }),
    fetch: Object.freeze({
      minBytes: fetch.integer('minBytes', [0, 1_024 * MIB], 1),
      maxBytes: fetch.integer('maxBytes', [1_024, 1_024 * MIB], 16 * MIB),
      maxWaitMs: fetch.integer('maxWaitMs', [0, HOUR_MS], 500),
    }),
  };
}

function schemaOf(options: OptionReader, codec: CodecName): Schema {
  if (codec !== 'json') {
    for (const name of ['schema', 'validate', 'unknown']) {
      if (!options.has(name)) continue;
      throw options.fault(name, `the ${codec} codec has one column, value; leave ${name} out`);
    }
    return codec === 'string' ? STRING_SCHEMA : BYTES_SCHEMA;
  }
  if (!options.has('schema')) {
    throw options.fault('schema', "say which columns to read, such as { id: 'int64' }");
  }
  const schema = toSchema(options.raw('schema') as SchemaInput);
  for (const { name } of schema.fields) checkNotReserved(name);
  return schema;
}

function checkNotReserved(name: string): void {
  const names = METADATA_FIELDS.map((field) => field.name);
  if (!names.includes(name)) return;
  throw new MillraceError(
    `schema column '${name}' has the name of a metadata column, which is there without being ` +
      `named in the schema; rename it. Reserved: ${names.join(', ')}`,
    { code: 'INVALID_SCHEMA', context: { path: name, found: name } },
  );
}
