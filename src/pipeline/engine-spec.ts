/** What the workers are set up with, from a plan and what the cluster says of its topics. */

import { mergeSchemas } from '../arrow/merge-schemas.ts';
import type { Field, Schema } from '../arrow/schema.ts';
import { typeToString } from '../arrow/schema-text.ts';
import { MillraceError } from '../errors.ts';
import { batchBounds } from '../ingest/batch-writer.ts';
import { anyOf, areHeaders, BYTES_KINDS, INTEGER_KINDS } from '../ingest/message-types.ts';
import { METADATA_FIELDS } from '../ingest/metadata-columns.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import type { EngineSink, EngineSource, EngineSpec } from '../morsel/morsel.ts';
import { jsonFields } from '../operators/check-json.ts';
import { compileTree, endsOf, typingOf } from '../operators/compile.ts';
import { LimitNumbers } from '../operators/compile-step.ts';
import { pruneMembers } from '../operators/prune-members.ts';
import type { Step } from '../operators/step.ts';
import type { StepPath } from '../operators/step-tree.ts';
import type { StepTyping } from '../operators/step-typing.ts';
import {
  type KafkaSinkPlan,
  type Plan,
  type PlanPath,
  pathsOf,
  sinksOf,
  sourcesOf,
} from '../plan.ts';

type Fields = readonly Field[];

const METADATA_NAMES = METADATA_FIELDS.map((field) => field.name);

/** What the output topic is like. */
export interface SinkTopic {
  readonly partitions: number;
  readonly maxBatchBytes: number;
}

/** The columns that steps can name first: the source's, and the metadata of messages. */
export function inputSchema(path: Pick<PlanPath, 'source'>): Schema {
  const { source } = path;
  if (source.kind === 'batches') return source.schema;
  return { fields: [...source.schema.fields, ...METADATA_FIELDS] };
}

/**
 * What the first step of a way is checked against. Metadata columns that no step named are dropped
 * at the end, so that nobody pays for what nobody named.
 */
export function typingAt(path: Pick<PlanPath, 'source'>): StepTyping {
  return typingOf(inputSchema(path), hiddenOf(path));
}

const hiddenOf = ({ source }: Pick<PlanPath, 'source'>) =>
  source.kind === 'kafka' ? METADATA_NAMES : [];

/** @param topicOf what the cluster says of an output topic. */
export function engineSpec(plan: Plan, topicOf: (sink: KafkaSinkPlan) => SinkTopic): EngineSpec {
  const paths = pathsOf(plan);
  const sinks = sinksOf(plan);
  const limits = new LimitNumbers();
  const copying = copyingSinks(plan);
  const trees = sourcesOf(plan).map((source) => {
    const own = paths.filter((path) => path.source === source);
    const ways = own.map((path) => ({ ...wayOf(path, sinks), ...needsOf(path.sink, copying) }));
    const path = { source };
    return { source, ...compileTree(ways, inputSchema(path), hiddenOf(path), limits) };
  });
  const ends = trees.flatMap(({ source, root }) => endsOf(root).map((end) => ({ source, end })));
  const engineSinks = sinks.map((sink, number) => {
    const own = ends.filter(({ end }) => end.sink === number);
    return engineSink(sink, mergeOutputs(own.map(({ end }) => end.output)), {
      copiesValues: copying.has(sink),
      hasMetadata: own.every(({ source }) => source.kind === 'kafka'),
      topicOf,
    });
  });
  const inputs = trees.map(({ source, root, reads }) => {
    const own = ends.filter((other) => other.source === source);
    const fed = new Set(own.map(({ end }) => engineSinks[end.sink]!));
    const read = engineSource(source, reads, [...fed]);
    // Members are no less known for not being read, and `full` checks them all.
    if (read.kind !== 'kafka' || read.validate === 'full' || read.unknown === 'error') {
      return { source: read, root };
    }
    const pruned = pruneMembers(root, read.schema);
    return { source: { ...read, schema: pruned.input }, root: pruned.root };
  });
  return { inputs, sinks: engineSinks, limits: limits.rows };
}

const CHOOSES_ROWS: readonly Step['kind'][] = ['filter', 'limit', 'distinct', 'sample'];

// An inline filter is shown batches, and says which of their rows stay.
const choosesRows = (step: Step) =>
  CHOOSES_ROWS.includes(step.kind) || (step.kind === 'inline' && step.what === 'filter');

/**
 * The sinks that write JSON messages as they came, byte for byte: all of them come from topics of
 * JSON, all columns are written as JSON, and there are steps, which only leave messages out.
 * Columns that no step names are checked for syntax only then; without a step they are read and
 * written as the schema says, which is what such a pipeline is for.
 */
export function copyingSinks(plan: Plan): ReadonlySet<PlanPath['sink']> {
  const copying = new Set(sinksOf(plan));
  for (const path of pathsOf(plan)) if (!copiesMessages(path)) copying.delete(path.sink);
  return copying;
}

function copiesMessages({ source, steps, sink }: PlanPath): boolean {
  if (sink.kind !== 'kafka' || sink.codec !== 'json' || sink.tombstones) return false;
  if (source.kind !== 'kafka' || source.codec !== 'json') return false;
  if (steps.length === 0 || !steps.every(choosesRows)) return false;
  const { partitionColumn } = partitionColumns(sink.partitioner);
  const leftOut = [sink.headers, partitionColumn, sink.keyInValue ? undefined : sink.key];
  return !source.schema.fields.some(({ name }) => leftOut.includes(name));
}

