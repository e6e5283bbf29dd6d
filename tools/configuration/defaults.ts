/** Defaults, as the code fills them in. */
import type { Section } from '../../src/config/setting.ts';
import { readSinkBuffer, SINK_BUFFER_NAMES } from '../../src/stream/buffer-options.ts';
import { OptionReader } from '../../src/stream/option-reader.ts';
import { readKafkaSink } from '../../src/stream/sink-options.ts';
import { readKafkaSource } from '../../src/stream/source-options.ts';

const { source, settings } = readKafkaSource({ topic: 'topic', schema: { id: 'int64' } });
const { acks, ...sink } = readKafkaSink({ topic: 'topic' }, undefined);

const buffer = readSinkBuffer(new OptionReader('KafkaSink', {}, SINK_BUFFER_NAMES));

const FILLED: Readonly<Record<Section, object>> = {
  connection: source.connection,
  source,
  sink: { ...sink, ...buffer, acks: acks === -1 ? 'all' : acks },
  run: settings,
};

/** Those that were given above, and what is another on each machine. */
const NO_DEFAULTS = ['source.schema', 'source.topics', 'sink.topic', 'run.workers'];

/** The default of an option as TypeScript would write it; nothing where there is none. */
export function defaultOf(section: Section, name: string): string | undefined {
  if (NO_DEFAULTS.includes(`${section}.${name}`)) return undefined;
  let value: unknown = FILLED[section];
  for (const part of name.split('.')) {
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[part];
  }
  if (typeof value === 'number') return value.toLocaleString('en');
  return value === undefined ? undefined : JSON.stringify(value).replaceAll('"', "'");
}
