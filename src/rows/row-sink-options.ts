/** What a `KafkaSink` takes, its defaults, and what they come to. */
import type { Schema } from '../arrow/schema.ts';
import { type SchemaInput, toSchema } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import type { KafkaSinkPlan, Partitioner } from '../plan.ts';
import {
  readSinkBuffer,
  SINK_BUFFER_NAMES,
  type SinkBufferOptions,
} from '../stream/buffer-options.ts';
import { OptionReader } from '../stream/option-reader.ts';
import { KAFKA_SINK_NAMES, type KafkaSinkOptions, readKafkaSink } from '../stream/sink-options.ts';
import { toJson } from './json-text.ts';
import type { BatchPartitioner, DeliveryListener, KeyInput, RowPartitioner } from './record.ts';
import { type ValueWriter, valueWriter } from './value-writer.ts';

/** Options of a sink of rows: those of `stream.toKafka`, and these. */
export interface RowSinkOptions<Value = unknown>
  extends Omit<KafkaSinkOptions, 'key' | 'headers' | 'partitioner'>,
    SinkBufferOptions {
  /** Where the key of a message is: a field of its value, or a function of it. Default: no key. */
  readonly key?: string | ((value: Value) => KeyInput);
  /**
   * Those of `stream.toKafka`, whose columns are fields of the values here; or a function of one
   * value; or one of whole record batches, which `sendBatch` takes. Default `murmur2`.
   */
  readonly partitioner?:
    | Partitioner
    | { readonly row: RowPartitioner<Value> }
    | { readonly batch: BatchPartitioner };
  /**
   * Told what became of each message. With it, a delivery that fails and whose promise nobody looks
   * at is not an unhandled rejection.
   */
  readonly onDelivery?: DeliveryListener;
  /**
   * The fields of JSON values that `send` is given. With it each is written as its type wants it,
   * and what does not fit is refused; a source of the same schema reads what was sent. Without it
   * values are what `JSON.stringify` makes of them.
   */
  readonly schema?: SchemaInput;
  /** `keyInValue` and `tombstones`, for those who look for them here. */
  readonly codecOptions?: Pick<KafkaSinkOptions, 'keyInValue' | 'tombstones'>;
}

/** Options as a sink of rows works with them. */
export interface RowSinkSettings {
  readonly plan: KafkaSinkPlan;
  readonly key: string | ((value: unknown) => KeyInput) | undefined;
  readonly partitioner:
    | Partitioner
    | { readonly row: RowPartitioner }
    | { readonly batch: BatchPartitioner };
  readonly lingerMs: number;
  readonly maxBufferBytes: number;
  readonly maxBufferMessages: number;
  readonly onDelivery: DeliveryListener | undefined;
  /** The JSON text of a value, its key and partition left out where they are not in it. */
  readonly write: ValueWriter;
  /** The names of the fields that a schema writes into values. */
  readonly fields: readonly string[] | undefined;
}

const OWN_NAMES = [
  'key',
  'partitioner',
  ...SINK_BUFFER_NAMES,
  'onDelivery',
  'schema',
  'codecOptions',
] as const;
const CODEC_OPTION_NAMES = ['keyInValue', 'tombstones'];
/** Names of `RowSinkOptions`. */
export const ROW_SINK_NAMES: readonly string[] = [
  ...KAFKA_SINK_NAMES.filter((name) => name !== 'headers' && !isOwn(name)),
  ...OWN_NAMES,
];
const HINTS = { headers: 'here they go with each message: send(value, { headers })' };

/**
 * Checks options and fills in the defaults.
 *
 * @param owner what takes the options, for messages.
 * @throws MillraceError `INVALID_OPTION`.
 */
