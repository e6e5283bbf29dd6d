/** What the workers are set up with, from a plan and what the cluster says of its topics. */
import type { Field, Schema } from '../arrow/schema.ts';
import { typeToString } from '../arrow/schema-text.ts';
import { MillraceError } from '../errors.ts';
import { batchBounds } from '../ingest/batch-writer.ts';
import { anyOf, areHeaders, BYTES_KINDS, INTEGER_KINDS } from '../ingest/message-types.ts';
import { METADATA_FIELDS } from '../ingest/metadata-columns.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import type { EngineSink, EngineSource, EngineSpec } from '../morsel/morsel.ts';
import { type CompiledSteps, compileSteps } from '../operators/compile.ts';
import type { KafkaSinkPlan, Plan } from '../plan.ts';

const METADATA_NAMES = METADATA_FIELDS.map((field) => field.name);

/** What the output topic is like. */
export interface SinkTopic {
  readonly partitions: number;
  readonly maxBatchBytes: number;
}

/** The columns that a plan's steps can name: the source's, and the metadata of messages. */
export function inputSchema(plan: Pick<Plan, 'source'>): Schema {
  const { source } = plan;
  if (source.kind === 'batches') return source.schema;
  return { fields: [...source.schema.fields, ...METADATA_FIELDS] };
}

/**
 * Compiles a plan's steps against its input. Metadata columns that no step named are dropped at the
 * end, so that nobody pays for what nobody named.
 */
export function compilePlan(plan: Pick<Plan, 'source' | 'steps'>): CompiledSteps {
  const hidden = plan.source.kind === 'kafka' ? METADATA_NAMES : [];
  return compileSteps(plan.steps, inputSchema(plan), hidden);
}

/** @param topic what the cluster says of the output topic; for a plan that has one. */
export function engineSpec(plan: Plan, topic: SinkTopic | undefined): EngineSpec {
  const steps = compilePlan(plan);
  const sink = engineSink(plan, steps.output, topic);
  return { source: engineSource(plan, steps, sink), steps, sink };
}

function engineSource(plan: Plan, steps: CompiledSteps, sink: EngineSink): EngineSource {
  const { source } = plan;
  if (source.kind === 'batches') return { kind: 'batches' };
  const reads = new Set(steps.reads);
  const named = sink.kind === 'kafka' ? messageColumns(sink) : [];
  for (const name of named) {
    if (name !== undefined && METADATA_NAMES.includes(name)) reads.add(name);
  }
  const { codec, schema, validate, unknown } = source;
  return {
    kind: 'kafka',
    codec,
    schema,
    columns: schema.fields.map(({ name }) => name).filter((name) => reads.has(name)),
    metadata: METADATA_NAMES.filter((name) => reads.has(name)),
    validate,
    unknown,
  };
}

function engineSink(plan: Plan, output: Schema, topic: SinkTopic | undefined): EngineSink {
  const { sink } = plan;
  if (sink.kind === 'batches') return { kind: 'batches', schema: output, borrow: sink.borrow };
  if (topic === undefined) throw new MillraceError('no output topic', { code: 'INTERNAL' });
  checkKey(plan, sink, output.fields);
  checkHeaders(plan, sink, output.fields);
  checkPartitioner(plan, sink, output.fields);
  const { codec, key, keyInValue, headers, partitioner, compression, tombstones } = sink;
  const { partitionColumn } = partitionColumns(partitioner);
  const fields = output.fields.filter(
    ({ name }) => (keyInValue || name !== key) && name !== headers && name !== partitionColumn,
  );
  return {
    kind: 'kafka',
    codec,
    schema: { fields },
    ...(key === undefined ? {} : { key }),
    ...(headers === undefined ? {} : { headers }),
    partitions: topic.partitions,
    partitioner,
    compression,
    ...batchBounds({ ...sink, maxBatchBytes: topic.maxBatchBytes }),
    tombstones,
  };
}

/** Refuses a key that is no column, or whose type has no bytes. */
function checkKey(plan: Plan, { key }: KafkaSinkPlan, output: readonly Field[]): void {
  if (key === undefined) return;
  const { type } = messageColumn(plan, key, output, 'the message key');
  if (BYTES_KINDS.includes(type.kind)) return;
  throw new MillraceError(
    `the key column "${key}" is ${typeToString(type)}; a message key is ${anyOf(BYTES_KINDS)}`,
    { code: 'TYPE_MISMATCH', context: { column: key, type: type.kind } },
  );
}

/** Refuses headers that are no column, or of another type than `_headers`. */
function checkHeaders(plan: Plan, { headers }: KafkaSinkPlan, output: readonly Field[]): void {
  if (headers === undefined) return;
  const { type } = messageColumn(plan, headers, output, 'the message headers');
  if (areHeaders(type)) return;
  const found = typeToString(type);
  throw new MillraceError(
    `the headers column "${headers}" is ${found}; message headers are a list of ` +
      '{ key: utf8, value: binary }, in which only the value may be null, or a map of utf8 or ' +
      'binary',
    { code: 'TYPE_MISMATCH', context: { column: headers, type: found } },
  );
}

/** Refuses a partitioner whose column is not there, or has no bytes or no numbers. */
function checkPartitioner(plan: Plan, sink: KafkaSinkPlan, output: readonly Field[]): void {
  const { column, partitionColumn } = partitionColumns(sink.partitioner);
  const name = column ?? partitionColumn;
  if (name === undefined) return;
  const { type } = messageColumn(plan, name, output, 'the partitioner');
  const kinds = column === undefined ? INTEGER_KINDS : BYTES_KINDS;
  if (kinds.includes(type.kind)) return;
  throw new MillraceError(
    `the column "${name}" of the partitioner is ${typeToString(type)}; it takes ${anyOf(kinds)}`,
    { code: 'TYPE_MISMATCH', context: { column: name, type: type.kind } },
  );
}

/** Columns that messages are made from beside their value. */
function messageColumns(sink: EngineSink & { kind: 'kafka' }): readonly (string | undefined)[] {
  const { column, partitionColumn } = partitionColumns(sink.partitioner);
  return [sink.key, sink.headers, column, partitionColumn];
}

// A column that a message is made from beside its value: of the output, or of the metadata.
function messageColumn(plan: Plan, name: string, output: readonly Field[], use: string): Field {
  const metadata = plan.source.kind === 'kafka' ? METADATA_FIELDS : [];
  const field = [...output, ...metadata].find((column) => column.name === name);
  if (field !== undefined) return field;
  const names = output.map((column) => column.name).join(', ');
  throw new MillraceError(`there is no column "${name}" for ${use}; there are ${names}`, {
    code: 'UNKNOWN_COLUMN',
    context: { column: name },
  });
}
