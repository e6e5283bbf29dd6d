/** Sources and sinks of rows from one call, typed by their schema. */
import type { SchemaInput } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import { shownValue } from '../shown-value.ts';
import { KafkaSink } from './kafka-sink.ts';
import { KafkaSource } from './kafka-source.ts';
import type { InputRow, PlainRow } from './record.ts';
import type { RowSinkOptions } from './row-sink-options.ts';
import type { RowSourceOptions } from './row-source-options.ts';

/**
 * A source of messages. With a `schema`, at the top or in `codecOptions`, its values have that
 * type; else say it: `fromKafka<Order>({ … })`. The short form takes brokers, topic and group, and
 * reads JSON.
 *
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
 */
export function fromKafka<const S extends SchemaInput>(
  options: RowSourceOptions<S> & { readonly codec?: 'json'; readonly schema: S },
): KafkaSource<PlainRow<S>>;
export function fromKafka<const S extends SchemaInput>(
  options: RowSourceOptions<S> & {
    readonly codec?: 'json';
    readonly codecOptions: { readonly schema: S };
  },
): KafkaSource<PlainRow<S>>;
export function fromKafka(
  options: RowSourceOptions & { readonly codec: 'string' },
): KafkaSource<string | null>;
export function fromKafka(
  options: RowSourceOptions & { readonly codec: 'bytes' },
): KafkaSource<Buffer | null>;
export function fromKafka<Value = unknown>(options: RowSourceOptions): KafkaSource<Value>;
export function fromKafka<Value = unknown>(
  brokers: string,
  topic: string,
  groupId: string,
): KafkaSource<Value>;
export function fromKafka(
  first: RowSourceOptions | string,
  topic?: string,
  groupId?: string,
  ...others: readonly unknown[]
): KafkaSource {
  const beside = typeof first === 'string' ? others : [topic, groupId, ...others];
  checkNothingBeside(
    beside,
    'fromKafka takes brokers, topic and groupId, or one object of options',
    "fromKafka({ brokers: 'localhost:9092', topic: 'orders', groupId: 'billing', … })",
  );
  if (typeof first !== 'string') return new KafkaSource(first);
  return new KafkaSource({ brokers: first, topic, groupId } as RowSourceOptions);
}

// Types forbid them, JavaScript does not: options that stand behind would be lost.
function checkNothingBeside(given: readonly unknown[], takes: string, example: string): void {
  const more = given.find((one) => one !== undefined);
  if (more === undefined) return;
  throw new MillraceError(
    `${takes}, not ${shownValue(more)} besides; give all of it in one object: ${example}`,
    { code: 'INVALID_OPTION', context: { option: 'options' } },
  );
}

/**
 * A sink of messages. With a `schema` it takes values of that type; else say it: `toKafka<Order>({
 * … })`.
 *
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`.
 */
export function toKafka<const S extends SchemaInput>(
  options: RowSinkOptions<InputRow<S>> & { readonly codec?: 'json'; readonly schema: S },
): KafkaSink<InputRow<S>>;
export function toKafka<Value = unknown>(options: RowSinkOptions<Value>): KafkaSink<Value>;
export function toKafka(options: object, ...others: readonly unknown[]): unknown {
  checkNothingBeside(
    others,
    'toKafka takes one object of options',
    "toKafka({ brokers: 'localhost:9092', topic: 'orders', … })",
  );
  return new KafkaSink(options as RowSinkOptions);
}
