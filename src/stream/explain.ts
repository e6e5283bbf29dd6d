/** A plan as text for people: what is read, what is done, what comes out, with which settings. */
import type { Schema } from '../arrow/schema.ts';
import { schemaToString, typeToString } from '../arrow/schema-text.ts';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { writtenField } from '../ingest/codecs/value-codec.ts';
import { connectionToString } from '../ingest/connection-text.ts';
import { matchesWhole } from '../ingest/subscription.ts';
import { type EngineSource, type EngineSpec, stepsOfSpec } from '../morsel/morsel.ts';
import { nameToString } from '../operators/expr-text.ts';
import { stepTree } from '../operators/step-tree.ts';
import { type UdfProgram, urlToString } from '../operators/udf/node.ts';
import { udfsOf } from '../operators/udf/programs.ts';
import { copyingSinks, engineSpec, inputSchema, outputOf, wayOf } from '../pipeline/engine-spec.ts';
import { morselMaxBytes } from '../pipeline/run-plan.ts';
import {
  type KafkaSinkPlan,
  type KafkaSourcePlan,
  type Plan,
  type PlanPath,
  pathsOf,
  type RunSettings,
  sinksOf,
  sourcesOf,
} from '../plan.ts';
import { runLines } from './run-text.ts';
import { treeToLines } from './step-text.ts';

const INDENT = 10;
const MIB = 1024 * 1024;
/** Stands in for what only the cluster knows, where no topic is asked. */
const unknownTopic = () => ({ partitions: 1, maxBatchBytes: MIB });

/**
 * The plan in lines of `name  text`, ready to print. Nothing is connected to. Credentials are never
 * part of it.
 *
 * @throws MillraceError as `validatePlan`.
 */
export function explainPlan(plan: Plan): string {
  const spec = engineSpec(plan, unknownTopic);
  const sources = sourcesOf(plan);
  const sinks = sinksOf(plan);
  const copying = copyingSinks(plan);
  return [
    ...sources.flatMap((source, number) => [
      ...section(numbered('source', number, sources), sourceLines(plan, source, spec, number)),
      ...section(numbered('steps', number, sources), treeLines(plan, source)),
      ...section(numbered('runs', number, sources), runLines(spec.inputs[number]!.root)),
    ]),
    ...section('functions', functionLines(udfsOf({ steps: stepsOfSpec(spec) }))),
    ...sinks.flatMap((sink, number) => [
      ...section(numbered('output', number, sinks), [schemaToString(outputOf(spec, number))]),
      ...section(numbered('sink', number, sinks), sinkLines(sink, copying.has(sink))),
    ]),
    ...section('settings', [
      `workers ${plan.settings.workers}, maxInFlightBytes ${bytes(plan.settings.maxInFlightBytes)}`,
    ]),
  ].join('\n');
}

const numbered = (name: string, number: number, { length }: readonly unknown[]) =>
  length === 1 ? name : `${name} ${number + 1}`;

/**
 * Compiles a plan and drops the result: every error that needs no cluster comes out here.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`, `TYPE_MISMATCH`, `INVALID_PLAN` or `INVALID_SCHEMA` of a
 *   step or the sink.
 */
export function validatePlan(plan: Plan): void {
  for (const path of pathsOf(plan)) checkLoop(path);
  for (const sink of engineSpec(plan, unknownTopic).sinks) {
    if (sink.kind !== 'kafka' || sink.codec === 'json') continue;
    writtenField(sink.schema, sink.codec, sink.codec === 'string' ? 'utf8' : 'binary');
  }
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `${(i === 0 ? name : '').padEnd(INDENT)}${line}`);
}

function sourceLines(
  { settings }: Plan,
  source: PlanPath['source'],
  spec: EngineSpec,
  number: number,
): string[] {
  const read = readLine(source, spec.inputs[number]!.source);
  if (source.kind === 'kafka') return [...kafkaSourceLines(source, settings), read];
  return ['record batches of the caller', read];
}

