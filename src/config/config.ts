/** One typed object for everything that can be set. */
import type { CodecName } from '../ingest/codecs/codec-name.ts';
import type { ConnectionInput } from '../ingest/connection-options.ts';
import type { SinkBufferOptions } from '../stream/buffer-options.ts';
import type { RunSettingsInput } from '../stream/run-settings.ts';
import type { KafkaSinkOptions } from '../stream/sink-options.ts';
import type { JsonSourceOptions } from '../stream/source-options.ts';
import type { PresetName } from './presets.ts';

/**
 * What a source takes. Options of the connection that stand here hold for reading alone, and stand
 * above those in `connection`.
 */
export interface SourceConfig
  extends Omit<Partial<JsonSourceOptions>, 'codec' | keyof RunSettingsInput> {
  /** How values are read. Default `json`, which takes a schema. */
  readonly codec?: CodecName;
}

/**
 * What a sink takes. Options of the connection that stand here hold for writing alone, and stand
 * above those in `connection`. Its buffer is that of a `KafkaSink`: `toRowSinkOptions`.
 */
export interface SinkConfig extends Partial<KafkaSinkOptions>, SinkBufferOptions {}

/**
 * Everything that can be set, in one object. `defineConfig` checks its form in an editor,
 * `loadConfig` makes one of files and the environment, `toSourceOptions` and `toSinkOptions` make
 * of it what `Stream.fromKafka` and `toKafka` take.
 */
export interface MillraceConfig {
  /** Settings that lie beneath all others here: see `explainPreset`. Default: none. */
  readonly preset?: PresetName;
  /** How to reach the cluster, for reading and writing. */
  readonly connection?: ConnectionInput;
  readonly source?: SourceConfig;
  readonly sink?: SinkConfig;
  /** Threads and memory. */
  readonly run?: RunSettingsInput;
}

/** A configuration that was put together from several places; its preset lies spread out in it. */
export interface LoadedConfig extends Omit<MillraceConfig, 'preset'> {
  readonly connection: ConnectionInput;
  readonly source: SourceConfig;
  readonly sink: SinkConfig;
  readonly run: RunSettingsInput;
  /** Names that were accepted and change nothing, or not quite what they say; for people. */
  readonly notes: readonly string[];
  /** Where each option comes from, by its path: `source.groupId` of `KAFKA_GROUP_ID in …`. */
  readonly origins: Readonly<Record<string, string>>;
}
