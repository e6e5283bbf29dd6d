/**
 * What a JSON message gives under a schema, the slow and plain way: the reference of the decoder.
 *
 * Whether a text is JSON is `JSON.parse`'s word alone; the parser here only finds what `JSON.parse`
 * drops: the digits of numbers, and members whose name comes twice.
 */
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import type { Value } from '../wasm/columns.ts';
import { numberValue, textValue } from './json-scalar-reference.ts';

/** A value of a text that is known to be JSON; `raw` is the text itself. */
type Json = JsonValue & { readonly raw: string };

type JsonValue =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Json])[] };

/** Thrown where a message is to be rejected. */
class Rejected extends Error {}

/** The columns of a row, or undefined where the message is to be rejected. */
export function referenceRow(
  schema: Schema,
  message: Uint8Array,
): Record<string, Value> | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message);
    JSON.parse(text);
    const root = new Parser(text).value();
    if (root.kind !== 'object') throw new Rejected();
    return readMembers(root.members, schema.fields);
  } catch (error) {
    if (error instanceof Rejected || error instanceof SyntaxError || error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
}

/** Reads a text that is JSON; lone surrogates are rejected. */
class Parser {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    this.#space();
    const begin = this.#at;
    const value = this.#bare();
    return { ...value, raw: this.#text.slice(begin, this.#at) };
  }

  #bare(): JsonValue {
    const start = this.#text[this.#at];
    if (start === '{') return { kind: 'object', members: this.#list('}', () => this.#member()) };
    if (start === '[') return { kind: 'array', items: this.#list(']', () => this.value()) };
    if (start === '"') return { kind: 'string', value: this.#string() };
    const word = this.#take(/[^\s,\]}]+/y);
    if (word === 'null') return { kind: 'null' };
    if (word === 'true' || word === 'false') return { kind: 'bool', value: word === 'true' };
    return { kind: 'number', text: word };
  }

  #list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    do {
      this.#at++;
      this.#space();
      if (this.#text[this.#at] === end) break;
      items.push(item());
      this.#space();
    } while (this.#text[this.#at] === ',');
    this.#at++;
    return items;
  }

  #member(): [string, Json] {
    const name = this.#string();
    this.#space();
    this.#at++;
    return [name, this.value()];
  }

  #string(): string {
    const value = JSON.parse(this.#take(/"(?:[^"\\]|\\.)*"/y)) as string;
    if (!value.isWellFormed()) throw new Rejected();
    return value;
  }

  #space(): void {
    this.#take(/[ \t\r\n]*/y);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)![0];
    this.#at += match.length;
    return match;
  }
}

function readMembers(
  members: readonly (readonly [string, Json])[],
  fields: readonly Field[],
): Record<string, Value> {
  const byName = new Map(fields.map((field) => [field.name, field]));
  const found = new Map<string, Value>();
  for (const [name, json] of members) {
    const field = byName.get(name);
    if (field !== undefined) found.set(name, readValue(json, field));
  }
  return Object.fromEntries(
    fields.map(({ name, nullable }) => {
      if (!found.has(name) && !nullable) throw new Rejected();
      return [name, found.get(name) ?? null];
    }),
  );
}

function readValue(json: Json, { type, nullable }: Field): Value {
  if (json.kind === 'null') {
    if (!nullable) throw new Rejected();
    return null;
  }
  const value = convert(json, type);
  if (value === undefined) throw new Rejected();
  return value;
}

function convert(json: Json, type: DataType): Value | undefined {
  switch (type.kind) {
    case 'json':
      return json.raw;
    case 'bool':
      return json.kind === 'bool' ? json.value : undefined;
    case 'struct':
      return json.kind === 'object' ? readMembers(json.members, type.fields) : undefined;
    case 'list':
      return json.kind === 'array' ? json.items.map((v) => readValue(v, type.item)) : undefined;
    case 'map':
      return json.kind === 'object' ? readEntries(json.members, type.value) : undefined;
    default:
      if (json.kind === 'number') return numberValue(json.text, type);
      return json.kind === 'string' ? textValue(json.value, type) : undefined;
  }
}

// The last of a key's values counts, at its place.
function readEntries(
  members: readonly (readonly [string, Json])[],
  value: Field,
): Map<string, Value> {
  const entries = new Map<string, Value>();
  for (const [key, json] of members) {
    const read = readValue(json, value);
    entries.delete(key);
    entries.set(key, read);
  }
  return entries;
}