function kafkaSourceLines(source: KafkaSourcePlan, settings: RunSettings): string[] {
  const { batch, fetch } = source;
  const maxBytes = morselMaxBytes(source, settings);
  const bounded = maxBytes < batch.maxBytes ? ' (a sixteenth of maxInFlightBytes)' : '';
  return [
    `kafka ${whatIsRead(source)} at ${connectionToString(source.connection)}`,
    `${startToString(source)}, until ${source.until}, ${source.isolation}`,
    groupToString(source),
    `codec ${source.codec}, validate ${source.validate}, unknown ${source.unknown}`,
    `batch ${batch.maxRows} rows, ${bytes(maxBytes)}${bounded}, ${batch.maxWaitMs} ms`,
    `fetch ${bytes(fetch.minBytes)} to ${bytes(fetch.maxBytes)}, ${fetch.maxWaitMs} ms`,
  ];
}

function whatIsRead({ topics, pattern, partitions }: KafkaSourcePlan): string {
  if (partitions !== undefined) return `partitions ${named(partitions).join(', ')}`;
  return [...topics, ...(pattern === undefined ? [] : [String(pattern)])].join(', ');
}

function startToString({ startFrom, offsetReset, groupId }: KafkaSourcePlan): string {
  const reset = `else from ${offsetReset}`;
  if (startFrom === 'committed') {
    return groupId === undefined ? `from ${offsetReset}` : `from committed, ${reset}`;
  }
  if (typeof startFrom === 'string') return `from ${startFrom}`;
  if ('timestampMs' in startFrom) return `from ${new Date(startFrom.timestampMs).toISOString()}`;
  const offsets = startFrom.offsets.map((start) => `${named([start])[0]} at ${start.offset}`);
  return `from ${offsets.join(', ')}, ${reset}`;
}

function groupToString(source: KafkaSourcePlan): string {
  const { groupId, group, partitions, autoCommit, commitIntervalMs } = source;
  if (groupId === undefined) return 'no group: offsets are not committed';
  const commits = autoCommit ? `commit every ${commitIntervalMs} ms` : 'commit by hand';
  if (partitions !== undefined) return `group ${groupId}, not joined, ${commits}`;
  const shared =
    group.protocol === 'consumer'
      ? 'protocol consumer'
      : `protocol classic, assignors ${group.assignors.join(', ')}`;
  const instance = group.instanceId === undefined ? '' : `, instance ${group.instanceId}`;
  return `group ${groupId}, ${shared}${instance}, ${commits}`;
}

const named = (partitions: readonly TopicPartition[]) =>
  partitions.map(({ topic, partition }) => `${topic}-${partition}`);

function readLine(plan: PlanPath['source'], source: EngineSource): string {
  const all = inputSchema({ source: plan }).fields.map(({ name }) => name);
  if (source.kind === 'batches') return `columns ${all.map(nameToString).join(', ')}`;
  const read = source.columns.map((name) => readToString(name, plan, source)).join(', ');
  const of = plan.schema.fields.length;
  const metadata = source.metadata.length === 0 ? '' : `, metadata ${source.metadata.join(', ')}`;
  return `decodes ${read || 'no column'} (${source.columns.length} of ${of} columns)${metadata}`;
}

/** A column, with the members that are read of it where they are not all. */
function readToString(
  name: string,
  plan: PlanPath['source'],
  { schema }: EngineSource & { readonly kind: 'kafka' },
): string {
  const typeIn = ({ fields }: Schema) => fields.find((field) => field.name === name)!.type;
  const [whole, read] = [typeIn(plan.schema), typeIn(schema)];
  return nameToString(name) + (whole === read ? '' : ` ${typeToString(read)}`);
}

function treeLines(plan: Plan, source: PlanPath['source']): string[] {
  const sinks = sinksOf(plan);
  const paths = pathsOf(plan).filter((path) => path.source === source);
  return treeToLines(stepTree(paths.map((path) => wayOf(path, sinks))), sinks.length);
}

