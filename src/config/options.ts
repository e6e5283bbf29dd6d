/** Millrace's own options by path, and how each is read where all there is is text. */
import type { ConnectionInput } from '../ingest/connection-options.ts';
import type { SaslInput, SslInput } from '../ingest/security-options.ts';
import type { RunSettingsInput } from '../stream/run-settings.ts';
import { canonicalName } from './canonical-name.ts';
import type { SinkConfig, SourceConfig } from './config.ts';
import {
  data,
  list,
  type Reader,
  type Reading,
  refused,
  text,
  trueOrFalse,
  wholeNumber,
} from './reading.ts';
import { SECTIONS, type Section } from './setting.ts';
import { topics } from './topics.ts';

type Names<T> = T extends unknown ? keyof T & string : never;
type Parts<T> = {
  [K in keyof T & string]: NonNullable<T[K]> extends object ? `${K}.${Names<T[K]>}` : never;
}[keyof T & string];
type Readers<T> = Readonly<Partial<Record<Names<T> | Parts<T>, Reader>>>;

const inCode = refused('it is a function, which text cannot be; give it in millrace.config.ts');
const number = wholeNumber();

const CONNECTION: Readers<Required<ConnectionInput>> & {
  readonly [K in `ssl.${Names<SslInput>}` | `sasl.${Names<SaslInput>}`]?: Reader;
} = {
  client: text,
  brokers: list,
  clientId: text,
  rack: text,
  requestTimeoutMs: number,
  connectTimeoutMs: number,
  socketTimeoutMs: number,
  retries: number,
  retryDelayMs: number,
  bootstrapTimeoutMs: number,
  ssl: trueOrFalse,
  'ssl.ca': text,
  'ssl.cert': text,
  'ssl.key': text,
  'ssl.passphrase': text,
  'ssl.servername': text,
  'ssl.rejectUnauthorized': trueOrFalse,
  'sasl.mechanism': text,
  'sasl.username': text,
  'sasl.password': text,
  'sasl.token': inCode,
  'sasl.extensions': data,
};

const SOURCE: Readers<Required<Omit<SourceConfig, keyof ConnectionInput>>> = {
  topic: text,
  topics,
  partitions: data,
  groupId: text,
  codec: text,
  schema: data,
  validate: text,
  unknown: text,
  startFrom,
  offsetReset: text,
  until: text,
  isolation: text,
  autoCommit: trueOrFalse,
  commitIntervalMs: number,
  'batch.maxRows': number,
  'batch.maxBytes': number,
  'batch.maxWaitMs': number,
  'fetch.minBytes': number,
  'fetch.maxBytes': number,
  'fetch.maxWaitMs': number,
  'group.protocol': text,
  'group.assignors': list,
  'group.instanceId': text,
  'group.sessionTimeoutMs': number,
  'group.heartbeatIntervalMs': number,
  'group.rebalanceTimeoutMs': number,
  onAssign: inCode,
  onRevoke: inCode,
  onLost: inCode,
};

const SINK: Readers<Required<Omit<SinkConfig, keyof ConnectionInput>>> = {
  topic: text,
  codec: text,
  key: text,
  keyInValue: trueOrFalse,
  headers: text,
  partitioner: data,
  compression: text,
  acks: (value) => (value === '0' || value === '1' ? number(value) : data(value)),
  idempotent: trueOrFalse,
  tombstones: trueOrFalse,
  lingerMs: number,
  deliveryTimeoutMs: number,
  maxBatchBytes: number,
  batchBytes: number,
  batchMessages: number,
  maxBufferBytes: number,
  maxBufferMessages: number,
};

const RUN: Readers<Required<RunSettingsInput>> = { workers: number, maxInFlightBytes: number };

/** How text becomes the value of an option, by section and path inside of it. */
export const OPTION_READERS: Readonly<Record<Section, Readonly<Record<string, Reader>>>> = {
  connection: CONNECTION as Readonly<Record<string, Reader>>,
  source: { ...CONNECTION, ...SOURCE } as Readonly<Record<string, Reader>>,
  sink: { ...CONNECTION, ...SINK } as Readonly<Record<string, Reader>>,
  run: RUN as Readonly<Record<string, Reader>>,
};

/** A path such as `source.batch.maxRows`, its canonical form, and how its text is read. */
export interface OwnOption {
  readonly path: string;
  readonly canonical: string;
  readonly read: Reader;
}

/** Every option of Millrace's own, the preset among them. */
export const OWN_OPTIONS: readonly OwnOption[] = Object.freeze([
  { path: 'preset', canonical: 'preset', read: text },
  ...SECTIONS.flatMap((section) =>
    Object.entries(OPTION_READERS[section]).map(([name, read]) => {
      const path = `${section}.${name}`;
      return { path, canonical: canonicalName(path), read };
    }),
  ),
]);

/** `source.startFrom` of text or JSON: offsets become bigints there, and texts of a time dates. */
export function startFrom(value: unknown): Reading {
  const reading = data(value);
  if (!('value' in reading)) return { problem: 'give a word, or a valid JSON object' };
  const given = reading.value as { offsets?: unknown; timestamp?: unknown } | null;
  if (typeof given !== 'object' || given === null) return reading;
  if (typeof given.timestamp === 'string') {
    const timestamp = new Date(given.timestamp);
    if (!Number.isNaN(timestamp.getTime())) return { value: { ...given, timestamp } };
    return { problem: 'its timestamp is no time such as 2026-03-01T12:00:00Z' };
  }
  if (!Array.isArray(given.offsets)) return reading;
  const offsets: unknown[] = [];
  for (const entry of given.offsets as { offset?: unknown }[]) {
    if (!/^\d{1,19}$/.test(String(entry?.offset))) {
      return { problem: 'each of its offsets is { topic, partition, offset }, offset 0 or more' };
    }
    offsets.push({ ...entry, offset: BigInt(String(entry.offset)) });
  }
  return { value: { ...given, offsets } };
}
