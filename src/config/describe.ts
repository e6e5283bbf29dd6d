/** A configuration as text for people, without secrets. */
import { Secret } from '../ingest/secret.ts';
import type { LoadedConfig, MillraceConfig } from './config.ts';
import { shown } from './reading.ts';
import { checkIsConfig, isHidden, SECTIONS, settingsOf } from './setting.ts';

/**
 * What a configuration says, an option a line, with where each comes from if `loadConfig` or
 * `configFrom` has made it. Passwords, passphrases and keys are `[secret]`; options that nobody has
 * set have their default and are not listed.
 *
 * @throws MillraceError `INVALID_OPTION` for what is no configuration.
 */
export function describeConfig(config: MillraceConfig | LoadedConfig): string {
  checkIsConfig(config, 'describeConfig');
  const { preset, connection, source, sink, run } = config as MillraceConfig;
  const { origins = {}, notes = [] } = config as Partial<LoadedConfig>;
  const settings = settingsOf({ preset, connection, source, sink, run }, 'describeConfig');
  const rows = settings.map(({ path, value }) => {
    const text = isHidden({ path, value }) ? String(new Secret('')) : shown(value);
    // A whole `sasl` may come with a token's function, a schema over many lines: one line each.
    return { left: `${path} = ${text.replaceAll(/\s*\n\s*/g, ' ')}`, origin: origins[path] };
  });
  const width = Math.min(60, Math.max(0, ...rows.map(({ left }) => left.length)));
  const lines = rows.map(({ left, origin }) =>
    origin === undefined ? left : `${left.padEnd(width)}  # ${origin}`,
  );
  if (lines.length === 0) lines.push(`nothing is set in ${SECTIONS.join(', ')}`);
  return [...lines, ...notes.map((note) => `note: ${note}`)].join('\n');
}