export function readRowSink(input: RowSinkOptions<never>, owner = 'KafkaSink'): RowSinkSettings {
  const options = new OptionReader(owner, input, ROW_SINK_NAMES, HINTS);
  const shared = options.only(ROW_SINK_NAMES.filter((name) => !isOwn(name)));
  const merged = mergeCodecOptions(shared, options.raw('codecOptions'), CODEC_OPTION_NAMES);
  const partitioner = partitionerOf(options);
  const key = keyOf(options);
  const plan = readKafkaSink(
    {
      ...merged,
      ...(typeof key === 'string' ? { key } : {}),
      ...(isPlainPartitioner(partitioner) ? { partitioner } : {}),
    } as unknown as KafkaSinkOptions,
    undefined,
    owner,
  );
  const dealt =
    partitioner === undefined || isPlainPartitioner(partitioner) ? plan.partitioner : partitioner;
  checkKeyInValue(merged.keyInValue, key, owner);
  const schema = schemaOf(options, plan, dealt);
  return {
    // The rows linger before they are encoded, not after.
    plan: Object.freeze({ ...plan, lingerMs: 0 }),
    key,
    partitioner: dealt,
    lingerMs: plan.lingerMs,
    ...readSinkBuffer(options),
    onDelivery: functionOf<DeliveryListener>(options, 'onDelivery'),
    write: schema === undefined ? toJson : valueWriter(schema),
    fields: schema?.fields.map(({ name }) => name),
  };
}

// The fields that are written into the value, where a schema says which there are.
function schemaOf(
  options: OptionReader,
  plan: KafkaSinkPlan,
  partitioner: RowSinkSettings['partitioner'],
): Schema | undefined {
  const input = options.raw('schema');
  if (input === undefined) return undefined;
  if (plan.codec !== 'json')
    throw options.fault('schema', 'it is for the codec json; leave it out');
  const { fields } = toSchema(input as SchemaInput);
  const { partitionColumn } = isPlainPartitioner(partitioner) ? partitionColumns(partitioner) : {};
  const leftOut = [partitionColumn, plan.keyInValue ? undefined : plan.key];
  return { fields: fields.filter(({ name }) => !leftOut.includes(name)) };
}

function checkKeyInValue(keyInValue: unknown, key: RowSinkSettings['key'], owner: string): void {
  if (keyInValue !== false || typeof key !== 'function') return;
  throw new MillraceError(
    `${owner}: keyInValue is false, but key is a function, which says no field to leave out; ` +
      'name the field as key, or leave keyInValue out',
    { code: 'INVALID_OPTION', context: { option: 'keyInValue' } },
  );
}

/**
 * Codec options given apart, beside those at the top.
 *
 * @throws MillraceError `INVALID_OPTION` where one has a wrong name, or stands in both places.
 */
export function mergeCodecOptions(
  shared: Readonly<Record<string, unknown>>,
  codecOptions: unknown,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (codecOptions === undefined) return shared;
  const part = new OptionReader('codecOptions', codecOptions, names);
  const given = part.only(names);
  const twice = Object.keys(given).find((name) => shared[name] !== undefined);
  if (twice === undefined) return { ...shared, ...given };
  throw new MillraceError(`${twice} is given twice: give it at the top or in codecOptions`, {
    code: 'INVALID_OPTION',
    context: { option: twice },
  });
}

function isOwn(name: string): boolean {
  return (OWN_NAMES as readonly string[]).includes(name);
}

/** Whether a partitioner is data, as a stream's, and no function. */
export function isPlainPartitioner(
  partitioner: RowSinkSettings['partitioner'] | undefined,
): partitioner is Partitioner {
  if (typeof partitioner === 'string') return true;
  return partitioner !== undefined && !isFunctional(partitioner);
}

function isFunctional(partitioner: object): boolean {
  return 'row' in partitioner || 'batch' in partitioner;
}

function partitionerOf(options: OptionReader): RowSinkSettings['partitioner'] | undefined {
  const value = options.raw('partitioner');
  if (typeof value === 'function') {
    throw options.fault('partitioner', 'say what it takes: { row: fn } or { batch: fn }');
  }
  if (value === null) return undefined;
  if (typeof value !== 'object' || !isFunctional(value)) return value as Partitioner | undefined;
  const part = options.part('partitioner', ['row', 'batch']);
  const row = functionOf<RowPartitioner>(part, 'row');
  const batch = functionOf<BatchPartitioner>(part, 'batch');
  if (row !== undefined && batch === undefined) return { row };
  if (batch !== undefined && row === undefined) return { batch };
  throw options.fault('partitioner', 'give either a function row or a function batch');
}

function keyOf(options: OptionReader): RowSinkSettings['key'] {
  if (typeof options.raw('key') === 'function') {
    return options.raw('key') as (value: unknown) => KeyInput;
  }
  return options.text('key');
}

function functionOf<F>(options: OptionReader, name: string): F | undefined {
  const value = options.raw(name);
  if (value === undefined || typeof value === 'function') return value as F | undefined;
  throw options.fault(name, 'give a function');
}
