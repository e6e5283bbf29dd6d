/** One value and what goes with it, as the bytes of a message. */
import { MillraceError } from '../errors.ts';
import { partitionColumns } from '../ingest/partitioner.ts';
import { checkIsValue, checkMessageOptions, checkNoRecord } from './check-message.ts';
import type { HeadersInput, KeyInput, MessageOptions } from './record.ts';
import { isPlainPartitioner, type RowSinkSettings } from './row-sink-options.ts';

/** A header as bytes. */
export interface MessageHeader {
  readonly key: Buffer;
  readonly value: Uint8Array | null;
}

/** A message as bytes; null is a null key or a tombstone. */
export interface Message {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly MessageHeader[];
  readonly timestampMs: number;
  /** What it takes in a buffer and, at most, in a record batch. */
  readonly byteLength: number;
}

/** Offset, time and lengths of a record, at most. */
const RECORD_OVERHEAD_BYTES = 40;
const HEADER_OVERHEAD_BYTES = 10;
const NO_HEADERS: readonly MessageHeader[] = Object.freeze([]);

/**
 * The message of a value.
 *
 * @throws MillraceError `INVALID_OPTION` where the codec cannot write the value, or the key or a
 *   header has no bytes.
 */
export function messageOf(
  settings: Pick<RowSinkSettings, 'plan' | 'key' | 'partitioner' | 'write' | 'fields'>,
  value: unknown,
  options: MessageOptions,
): Message {
  checkMessageOptions(options);
  checkNoRecord(settings, value);
  checkIsValue(settings, value);
  const key = keyBytes(options.key === undefined ? keyOf(settings.key, value) : options.key);
  const headers = options.headers === undefined ? NO_HEADERS : headerBytes(options.headers);
  const bytes = valueBytes(settings, withoutFields(settings, value));
  let byteLength = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (bytes?.length ?? 0);
  for (const header of headers) {
    byteLength += HEADER_OVERHEAD_BYTES + header.key.length + (header.value?.length ?? 0);
  }
  return { key, value: bytes, headers, timestampMs: timeOf(options.timestamp), byteLength };
}

/**
 * The bytes of a key.
 *
 * @throws MillraceError `INVALID_OPTION` for what has none.
 */
export function keyBytes(key: KeyInput): Uint8Array | null {
  if (key === null || key === undefined) return null;
  if (typeof key === 'string') return Buffer.from(key);
  if (key instanceof Uint8Array) return key;
  if (typeof key === 'bigint' || Number.isFinite(key)) return Buffer.from(String(key));
  throw notBytes('key', key, 'a string, bytes, a number or null');
}

/** The value of a field of a row, and nothing where the value has no fields. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function keyOf(key: RowSinkSettings['key'], value: unknown): KeyInput {
  if (key === undefined) return null;
  if (typeof key === 'function') return key(value);
  const field = fieldOf(value, key) as KeyInput;
  if (field !== undefined) return field;
  throw new MillraceError(
    `the message has no field '${key}', which is its key; give the field null for no key`,
    { code: 'INVALID_OPTION', context: { option: 'key', field: key } },
  );
}

function headerBytes(headers: HeadersInput): readonly MessageHeader[] {
  if (Array.isArray(headers)) return headers.map((header) => headerOf(header));
  if (typeof headers !== 'object' || headers === null || ArrayBuffer.isView(headers)) {
    throw notBytes('headers', headers, HEADERS);
  }
  if (headers instanceof Map) return Array.from(headers, ([key, value]) => ofPair(key, value));
  // Others that list their entries, such as a Set, have no fields: they would pass for none.
  if (Symbol.iterator in headers) throw notBytes('headers', headers, HEADERS);
  return Object.entries(headers).map(([key, value]) => ofPair(key, value));
}

const HEADERS = 'an object or a Map of names to values, or a list of { key, value }';

function headerOf(header: unknown): MessageHeader {
  if (typeof header === 'object' && header !== null && 'key' in header && 'value' in header) {
    return ofPair(header.key, header.value);
  }
  throw notBytes('header', header, '{ key, value }');
}

function ofPair(key: unknown, value: unknown): MessageHeader {
  if (typeof key !== 'string') throw notBytes('header key', key, 'a string');
  if (value === null) return { key: Buffer.from(key), value };
  if (typeof value === 'string') return { key: Buffer.from(key), value: Buffer.from(value) };
  if (value instanceof Uint8Array) return { key: Buffer.from(key), value };
  throw notBytes(`header ${key}`, value, 'a string, bytes or null');
}

// What a stream leaves out of the value, a row does, too.
function withoutFields(
  { plan, key, partitioner }: Pick<RowSinkSettings, 'plan' | 'key' | 'partitioner'>,
  value: unknown,
): unknown {
  if (plan.codec !== 'json' || typeof value !== 'object' || value === null) return value;
  const { partitionColumn: number } = isPlainPartitioner(partitioner)
    ? partitionColumns(partitioner)
    : {};
  const dropsKey = !plan.keyInValue && typeof key === 'string';
  if (number === undefined && !dropsKey) return value;
  const kept: Record<string, unknown> = { ...value };
  if (number !== undefined) delete kept[number];
  if (dropsKey) delete kept[key];
  return kept;
}

function valueBytes(
  {
    plan: { codec, tombstones },
    write,
    fields,
  }: Pick<RowSinkSettings, 'plan' | 'write' | 'fields'>,
  value: unknown,
): Uint8Array | null {
  if (value === null) return null;
  if (codec === 'json') {
    const text = write(value);
    return tombstones && isAllNull(value, fields) ? null : Buffer.from(text);
  }
  if (codec === 'string') {
    if (typeof value === 'string') return Buffer.from(value);
    throw notBytes('value', value, 'a string or null, under the codec string');
  }
  if (value instanceof Uint8Array) return value;
  throw notBytes('value', value, `bytes or null, under the codec ${codec}`);
}

// As a row of a record batch whose columns are all null. Without a schema {} says nothing of that.
function isAllNull(value: unknown, fields: readonly string[] | undefined): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  // What is written of it is what it says.
  if (fields === undefined && 'toJSON' in value) return false;
  const names = fields ?? Object.keys(value);
  const isNull = (name: string) => (fieldOf(value, name) ?? null) === null;
  return names.length > 0 && names.every(isNull);
}

function timeOf(timestamp: unknown): number {
  // What `records` says of a message without a time.
  if (timestamp === undefined || timestamp === -1 || timestamp === -1n) return Date.now();
  const ms = millisecondsOf(timestamp);
  if (ms !== undefined && Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw notBytes('timestamp', timestamp, 'milliseconds since the epoch, or a Date');
}

function millisecondsOf(timestamp: unknown): number | undefined {
  if (timestamp instanceof Date) return timestamp.getTime();
  if (typeof timestamp === 'number') return Math.floor(timestamp);
  return typeof timestamp === 'bigint' ? Number(timestamp) : undefined;
}

function notBytes(what: string, value: unknown, wanted: string): MillraceError {
  return new MillraceError(`the ${what} of the message is ${foundAs(value)}; give ${wanted}`, {
    code: 'INVALID_OPTION',
    context: { option: what },
  });
}

function foundAs(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'bigint') {
    return String(value);
  }
  if (value instanceof Date) {
    return `the date ${Number.isNaN(value.getTime()) ? 'that is invalid' : value.toISOString()}`;
  }
  return typeof value === 'object' ? 'an object' : typeof value;
}
