/** Settings in an object: what JSON has, or what a configuration in code exports. */

import { startFrom } from './options.ts';
import { readNames } from './read-names.ts';
import type { Reader } from './reading.ts';
import { isPlainObject, type Layer, SECTIONS, type Setting, settingsOf, wrong } from './setting.ts';
import { topics } from './topics.ts';

const OWN: readonly string[] = ['preset', ...SECTIONS];
const JSON_READERS: Readonly<Record<string, Reader>> = {
  'source.startFrom': startFrom,
  'source.topics': topics,
};

/**
 * The settings of an object. Its own sections (`connection`, `source`, `sink`, `run`, `preset`) are
 * those of `MillraceConfig`; all else are names that other clients have, in any spelling, flat or
 * nested: `{ bootstrap_servers, group_id, producer: { acks: 'all' } }`.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function objectLayer(input: unknown, where: string): Layer {
  if (!isPlainObject(input)) {
    throw wrong(where, 'config', 'it holds no object; write { "source": { … }, … }');
  }
  const own = Object.entries(input).filter(([name]) => OWN.includes(name));
  const foreign = Object.entries(input).filter(([name]) => !OWN.includes(name));
  const named = readNames(flat(foreign, ''), { where });
  const settings = settingsOf(Object.fromEntries(own), where).map(withoutJson);
  return { settings: [...settings, ...named.settings], notes: named.notes };
}

// JSON has neither bigints, for offsets, nor regular expressions, for topics.
function withoutJson(said: Setting): Setting {
  const read = JSON_READERS[said.path];
  if (read === undefined) return said;
  const reading = read(said.value);
  if ('value' in reading) return { ...said, value: reading.value };
  const problem = 'problem' in reading ? reading.problem : reading.note;
  throw wrong(said.where, said.path, `${said.path}: ${problem}`);
}

function flat(
  entries: readonly (readonly [string, unknown])[],
  prefix: string,
): (readonly [string, unknown])[] {
  return entries.flatMap(([name, value]) => {
    const path = prefix + name;
    return isPlainObject(value)
      ? flat(Object.entries(value), `${path}.`)
      : [[path, value] as const];
  });
}