/** Of a way whose messages are copied, the columns that its sink reads all the same. */
function needsOf(
  sink: PlanPath['sink'],
  copying: ReadonlySet<PlanPath['sink']>,
): Pick<StepPath, 'needs'> {
  if (sink.kind !== 'kafka' || !copying.has(sink)) return {};
  const { column, partitionColumn } = partitionColumns(sink.partitioner);
  const needs = [sink.key, sink.headers, column, partitionColumn];
  return { needs: needs.filter((name) => name !== undefined) };
}

/** A way of a plan as the way of steps that it is, with the number of its sink. */
export function wayOf({ steps, sink }: PlanPath, sinks: readonly PlanPath['sink'][]): StepPath {
  const looksOn = sink.kind === 'batches' && sink.looksOn === true;
  return { steps, sink: sinks.indexOf(sink), looksOn };
}

/** The columns that a sink gets, by its number; a topic's key and headers among them. */
export function outputOf({ inputs }: EngineSpec, sink: number): Schema {
  const ends = inputs.flatMap(({ root }) => endsOf(root));
  return mergeOutputs(ends.filter((end) => end.sink === sink).map(({ output }) => output));
}

function mergeOutputs([first, ...others]: readonly Schema[]): Schema {
  return others.reduce((merged, other) => mergeSchemas(merged, other, 'a sink'), first!);
}

function engineSource(
  source: PlanPath['source'],
  needed: readonly string[],
  sinks: readonly EngineSink[],
): EngineSource {
  if (source.kind === 'batches') return { kind: 'batches', json: jsonFields(source.schema) };
  const reads = new Set(needed);
  for (const name of sinks.flatMap(messageColumns)) {
    if (METADATA_NAMES.includes(name)) reads.add(name);
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

/** What a sink is given beside its own columns. */
interface SinkSetting {
  readonly copiesValues: boolean;
  /** Whether its messages can be made from metadata columns, too. */
  readonly hasMetadata: boolean;
  readonly topicOf: (sink: KafkaSinkPlan) => SinkTopic;
}

function engineSink(
  sink: PlanPath['sink'],
  output: Schema,
  { copiesValues: copies, hasMetadata, topicOf }: SinkSetting,
): EngineSink {
  if (sink.kind === 'batches') return { kind: 'batches', schema: output, borrow: sink.borrow };
  const topic = topicOf(sink);
  const columns = [...output.fields, ...(hasMetadata ? METADATA_FIELDS : [])];
  checkKey(sink, output.fields, columns);
  checkHeaders(sink, output.fields, columns);
  checkPartitioner(sink, output.fields, columns);
  const { codec, key, keyInValue, headers, partitioner, compression, tombstones } = sink;
  const { partitionColumn } = partitionColumns(partitioner);
  const fields = output.fields.filter(
    ({ name }) => (keyInValue || name !== key) && name !== headers && name !== partitionColumn,
  );
  return {
    kind: 'kafka',
    codec,
    schema: { fields },
    copiesValues: copies,
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
function checkKey({ key }: KafkaSinkPlan, output: Fields, columns: Fields): void {
  if (key === undefined) return;
  const { type } = messageColumn(key, output, columns, 'the message key');
  if (BYTES_KINDS.includes(type.kind)) return;
  throw new MillraceError(
    `the key column "${key}" is ${typeToString(type)}; a message key is ${anyOf(BYTES_KINDS)}`,
    { code: 'TYPE_MISMATCH', context: { column: key, type: type.kind } },
  );
}

/** Refuses headers that are no column, or of another type than `_headers`. */
function checkHeaders({ headers }: KafkaSinkPlan, output: Fields, columns: Fields): void {
  if (headers === undefined) return;
  const { type } = messageColumn(headers, output, columns, 'the message headers');
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
function checkPartitioner(sink: KafkaSinkPlan, output: Fields, columns: Fields): void {
  const { column, partitionColumn } = partitionColumns(sink.partitioner);
  const name = column ?? partitionColumn;
  if (name === undefined) return;
  const { type } = messageColumn(name, output, columns, 'the partitioner');
  const kinds = column === undefined ? INTEGER_KINDS : BYTES_KINDS;
  if (kinds.includes(type.kind)) return;
  throw new MillraceError(
    `the column "${name}" of the partitioner is ${typeToString(type)}; it takes ${anyOf(kinds)}`,
    { code: 'TYPE_MISMATCH', context: { column: name, type: type.kind } },
  );
}

/** Columns that messages are made from beside their value. */
function messageColumns(sink: EngineSink): readonly string[] {
  if (sink.kind === 'batches') return [];
  const { column, partitionColumn } = partitionColumns(sink.partitioner);
  const names = [sink.key, sink.headers, column, partitionColumn];
  return names.filter((name) => name !== undefined);
}

// A column that a message is made from beside its value: of the output, or of the metadata.
function messageColumn(name: string, output: Fields, columns: Fields, use: string): Field {
  const field = columns.find((column) => column.name === name);
  if (field !== undefined) return field;
  const names = output.map((column) => column.name).join(', ');
  throw new MillraceError(`there is no column "${name}" for ${use}; there are ${names}`, {
    code: 'UNKNOWN_COLUMN',
    context: { column: name },
  });
}
