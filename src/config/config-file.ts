/** Configuration files: which one is meant, and what it says. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../errors.ts';
import { mistypedName } from '../nearest-name.ts';
import { canonicalName } from './canonical-name.ts';
import { parseJson } from './json-text.ts';
import { findKnown, namesFor, roledName } from './names.ts';
import { objectLayer } from './object-layer.ts';
import { type Property, parseProperties } from './properties.ts';
import { readNames } from './read-names.ts';
import { type Layer, wrong } from './setting.ts';

/** Files that are looked for, in this order, where none is named. */
export const FILE_NAMES = [
  'millrace.config.ts',
  'millrace.config.mts',
  'millrace.config.js',
  'millrace.config.mjs',
  'millrace.config.json',
  'millrace.properties',
] as const;

/**
 * The configuration's file in a folder, or nothing.
 *
 * @throws MillraceError `INVALID_OPTION` where there are two: they might contradict each other.
 */
export function findConfigFile(folder: string): string | undefined {
  const [found, other] = FILE_NAMES.filter((name) => existsSync(resolve(folder, name)));
  if (found !== undefined && other !== undefined) {
    const wayOut = 'keep one, or name the one that is meant with file';
    throw wrong(folder, 'file', `there are both ${found} and ${other}; ${wayOut}`);
  }
  return found === undefined ? undefined : resolve(folder, found);
}

/**
 * What a file says; its ending says how it is read.
 *
 * @throws MillraceError `INVALID_OPTION`. Messages never quote a file: it may hold secrets.
 */
export async function readConfigFile(path: string): Promise<Layer> {
  const where = basename(path);
  switch (extname(path)) {
    case '.properties':
      return propertiesLayer(await readText(path, where), where);
    case '.json':
      return objectLayer(readJson(await readText(path, where), where), where);
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return objectLayer(await importConfig(path, where), where);
    default:
      throw wrong(
        where,
        'file',
        `its ending is none of .properties, .json, .ts, .mts, .js, .mjs; rename it`,
      );
  }
}

/**
 * What a `.properties` text says. Where names begin with `kafka.` or `millrace.` only those are
 * read: the others are the application's. Else every name is one of Kafka's, as in the files that
 * its own tools take.
 *
 * @throws MillraceError `INVALID_OPTION`.
 */
export function propertiesLayer(text: string, where: string): Layer {
  const entries = parseProperties(text, where);
  const isOurs = ([name]: Property) => /^(kafka|millrace)[._]/i.test(name);
  const ours = entries.filter(isOurs);
  const read = ours.length === 0 ? entries : ours;
  checkTwice(read, where);
  const readAs = ours.length === 0 ? WHOLE_FILE : PREFIXED;
  const pairs = read.map(([name, value]) => [name, value] as const);
  const layer = readNames(pairs, { where, readAs });
  if (ours.length === 0) return layer;
  const others = entries.filter((entry) => !isOurs(entry)).map(([name]) => name);
  return { ...layer, notes: [...layer.notes, ...forgottenPrefixes(others, where)] };
}

const WHOLE_FILE =
  "no name in the file begins with kafka. or millrace., so all are read as Kafka's own; in the " +
  'file of an application put kafka. before those that are';
const PREFIXED =
  'the file has names that begin with kafka. or millrace., so only those are read; the others ' +
  "are the application's";

// In Java the last one holds, and nobody notices. Values are not quoted: one may be secret.
function checkTwice(entries: readonly Property[], where: string): void {
  const seen = new Map<string, Property>();
  for (const entry of entries) {
    const [name, value, line] = entry;
    const [, before, first] = seen.get(name) ?? entry;
    if (before !== value) {
      const lines = `in line ${first} and, with another value, in line ${line}`;
      throw wrong(where, name, `${name} is given twice: ${lines}; keep one`);
    }
    seen.set(name, entry);
  }
}

// Names of Kafka's own between names with the prefix: somebody forgot it. What has no dot in it,
// such as topic, or is only close to a name, may well be the application's.
function forgottenPrefixes(names: readonly string[], where: string): string[] {
  return names.flatMap((name) => {
    const roled = roledName(canonicalName(name));
    const isKnown = findKnown(roled.name, roled.role) !== undefined;
    if (isKnown && roled.name.includes('.')) {
      const message = `${name} stands beside names that begin with kafka.; write kafka.${name}`;
      throw wrong(where, name, message);
    }
    const meant = isKnown ? roled.name : mistypedName(roled.name, namesFor(roled.role));
    if (meant === undefined || (!isKnown && !roled.name.includes('.'))) return [];
    const wayOut = `if it is Kafka's, write kafka.${roled.prefix}${meant}`;
    return `${name} in ${where}: left alone, as the application's; ${wayOut}`;
  });
}

async function readText(path: string, where: string): Promise<string> {
  try {
    // An editor's byte order mark is no part of the first name.
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw wrong(where, 'file', `${path} cannot be read (${reason})`);
  }
}

function readJson(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof MillraceError) {
      throw wrong(where, String(cause.context.option), cause.message);
    }
    // Its message quotes the text around the mistake, which may be a password.
    const position = /position (\d+)/.exec((cause as Error).message)?.[1];
    const line = text.slice(0, Number(position)).split('\n').length;
    const at = position === undefined ? '' : ` at line ${line}`;
    throw wrong(where, 'file', `it is no valid JSON${at}`);
  }
}

async function importConfig(path: string, where: string): Promise<unknown> {
  if (!existsSync(path)) throw wrong(where, 'file', `${path} cannot be read (ENOENT)`);
  let config: unknown;
  try {
    const found: { default?: unknown; config?: unknown } = await import(pathToFileURL(path).href);
    config = await (found.default ?? found.config);
  } catch (cause) {
    throw wrong(where, 'file', `it cannot be loaded: ${reasonOf(cause)}`);
  }
  if (config !== undefined) return config;
  throw wrong(where, 'file', 'it exports nothing; write export default defineConfig({ … })');
}

// Syntax errors quote what they are about, further lines the code: a password may be there.
function reasonOf(cause: unknown): string {
  if (cause instanceof Error && cause.name === 'SyntaxError') {
    return 'it has a syntax error, or text that it parses has; run it with node to see where';
  }
  const [first] = String(cause instanceof Error ? cause.message : cause).split('\n');
  return first!.replace(/:$/, '');
}
