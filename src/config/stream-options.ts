/** What a configuration says to the two ends of a stream. */
import type { SchemaInput } from '../arrow/schema-literal.ts';
import { MillraceError } from '../errors.ts';
import type { KafkaSinkOptions } from '../stream/sink-options.ts';
import type {
  BytesSourceOptions,
  JsonSourceOptions,
  KafkaSourceOptions,
  StringSourceOptions,
} from '../stream/source-options.ts';
import type { LoadedConfig, MillraceConfig } from './config.ts';
import { mergeLayers, tree } from './merge.ts';
import { presetNamed } from './presets.ts';
import {
  checkIsConfig,
  type Section,
  type Setting,
  sectionSettings,
  settingsOf,
} from './setting.ts';

/**
 * What `Stream.fromKafka` takes, of a configuration: its `connection`, `run` and `source`, each
 * above the one before, and `options` above all. A source with `brokers` of its own is another
 * cluster, which does not get the connection's `ssl` and `sasl`. Pure: reads no file and no
 * environment.
 *
 * @throws MillraceError `INVALID_OPTION` where a section or the preset has an unknown name.
 *
 * @example
 * ```ts
 * const config = await loadConfig();
 * const stream = Stream.fromKafka(toSourceOptions(config, { schema: { id: 'int64' } }));
 * ```
 */
export function toSourceOptions<const S extends SchemaInput>(
  config: MillraceConfig | LoadedConfig,
  options: Partial<JsonSourceOptions<S>> & { readonly schema: S },
): JsonSourceOptions<S>;
export function toSourceOptions(
  config: MillraceConfig | LoadedConfig,
  options: Partial<StringSourceOptions> & { readonly codec: 'string' },
): StringSourceOptions;
export function toSourceOptions(
  config: MillraceConfig | LoadedConfig,
  options: Partial<BytesSourceOptions> & { readonly codec: 'bytes' },
): BytesSourceOptions;
export function toSourceOptions(
  config: MillraceConfig | LoadedConfig,
  options?: Partial<JsonSourceOptions>,
): JsonSourceOptions;
export function toSourceOptions(
  config: MillraceConfig | LoadedConfig,
  options: Partial<KafkaSourceOptions> = {},
): unknown {
  return side(config, ['run', 'source'], options);
}

/**
 * What `toKafka` takes, of a configuration: its `connection` and `sink`, and `options` above both.
 * A sink with `brokers` of its own is another cluster, which does not get the connection's `ssl`
 * and `sasl`. A stream has no `maxBufferBytes` and no `maxBufferMessages`: those go to a
 * `KafkaSink`, by `toRowSinkOptions`. Pure: reads no file and no environment.
 *
 * @throws MillraceError `INVALID_OPTION` where neither says a topic.
 */
export function toSinkOptions(
  config: MillraceConfig | LoadedConfig,
  options: Partial<KafkaSinkOptions> = {},
): KafkaSinkOptions {
  const { maxBufferBytes: _, maxBufferMessages: __, ...sink } = side(config, ['sink'], options);
  if (sink.topic !== undefined) return sink as unknown as KafkaSinkOptions;
  throw new MillraceError(
    'no topic to write: give sink.topic in the configuration, or ' +
      "toSinkOptions(config, { topic: 'name' })",
    { code: 'INVALID_OPTION', context: { option: 'sink.topic' } },
  );
}

/**
 * Options of one end over weaker ones of it: parts such as `batch` option by option, and what is
 * `undefined` says nothing.
 */
export function overlaid<T>(end: 'source' | 'sink', weaker: object, stronger: object): T {
  const layers = [weaker, stronger].map((one) => layer(sectionSettings(end, one, 'options')));
  return Object.freeze(tree(mergeLayers(layers), `${end}.`)) as T;
}

function side(
  config: MillraceConfig | LoadedConfig,
  sections: readonly Section[],
  options: object,
): Readonly<Record<string, unknown>> {
  checkIsConfig(config, sections.at(-1) === 'sink' ? 'toSinkOptions' : 'toSourceOptions');
  const { preset, connection, source, sink, run } = config as MillraceConfig;
  const base = preset === undefined ? [] : settingsOf(presetNamed(preset), 'preset');
  const own = settingsOf({ connection, source, sink, run }, 'config');
  const settings = [...mergeLayers([base, own].map(layer)).values()];
  const end = sections.at(-1)!;
  const of = (section: Section) => settings.filter(({ path }) => path.startsWith(`${section}.`));
  const specific = [...sections.flatMap(of).map((one) => moved(one, end))];
  const explicit = sectionSettings(end, options, 'options');
  const elsewhere = [...specific, ...explicit].some(({ path }) => path === `${end}.brokers`);
  const common = of('connection')
    .filter(({ path }) => !elsewhere || !/^connection\.(ssl|sasl)\b/.test(path))
    .map((one) => moved(one, end));
  return Object.freeze(tree(mergeLayers([common, specific, explicit].map(layer)), `${end}.`));
}

function layer(settings: readonly Setting[]) {
  return { settings, notes: [] };
}

function moved(setting: Setting, section: Section): Setting {
  return { ...setting, path: section + setting.path.slice(setting.path.indexOf('.')) };
}
