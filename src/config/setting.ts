/** One option and where it was said, and objects of options taken apart into such. */
import { isDeepStrictEqual } from 'node:util';
import { MillraceError } from '../errors.ts';
import { CONNECTION_OPTION_NAMES } from '../ingest/connection-options.ts';
import { Secret } from '../ingest/secret.ts';
import { meantName } from '../nearest-name.ts';
import type { Role } from './known-name.ts';
import { shown } from './reading.ts';

/** One option's value and who said it. */
export interface Setting {
  /** `source.batch.maxRows`. */
  readonly path: string;
  readonly value: unknown;
  /** As it was written: `max.poll.records`, `KAFKA_MAX_POLL_RECORDS`, or the path. */
  readonly name: string;
  /** Where: `millrace.properties`, `the environment`. */
  readonly where: string;
  /** For names of other clients: the side that it was said of. */
  readonly role?: Role;
}

/** What one place says. */
export interface Layer {
  readonly settings: readonly Setting[];
  readonly notes: readonly string[];
}

/** The parts of a configuration, in the order in which they are shown. */
export const SECTIONS = ['connection', 'source', 'sink', 'run'] as const;

/** One of them. */
export type Section = (typeof SECTIONS)[number];

const TOP_NAMES: readonly string[] = ['preset', ...SECTIONS];
/** With what a loaded one has besides. */
const CONFIG_NAMES: readonly string[] = [...TOP_NAMES, 'notes', 'origins'];
/** Options that are objects of options, which are overridden one by one. */
const PARTS = ['batch', 'fetch', 'group', 'ssl', 'sasl'];
const MAYBE_SECRET = /\.(sasl\.(?!mechanism$|username$|extensions$)|\w*(pass|secret|token))/i;
const SECRET_PATH = /\.(sasl\.password|sasl\.jaas|ssl\.passphrase|ssl\.key)$/;

/** Whether the value at `path` must not be seen. A key's path may; a key may not. */
export function isSecret({ path, value }: Pick<Setting, 'path' | 'value'>): boolean {
  if (value instanceof Secret) return true;
  if (!SECRET_PATH.test(path)) return false;
  return !path.endsWith('.key') || typeof value !== 'string' || !looksLikePath(value);
}

/**
 * Whether it is not to be shown: a secret, or something that stands where one was probably meant.
 * `sasl.pasword`, a password for the whole of `sasl`, credentials in the address of a broker.
 */
export function isHidden({ path, value }: Pick<Setting, 'path' | 'value'>): boolean {
  if (isSecret({ path, value }) || MAYBE_SECRET.test(path)) return typeof value !== 'function';
  if (path.endsWith('.brokers')) return String(value).includes('@');
  return /\.(ssl|sasl)$/.test(path) && typeof value !== 'boolean';
}

/** A setting whose secret cannot be printed any more. */
export function setting(path: string, value: unknown, name: string, where: string): Setting {
  const hide = typeof value === 'string' && value !== '' && isSecret({ path, value });
  return { path, value: hide ? new Secret(value) : value, name, where };
}

/** `name=value` for messages, without the value where it is secret. */
export function said(setting: Setting): string {
  return isHidden(setting) ? setting.name : `${setting.name}=${shown(setting.value)}`;
}

/** Whether one that was said of both sides gives way to one that was said of its own. */
export function givesWay(one: Setting, other: Setting): boolean {
  return one.role === 'both' && other.role !== undefined && other.role !== 'both';
}

/** Whether two settings say the same, secrets included. */
export function sameValue(one: Setting, other: Setting): boolean {
  return isDeepStrictEqual(plain(one.value), plain(other.value));
}

/**
 * The settings of an object with the form of `MillraceConfig`, its preset as `preset`.
 *
 * @throws MillraceError `INVALID_OPTION` where a section has another name, or is no object.
 */
export function settingsOf(config: unknown, where: string): Setting[] {
  const input = record(config, 'the configuration', where);
  const settings: Setting[] = [];
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (!TOP_NAMES.includes(name)) {
      throw wrong(where, name, `there is no section '${name}'; ${meantName(name, TOP_NAMES)}`);
    }
    if (name === 'preset') settings.push({ path: name, value, name, where });
    else settings.push(...sectionSettings(name as Section, value, where));
  }
  return settings;
}

/** The settings of one section; parts such as `batch` one by one. */
export function sectionSettings(section: Section, input: unknown, where: string): Setting[] {
  return Object.entries(record(input, section, where)).flatMap(([name, value]) => {
    const path = `${section}.${name}`;
    if (value === undefined) return [];
    if (!PARTS.includes(name) || !isPlainObject(value)) return setting(path, value, path, where);
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => setting(`${path}.${key}`, inner, `${path}.${key}`, where));
  });
}

/** Refuses what is no configuration, in the name of what was given it. Throws `INVALID_OPTION`. */
export function checkIsConfig(config: unknown, where: string): void {
  if (!isPlainObject(config)) {
    throw wrong(where, 'config', 'give what loadConfig, configFrom or defineConfig gave');
  }
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || CONFIG_NAMES.includes(name)) continue;
    const isOption = CONNECTION_OPTION_NAMES.includes(name);
    const wayOut = isOption ? `write { connection: { ${name}: … } }` : meantName(name, TOP_NAMES);
    throw wrong(where, name, `a configuration has no section '${name}'; ${wayOut}`);
  }
}

/** An error about one name; `context.option` has it. */
export function wrong(where: string, option: string, message: string): MillraceError {
  return new MillraceError(`${where}: ${message}`, {
    code: 'INVALID_OPTION',
    context: { option },
  });
}

/** Whether it is an object of named values, not a list, an instance of a class or a function. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // One from another realm, such as a test runner's, has that realm's `Object.prototype`.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function record(value: unknown, name: string, where: string): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return value;
  const type =
    value === null || value === undefined
      ? String(value)
      : Array.isArray(value)
        ? 'a list'
        : `a ${typeof value}`;
  throw wrong(where, name, `${name} is ${type}; give an object`);
}

function looksLikePath(key: string): boolean {
  return !/[\r\n]|-----/.test(key) && key.length < 300;
}

function plain(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}
