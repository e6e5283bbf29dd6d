/** A configuration from all the places that say something of it. */
import { resolve } from 'node:path';
import { OptionReader } from '../stream/option-reader.ts';
import { checkSettings, checkValues } from './check.ts';
import type { LoadedConfig, MillraceConfig } from './config.ts';
import { findConfigFile, readConfigFile } from './config-file.ts';
import { type Environment, FILE_VARIABLE, readEnvironment } from './environment.ts';
import { assemble, mergeLayers } from './merge.ts';
import { objectLayer } from './object-layer.ts';
import { presetNamed } from './presets.ts';
import { settleSecurity } from './security.ts';
import { type Layer, settingsOf } from './setting.ts';

/** What `loadConfig` takes. */
export interface LoadOptions {
  /**
   * The file. Default: what `MILLRACE_CONFIG` names, else the one of `millrace.config.ts`, `.mts`,
   * `.js`, `.mjs`, `.json` and `millrace.properties` that is there, if any. `false`: none.
   */
  readonly file?: string | false;
  /** The environment. Default `process.env`; `false`: none. */
  readonly env?: Environment | false;
  /** Where files are looked for. Default the working folder. */
  readonly cwd?: string;
  /** What stands above all else. */
  readonly config?: MillraceConfig;
}

const NOTHING: Layer = { settings: [], notes: [] };

/**
 * Puts a configuration together: what `config` says stands above the environment, that above the
 * file, that above the preset, and what nobody says has its default. A setting of the connection
 * for one side (`kafka.producer.retries`) is another option than the one for both (`retries`), and
 * stands above it wherever it comes from.
 *
 * Everything is checked. `notes` has names that were accepted and change nothing; log it.
 *
 * @throws MillraceError `INVALID_OPTION` for names that are unknown, for two that contradict each
 *   other, and for values that cannot be; `INVALID_SCHEMA`.
 *
 * @example
 * ```ts
 * const config = await loadConfig();
 * console.log(describeConfig(config));
 * const stream = Stream.fromKafka(toSourceOptions(config, { schema: { id: 'int64' } }));
 * ```
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  checkOptions(options);
  const env = options.env === false ? {} : (options.env ?? process.env);
  const folder = resolve(options.cwd ?? '.');
  const named = options.file ?? (env[FILE_VARIABLE] || undefined);
  const path = named === undefined ? findConfigFile(folder) : named && resolve(folder, named);
  const file = path === undefined || path === false ? NOTHING : await readConfigFile(path);
  const environment = readEnvironment(env);
  const code =
    options.config === undefined
      ? NOTHING
      : { settings: settingsOf(options.config, 'loadConfig'), notes: [] };
  return settle([file, environment, code]);
}

function checkOptions(options: LoadOptions): void {
  const reader = new OptionReader('loadConfig', options, ['file', 'env', 'cwd', 'config']);
  if (options.file !== false) reader.text('file');
  reader.text('cwd');
  const { env } = options;
  if (env === undefined || env === false) return;
  if (typeof env !== 'object' || env === null) {
    throw reader.fault('env', 'give variables by their names, or false for none');
  }
}

/**
 * The configuration that an object stands for: sections of its own, and names that other clients
 * have, in any spelling. Nothing else is looked at: no file, no environment.
 *
 * @throws MillraceError as `loadConfig`.
 *
 * @example
 * ```ts
 * const config = configFrom({ bootstrap_servers: 'kafka:9092', group_id: 'app', acks: 'all' });
 * ```
 */
export function configFrom(
  input: MillraceConfig | Readonly<Record<string, unknown>>,
): LoadedConfig {
  return configIn(input, 'configFrom');
}

/** As `configFrom`; `where` is what messages, notes and origins call the place. */
export function configIn(input: unknown, where: string): LoadedConfig {
  return settle([objectLayer(input, where)]);
}

/** Merges layers, the weakest first, over the preset that they name, and checks what comes out. */
function settle(layers: readonly Layer[]): LoadedConfig {
  const choice = layers
    .flatMap((layer) => layer.settings)
    .findLast(({ path }) => path === 'preset');
  const presetPlace = choice === undefined ? '' : `preset '${String(choice.value)}'`;
  const preset =
    choice === undefined ? [] : settingsOf(presetNamed(choice.value, choice.where), presetPlace);
  const merged = mergeLayers([{ settings: preset, notes: [] }, ...layers]);
  merged.delete('preset');
  settleSecurity(merged, presetPlace);
  checkSettings(merged);
  const config = assemble(
    merged,
    layers.flatMap(({ notes }) => notes),
  );
  checkValues(config);
  return config;
}
