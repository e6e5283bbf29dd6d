/** A configuration in code. */
import type { MillraceConfig } from './config.ts';
import { presetNamed } from './presets.ts';
import { settingsOf } from './setting.ts';

/**
 * Gives a configuration back as it is, frozen; in an editor its options are completed and checked.
 *
 * @throws MillraceError `INVALID_OPTION` where a section or the preset has an unknown name.
 *
 * @example
 * ```ts
 * // millrace.config.ts
 * export default defineConfig({
 *   preset: 'durable',
 *   connection: { brokers: 'kafka:9092' },
 *   source: { groupId: 'billing', topic: 'orders' },
 * });
 * ```
 */
export function defineConfig(config: MillraceConfig): MillraceConfig {
  settingsOf(config, 'defineConfig');
  if (config.preset !== undefined) presetNamed(config.preset, 'defineConfig');
  return Object.freeze(config);
}
