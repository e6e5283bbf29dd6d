/**
 * `millrace`: the public exports, and nothing else.
 */
import './check-node.ts';

export { decimalFromString, decimalToString } from './arrow/decimal.ts';
export type { IpcInput } from './arrow/ipc.ts';
export type {
  ArrowList,
  ArrowMap,
  ArrowType,
  HeaderRow,
  MetadataRow,
  RowOf,
  ScalarValues,
} from './arrow/row-types.ts';
export type {
  DataType,
  DecimalType,
  Field,
  PlainType,
  ScalarDataType,
  ScalarType,
  Schema,
  TimestampType,
  TimeUnit,
} from './arrow/schema.ts';
export { schemaFromArrowJson } from './arrow/schema-from-arrow-json.ts';
export {
  type FieldLiteral,
  type MapLiteral,
  map,
  type Nullable,
  nullable,
  type SchemaInput,
  type SchemaLiteral,
} from './arrow/schema-literal.ts';
export type {
  ArrowJsonField,
  ArrowJsonSchema,
  ArrowJsonType,
} from './arrow/schema-to-arrow-json.ts';
export type { LoadedConfig, MillraceConfig, SinkConfig, SourceConfig } from './config/config.ts';
export { defineConfig } from './config/define.ts';
export { describeConfig } from './config/describe.ts';
export type { Environment } from './config/environment.ts';
export { configFrom, type LoadOptions, loadConfig } from './config/load.ts';
export {
  explainPreset,
  PRESET_NAMES,
  PRESETS,
  type Preset,
  type PresetExplanation,
  type PresetName,
  type PresetSetting,
} from './config/presets.ts';
export { toSinkOptions, toSourceOptions } from './config/stream-options.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorContext,
  type ErrorDomain,
  type ErrorRetry,
  MillraceError,
  type MillraceErrorOptions,
} from './errors.ts';
export type { TopicPartition } from './ingest/client.ts';
export {
  availableClients,
  type ClientCapabilities,
  type ClientInfo,
  type ClientName,
  clientInfo,
} from './ingest/clients/info.ts';
export { type ConfluentCloudOptions, confluentCloud } from './ingest/confluent-cloud.ts';
export type { ConnectionInput } from './ingest/connection-options.ts';
export type { InferenceReject } from './ingest/infer/inference-reject.ts';
export type { InferenceNote, InferenceRules } from './ingest/infer/rules.ts';
export { Secret } from './ingest/secret.ts';
export type { SaslInput, SslInput } from './ingest/security-options.ts';
export { type DurationParts, duration } from './operators/expr/duration.ts';
export type { CastTarget } from './operators/expr/math.ts';
export type { JsonPathOptions } from './operators/expr/nested.ts';
export type { ExtractPart, TimePart } from './operators/expr/time.ts';
export { type Case, when } from './operators/expr/when.ts';
export {
  coalesce,
  col,
  concat,
  Expr,
  greatest,
  header,
  type LiteralValue,
  least,
  lit,
  type Operand,
  type Predicate,
  struct,
} from './operators/expr.ts';
export type {
  ReadonlyTypedArray,
  RowFunction,
  UdfExpr,
  UdfOutput,
  UdfValue,
  UdfVector,
  UserFunction,
  VectorFunction,
} from './operators/udf/function-types.ts';
export { UDF_TIMEOUT_MS, type UdfOptions, udf } from './operators/udf/udf.ts';
export type { Partitioner, Plan, StartOffset } from './plan.ts';
export { toRowSinkOptions } from './rows/configured.ts';
export { fromKafka, toKafka } from './rows/factories.ts';
export { KafkaSink, type RowSinkStats } from './rows/kafka-sink.ts';
export { KafkaSource, type SourceReading } from './rows/kafka-source.ts';
export { type PipeOptions, type PipeStats, pipe, type Transformed } from './rows/pipe.ts';
export { createPublisher, type Publisher, type PublisherOptions } from './rows/publisher.ts';
export type {
  BatchPartitioner,
  Delivery,
  DeliveryListener,
  HeadersInput,
  InputRow,
  InputValue,
  KafkaRecord,
  KeyInput,
  MessageOptions,
  PlainRow,
  PlainValue,
  RecordHeader,
  RowPartitioner,
} from './rows/record.ts';
export type { RowSinkOptions } from './rows/row-sink-options.ts';
export type { RowSourceOptions } from './rows/row-source-options.ts';
export { createSubscriber, type Subscriber, type SubscriberOptions } from './rows/subscriber.ts';
export type {
  CommitPosition,
  PartitionHook,
  PartitionHooks,
  Run,
  RunState,
  RunStats,
  SeekPosition,
  SinkStats,
} from './run.ts';
export type {
  BatchColumns,
  BatchFunction,
  BatchFunctionOptions,
  BatchResult,
  MaskFunction,
  RowMask,
} from './stream/batch-function.ts';
export type { BatchesOptions } from './stream/batch-source.ts';
export { type Branches, Otherwise, otherwise, type TapOptions } from './stream/branches.ts';
export {
  COLLECT_MAX_ROWS,
  type CollectOptions,
  type HandOverOptions,
} from './stream/hand-over.ts';
export { type InferenceOptions, inferSchema, type MessageValue } from './stream/infer-schema.ts';
export { InferredSchema } from './stream/inferred-schema.ts';
export type { FlatMapOptions, SampleOptions, UnnestOptions } from './stream/row-steps.ts';
export { type Runnable, type RunOptions, runTogether } from './stream/runnable.ts';
export type { KafkaSinkOptions } from './stream/sink-options.ts';
export type {
  BytesSourceOptions,
  JsonSourceOptions,
  KafkaSourceOptions,
  StringSourceOptions,
} from './stream/source-options.ts';
export { Stream } from './stream.ts';