// Once for each call that is left when what nothing reads is gone.
function functionLines(programs: readonly UdfProgram[]): string[] {
  return programs.map(({ text, udf }) => {
    const { mode, timeoutMs, pure, isolated, onError, url } = udf;
    const ways: string[] = [mode, ...(pure ? ['pure'] : []), ...(isolated ? ['isolated'] : [])];
    ways.push(`at most ${timeoutMs} ms a morsel`);
    if (onError === 'null') ways.push('null where it fails');
    return `${text}: in the workers, ${ways.join(', ')}, from ${urlToString(url)}`;
  });
}

function sinkLines(sink: PlanPath['sink'], copies: boolean): string[] {
  const copied = copies ? ['values of messages are copied as they came'] : [];
  if (sink.kind === 'kafka') return [...kafkaSinkLines(sink), ...copied];
  if (sink.looksOn) return ['tap: record batches, copied, of what passes'];
  return [sink.borrow ? 'record batches, borrowed' : 'record batches, copied'];
}

function kafkaSinkLines(sink: KafkaSinkPlan): string[] {
  const key =
    sink.key === undefined
      ? 'no key'
      : `key ${nameToString(sink.key)}${sink.keyInValue ? '' : ' (not in the value)'}`;
  const tombstones = sink.tombstones ? 'tombstones from null rows, ' : '';
  const headers = sink.headers === undefined ? '' : `headers ${nameToString(sink.headers)}, `;
  const acks = sink.acks === -1 ? 'all' : sink.acks;
  const retries = sink.retries === undefined ? '' : `retries ${sink.retries}, `;
  const limit =
    sink.maxBatchBytes === undefined ? "the topic's max.message.bytes" : bytes(sink.maxBatchBytes);
  const ends = [
    ...(sink.batchBytes === undefined ? [] : [bytes(sink.batchBytes)]),
    ...(sink.batchMessages === undefined ? [] : [`${sink.batchMessages} messages`]),
  ].map((size) => `, closed at ${size}`);
  return [
    `kafka ${sink.topic} at ${connectionToString(sink.connection)}`,
    `codec ${sink.codec}, ${key}, ${headers}${tombstones}` +
      `partitioner ${partitionerToString(sink)}, compression ${sink.compression}`,
    `acks ${acks}, ${sink.idempotent ? 'idempotent' : 'not idempotent'}, ${retries}` +
      `linger ${sink.lingerMs} ms, batches up to ${limit}${ends.join('')}`,
  ];
}

function partitionerToString({ partitioner }: KafkaSinkPlan): string {
  if (typeof partitioner === 'string') return partitioner;
  if ('column' in partitioner) return `murmur2 of ${nameToString(partitioner.column)}`;
  return `the number in ${nameToString(partitioner.partitionColumn)}`;
}

function bytes(count: number): string {
  if (count >= MIB && count % MIB === 0) return `${count / MIB} MiB`;
  if (count >= 1_024 && count % 1_024 === 0) return `${count / 1_024} KiB`;
  return count === 1 ? '1 byte' : `${count} bytes`;
}

// What it writes it would read again, for ever.
function checkLoop({ source, sink }: PlanPath): void {
  if (source.kind !== 'kafka' || sink.kind !== 'kafka' || source.until === 'latest') return;
  const here = new Set(source.connection.brokers);
  const sameCluster = sink.connection.brokers.some((broker) => here.has(broker));
  const { topics, pattern } = source;
  const reads = topics.includes(sink.topic) || (pattern && matchesWhole(pattern, sink.topic));
  if (!sameCluster || !reads) return;
  throw new MillraceError(
    `the topic "${sink.topic}" is both read and written, for ever: write to another topic, ` +
      "or read with until: 'latest'",
    { code: 'INVALID_PLAN', context: { topic: sink.topic } },
  );
}
