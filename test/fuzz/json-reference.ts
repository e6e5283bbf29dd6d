/**
 * What a JSON message gives under a schema, the slow and plain way: the reference of the decoder.
 *
 * Whether a text is JSON is `JSON.parse`'s word alone; the parser here only finds what `JSON.parse`
 * drops: the digits of numbers, and members whose name comes twice.
 */
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import type { Value } from '../wasm/columns.ts';

/** A value of a text that is known to be JSON. */
type Json =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Json[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Json])[] };

/** Thrown where a message is to be rejected. */
class Rejected extends Error {}

/** Nesting of values that nobody reads; `MAX_SKIPPED_DEPTH` in `wasm/json-skip.h`. */
const MAX_SKIPPED_DEPTH = 1024;

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
    if (field === undefined) checkDepth(json, 0);
    else found.set(name, readValue(json, field));
  }
  return Object.fromEntries(
    fields.map(({ name, nullable }) => {
      if (!found.has(name) && !nullable) throw new Rejected();
      return [name, found.get(name) ?? null];
    }),
  );
}

function checkDepth(json: Json, depth: number): void {
  if (json.kind !== 'array' && json.kind !== 'object') return;
  if (depth === MAX_SKIPPED_DEPTH) throw new Rejected();
  const inner = json.kind === 'array' ? json.items : json.members.map(([, value]) => value);
  for (const value of inner) checkDepth(value, depth + 1);
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
    case 'bool':
      return json.kind === 'bool' ? json.value : undefined;
    case 'utf8':
      return json.kind === 'string' ? json.value : undefined;
    case 'float64': {
      const value = json.kind === 'number' ? Number(json.text) : Number.NaN;
      return Number.isFinite(value) ? value : undefined;
    }
    case 'int32': {
      const value = json.kind === 'number' ? wholeNumber(json.text, 0, false) : undefined;
      return value !== undefined && BigInt.asIntN(32, value) === value ? Number(value) : undefined;
    }
    case 'int64':
      return json.kind === 'number' ? wholeNumber(json.text, 0, false) : undefined;
    case 'timestamp':
      if (json.kind === 'number') return wholeNumber(json.text, 3, true);
      return json.kind === 'string' ? parseTimestamp(json.value) : undefined;
    case 'struct':
      return json.kind === 'object' ? readMembers(json.members, type.fields) : undefined;
    case 'list':
      return json.kind === 'array' ? json.items.map((v) => readValue(v, type.item)) : undefined;
    default:
      return undefined;
  }
}

/** The number times 10^scale as an int64; undefined where it does not fit or has a fraction. */
function wholeNumber(text: string, scale: number, truncate: boolean): bigint | undefined {
  const [, sign, integer, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(text)!;
  const digits = `${integer}${fraction}`.replace(/^0+(?=\d)/, '');
  const power = Number(exponent) - fraction.length + scale;
  if (/^0+$/.test(digits)) return 0n;
  if (power > 40) return undefined;
  const kept = power >= 0 ? digits + '0'.repeat(power) : digits.slice(0, power);
  const dropped = power >= 0 ? '' : digits.slice(Math.max(0, digits.length + power));
  if (!truncate && /[1-9]/.test(dropped)) return undefined;
  const magnitude = BigInt(kept === '' ? 0 : kept);
  const value = sign === '-' ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

const DATE = String.raw`(\d{4}-\d\d-\d\d)`;
const TIME = String.raw`(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?`;
const OFFSET = String.raw`(?:[Zz]|([-+])(\d\d)(?::?(\d\d))?)?`;
const TIMESTAMP = new RegExp(`^${DATE}(?:[Tt ]${TIME}${OFFSET})?$`);

function parseTimestamp(text: string): bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, date, time = '00:00', seconds = '00', fraction = '', sign, hours = '0', minutes = '0'] =
    match;
  const iso = `${date}T${time}:${seconds}.000Z`;
  const ms = Date.parse(iso);
  // Date.parse takes the hour 24 and dates such as February 30 for the next day.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = BigInt(Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1n : 1n);
  const micros = BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return BigInt(ms) * 1000n - offset * 60_000_000n + micros;
}
