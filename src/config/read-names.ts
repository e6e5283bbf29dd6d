/** Names and values, as files and the environment have them, made into settings. */
import { mistypedName, nearestName } from '../nearest-name.ts';
import { canonicalName, spelledLike, variableName } from './canonical-name.ts';
import type { KnownName } from './known-name.ts';
import { findKnown, namesFor, type RoledName, roledName } from './names.ts';
import { OWN_OPTIONS } from './options.ts';
import { type Reader, shown } from './reading.ts';
import { type Layer, type Setting, setting, wrong } from './setting.ts';

/** Where names are read. */
export interface NamesPlace {
  /** For messages: `millrace.properties`, `the environment`. */
  readonly where: string;
  /** Names are variables: `KAFKA_GROUP_ID`. Of those others may have their own. */
  readonly isEnvironment?: boolean;
  /** How the place is read, for messages about names that are unknown. */
  readonly readAs?: string;
}

/** A name on its way to its option. */
interface Named {
  readonly written: string;
  readonly value: unknown;
  readonly place: NamesPlace;
  /** What stands in front of the rest: `kafka.`, `millrace.` or nothing. */
  readonly family: string;
  readonly rest: string;
}

const FAMILIES = ['kafka.', 'millrace.'];

/**
 * Reads names of any spelling: `kafka.producer.acks`, `max_poll_records`, `KAFKA_GROUP_ID`, and
 * own options such as `millrace.source.batch.maxRows`.
 *
 * @throws MillraceError `INVALID_OPTION` for names that are unknown, that Millrace cannot honour,
 *   and for values that cannot be read. Messages never have the value of a secret.
 */
export function readNames(
  entries: Iterable<readonly [name: string, value: unknown]>,
  place: NamesPlace,
): Layer {
  const settings: Setting[] = [];
  const notes: string[] = [];
  for (const [written, value] of entries) {
    if (value === null || value === undefined) continue;
    const canonical = canonicalName(written);
    const family = FAMILIES.find((prefix) => canonical.startsWith(prefix)) ?? '';
    const named = { written, value, place, family, rest: canonical.slice(family.length) };
    const layer = family === 'millrace.' ? readOwn(named) : readForeign(named);
    settings.push(...layer.settings);
    notes.push(...layer.notes);
  }
  return { settings, notes };
}

function readForeign(named: Named): Layer {
  const roled = roledName(named.rest);
  const known = findKnown(roled.name, roled.role);
  if (known === undefined) return unknown(named, roled);
  const { value, note } = readValue(named, known.read, known.isSecret === true);
  const notes = note === undefined ? [] : [`${named.written} in ${named.place.where}: ${note}`];
  if (value === undefined || known.option === undefined) return { settings: [], notes };
  const side = sideOf(known, roled);
  const add = (option: string, what: unknown) => ({
    ...setting(`${side}${option}`, what, named.written, named.place.where),
    role: roled.role,
  });
  if (known.option !== 'sasl.jaas') {
    const settings = [add(known.option, value)];
    if (known.also !== undefined) settings.push({ ...settings[0]!, path: known.also });
    return { settings, notes };
  }
  const { username, password, isPlain } = value as JaasValue;
  const settings = [add('sasl.username', username), add('sasl.password', password)];
  return { settings: isPlain ? [...settings, add('sasl.mechanism', 'plain')] : settings, notes };
}

interface JaasValue {
  readonly username: string;
  readonly password: string;
  readonly isPlain: boolean;
}

function readOwn(named: Named): Layer {
  const { written, place, rest } = named;
  const own = OWN_OPTIONS.find(({ canonical }) => canonical === rest);
  if (own === undefined) return unknownOwn(named);
  const { value, note } = readValue(named, own.read, false);
  const notes = note === undefined ? [] : [`${written} in ${place.where}: ${note}`];
  return { settings: [setting(own.path, value, written, place.where)], notes };
}

function sideOf({ side }: KnownName, { role }: RoledName): string {
  if (side === 'config') return '';
  if (side !== 'connection' || role === 'both') return `${side}.`;
  return role === 'consumer' ? 'source.' : 'sink.';
}

function readValue(
  named: Named,
  read: Reader,
  isSecret: boolean,
): { value?: unknown; note?: string } {
  const { written, value, place } = named;
  const reading = read(value);
  if (!('problem' in reading)) return reading;
  // A secret may stand behind a name that is not known to have one: `millrace.connection.sasl…`.
  const hide = isSecret || /pass|secret|token|key$|jaas|sasl.extensions/i.test(written);
  const is = hide ? '' : ` is ${shown(value)}`;
  throw wrong(place.where, written, `${written}${is}${hide ? ':' : ';'} ${reading.problem}`);
}

function unknown(named: Named, { role, prefix, name }: RoledName): Layer {
  const { written, place } = named;
  if (role !== 'both' && findKnown(name, 'both') !== undefined) {
    const other = role === 'consumer' ? 'producer' : 'consumer';
    const right = respell(named, `${prefix.replace(role, other)}${name}`);
    throw wrong(
      place.where,
      written,
      `${written} is nothing of a ${role}'s; ${name} is a ${other}'s: write ${right}`,
    );
  }
  const names = namesFor(role);
  const likely = mistypedName(name, names);
  if (place.isEnvironment === true && likely === undefined && role === 'both') {
    return leftAlone(named);
  }
  const nearest = respell(named, prefix + (likely ?? nearestName(name, names)));
  throw unknownName(named, nearest);
}

function unknownName({ written, place: { where, readAs } }: Named, nearest: string) {
  const how = readAs === undefined ? '' : ` (${readAs})`;
  return wrong(where, written, `unknown name ${written}; the nearest known is ${nearest}${how}`);
}

function unknownOwn(named: Named): Layer {
  const { place, rest } = named;
  const names = OWN_OPTIONS.map(({ canonical }) => canonical);
  const likely = mistypedName(rest, names);
  if (place.isEnvironment === true && likely === undefined) return leftAlone(named);
  const nearest = likely ?? nearestName(rest, names);
  const { path } = OWN_OPTIONS.find(({ canonical }) => canonical === nearest)!;
  const right = place.isEnvironment === true ? respell(named, nearest) : `millrace.${path}`;
  throw unknownName(named, right);
}

// The environment is everybody's: what is far from every name is probably another program's.
function leftAlone({ written, place }: Named): Layer {
  return { settings: [], notes: [`${written} in ${place.where}: not known here, left alone`] };
}

function respell({ written, place, family }: Named, canonical: string): string {
  if (place.isEnvironment === true) return variableName(family.slice(0, -1), canonical);
  return spelledLike(written, family + canonical);
}
