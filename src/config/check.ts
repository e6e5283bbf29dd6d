/** Checks a configuration as the stream will, so that mistakes come out where it is loaded. */
import type { SchemaInput } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { readSinkBuffer, SINK_BUFFER_NAMES } from '../stream/buffer-options.ts';
import { isTopicName, OptionReader } from '../stream/option-reader.ts';
import { readKafkaSink } from '../stream/sink-options.ts';
import { readKafkaSource } from '../stream/source-options.ts';
import type { LoadedConfig, SinkConfig, SourceConfig } from './config.ts';
import { type Setting, said, wrong } from './setting.ts';
import { toSinkOptions, toSourceOptions } from './stream-options.ts';

/**
 * Checks what contradicts itself across options.
 *
 * @throws MillraceError `INVALID_OPTION` that names both.
 */
export function checkSettings(settings: ReadonlyMap<string, Setting>): void {
  const acks = settings.get('sink.acks');
  const idempotent = settings.get('sink.idempotent');
  if (acks === undefined || idempotent?.value !== true || acks.value === 'all') return;
  const places = acks.where === idempotent.where ? '' : ` (${acks.where} and ${idempotent.where})`;
  throw wrong(
    idempotent.where,
    idempotent.name,
    `${said(acks)} and ${said(idempotent)}${places} contradict each other: a batch that is sent ` +
      'again is stored once only where all replicas have it; give acks=all, or take the other away',
  );
}

/**
 * Checks every value by what reads it in the end. What a configuration may leave to the code (the
 * topic, the schema, the group) need not be there.
 *
 * @throws MillraceError `INVALID_OPTION`, `INVALID_SCHEMA`; the message says where the value was
 *   given.
 */
export function checkValues(config: LoadedConfig): void {
  const { source, sink } = config as { readonly source: SourceConfig; readonly sink: SinkConfig };
  from(config, ['source', 'run', 'connection'], () =>
    readKafkaSource({
      ...(source.groupId === undefined ? { groupId: 'group' } : {}),
      ...toSourceOptions(config, missingOf(source)),
    }),
  );
  from(config, ['sink', 'connection'], () =>
    readKafkaSink(toSinkOptions(config, { topic: sink.topic ?? 'topic' }), undefined),
  );
  const { maxBufferBytes, maxBufferMessages } = sink;
  const buffer = { maxBufferBytes, maxBufferMessages };
  from(config, ['sink'], () =>
    readSinkBuffer(new OptionReader('KafkaSink', buffer, SINK_BUFFER_NAMES)),
  );
}

/** What code may add to a source, so that the rest of it can be checked. */
function missingOf(source: SourceConfig) {
  const { topic, topics, partitions, schema, codec = 'json' } = source;
  const hasSubject = [topic, topics, partitions].some((subject) => subject !== undefined);
  return {
    ...(hasSubject ? {} : { topics: topicsOf(source) }),
    ...(codec === 'json' && schema === undefined ? { schema: { value: 'utf8?' } } : {}),
  } as { readonly schema: SchemaInput };
}

/** Those that `startFrom` has offsets of, or any. */
function topicsOf({ startFrom }: SourceConfig): readonly string[] {
  const { offsets } = (startFrom ?? {}) as { readonly offsets?: unknown };
  const named = Array.isArray(offsets) ? offsets.map((one) => (one as TopicPartition)?.topic) : [];
  const topics = named.filter(isTopicName);
  return topics.length === 0 ? ['topic'] : topics;
}

function from(config: LoadedConfig, sections: readonly string[], check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const origin = originOf(config, sections, String(error.context.option ?? ''));
    if (origin === undefined) throw error;
    const { code, context } = error;
    throw new MillraceError(`${error.message} (given as ${origin})`, { code, context });
  }
}

function originOf(
  { origins }: LoadedConfig,
  sections: readonly string[],
  option: string,
): string | undefined {
  for (const section of sections) {
    const found = Object.entries(origins).find(
      ([path]) => path.startsWith(`${section}.`) && `.${path}`.endsWith(`.${option}`),
    );
    if (found !== undefined) return found[1];
  }
  return undefined;
}
