/** What a `KafkaSource` takes, and the stream that it reads by. */
import type { SchemaInput } from '../arrow/schema-literal.ts';
import { toSchema } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import { METADATA_FIELDS } from '../ingest/metadata-columns.ts';
import type { PartitionHook, PartitionHooks } from '../run.ts';
import { OptionReader } from '../stream/option-reader.ts';
import {
  type JsonSourceOptions,
  KAFKA_SOURCE_NAMES,
  type KafkaSourceOptions,
  readKafkaSource,
} from '../stream/source-options.ts';
import { Stream } from '../stream.ts';
import type { KafkaRecord } from './record.ts';
import { type RowSteering, rowRun } from './row-run.ts';
import { mergeCodecOptions } from './row-sink-options.ts';

type JsonOnly = Pick<JsonSourceOptions, 'validate' | 'unknown'>;

/** Options of a source of rows: those of `Stream.fromKafka`, and these. */
export interface RowSourceOptions<S extends SchemaInput = SchemaInput>
  extends Omit<JsonSourceOptions, 'codec' | 'schema'> {
  /** Default `json`. */
  readonly codec?: CodecName;
  /**
   * The fields of JSON values. With it values are decoded in the workers, and rows have exactly
   * these fields. Without it each value is parsed whole by `JSON.parse`, on the main thread.
   */
  readonly schema?: S;
  /** `schema`, `validate` and `unknown`, for those who look for them here. */
  readonly codecOptions?: { readonly schema?: S } & JsonOnly;
  /**
   * Takes messages that are no JSON, or no UTF-8, with their bytes as they came; they are then
   * passed over. It is awaited before the next message and before the offset is committed; where it
   * fails, the loop and the source end with `CONSUMER_FAILED`, and the message comes again. Not
   * with a `schema`, nor with the codec `bytes`. Default: the loop over the messages fails with
   * `BAD_MESSAGE`.
   */
  readonly onBadMessage?: (error: MillraceError, record: KafkaRecord<Buffer>) => unknown;
}

/** Options as a source of rows works with them. */
export interface RowSourceSettings {
  readonly stream: Stream;
  /**
   * The columns of the value; `whole` where the one column is the value, `json` and `text` where
   * its bytes become the value here.
   */
  readonly columns: readonly string[];
  readonly shape: 'fields' | 'whole' | 'json' | 'text';
  readonly groupId: string | undefined;
  readonly autoCommit: boolean;
  readonly commitIntervalMs: number;
  readonly onBadMessage: RowSourceOptions['onBadMessage'];
}

/** Rows of a batch: few, so that a rebalance and a stop need not wait for many. */
const BATCH_ROWS = 4_096;
const OWN_NAMES = ['codecOptions', 'onBadMessage'];
/** Names of `RowSourceOptions`. */
export const ROW_SOURCE_NAMES: readonly string[] = [...KAFKA_SOURCE_NAMES, ...OWN_NAMES];
const METADATA_NAMES = METADATA_FIELDS.map(({ name }) => name) as never[];

/** What holds rows of partitions that may go, or be sent elsewhere. */
export interface RowHolder extends RowSteering {
  /** They were given back. */
  forget(partitions: readonly TopicPartition[]): void;
  /** They were lost. */
  lose(partitions: readonly TopicPartition[]): void;
}

/**
 * Checks options and fills in the defaults.
 *
 * @param reader told which partitions were given back, behind the caller's own function, which were
 *   lost, before it, and what is asked of the run that those are given.
 * @param owner what takes the options, for messages.
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
 */
export function readRowSource(
  input: RowSourceOptions,
  reader: RowHolder,
  owner = 'KafkaSource',
): RowSourceSettings {
  new OptionReader(owner, input, ROW_SOURCE_NAMES);
  const { codecOptions, onBadMessage, ...shared } = input;
  const options = mergeCodecOptions(shared, codecOptions, ['schema', 'validate', 'unknown']);
  if (onBadMessage !== undefined && typeof onBadMessage !== 'function') {
    throw invalid('onBadMessage', 'onBadMessage takes a function');
  }
  const { codec = 'json', schema } = options as RowSourceOptions;
  const shape = shapeOf(owner, codec, schema, onBadMessage);
  if (shape === 'json') checkNoJsonOptions(options);
  const columns = shape === 'fields' ? toSchema(schema!).fields.map(({ name }) => name) : ['value'];
  const checked = {
    ...options,
    ...(shape === 'json' || shape === 'text' ? { codec: 'bytes' } : {}),
  } as KafkaSourceOptions;
  // The stream reads them again, and would name itself where one is wrong.
  const { groupId, autoCommit, commitIntervalMs } = readKafkaSource(checked, owner).source;
  const stream = Stream.fromKafka({
    ...checked,
    batch: { ...checked.batch, maxRows: checked.batch?.maxRows ?? BATCH_ROWS },
    ...hooksOf(checked, reader),
  } as JsonSourceOptions).select(...(columns as never[]), ...METADATA_NAMES);
  const commits = { groupId, autoCommit, commitIntervalMs };
  return { stream: stream as unknown as Stream, columns, shape, ...commits, onBadMessage };
}

function shapeOf(
  owner: string,
  codec: CodecName,
  schema: SchemaInput | undefined,
  onBadMessage: RowSourceOptions['onBadMessage'],
): RowSourceSettings['shape'] {
  const isLenient = onBadMessage !== undefined;
  if (codec === 'bytes' && isLenient) {
    const problem = `${owner}: every message is bytes; leave onBadMessage out`;
    throw invalid('onBadMessage', problem);
  }
  if (codec !== 'json') return isLenient ? 'text' : 'whole';
  if (schema === undefined) return 'json';
  if (!isLenient) return 'fields';
  throw invalid(
    'onBadMessage',
    `${owner}: with a schema a message that does not fit ends the loop with BAD_MESSAGE, which ` +
      'names its offset; leave onBadMessage out, or leave schema out and look at the values in ' +
      'the loop; see "Messages that do not decode" in docs/json.md',
  );
}

function hooksOf({ onAssign, onRevoke, onLost }: PartitionHooks, reader: RowHolder) {
  const call: (own?: PartitionHook) => PartitionHook = (own) => (partitions, run) =>
    own?.(partitions, rowRun(run, reader));
  const gone: PartitionHook = async (partitions, run) => {
    await call(onRevoke)(partitions, run);
    reader.forget(partitions);
  };
  const lost: PartitionHook = async (partitions, run) => {
    // At once: whoever has them now reads these messages, too.
    reader.lose(partitions);
    await call(onLost)(partitions, run);
  };
  return { onAssign: call(onAssign), onRevoke: gone, onLost: lost };
}

function checkNoJsonOptions(options: Readonly<Record<string, unknown>>): void {
  const name = ['validate', 'unknown'].find((option) => options[option] !== undefined);
  if (name === undefined) return;
  throw invalid(name, `${name} needs a schema; give one, or leave ${name} out`);
}

function invalid(option: string, message: string): MillraceError {
  return new MillraceError(message, { code: 'INVALID_OPTION', context: { option } });
}
