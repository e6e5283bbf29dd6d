/** Settings that go well together, and why: data, and the same as an explanation. */
import { meantName } from '../nearest-name.ts';
import type { MillraceConfig } from './config.ts';
import { shown } from './reading.ts';
import { settingsOf, wrong } from './setting.ts';

/** Names of the presets. */
export const PRESET_NAMES = ['throughput', 'lowLatency', 'durable', 'production'] as const;

/** One of {@link PRESET_NAMES}. */
export type PresetName = (typeof PRESET_NAMES)[number];

/** The sections that a preset sets. */
export type Preset = Required<Pick<MillraceConfig, 'connection' | 'source' | 'sink' | 'run'>>;

/** One option of a preset, and what it is good for. */
export interface PresetSetting {
  /** `sink.lingerMs`. */
  readonly option: string;
  readonly value: unknown;
  readonly why: string;
}

/** What a preset is for, and everything that it sets. */
export interface PresetExplanation {
  readonly name: PresetName;
  readonly summary: string;
  readonly settings: readonly PresetSetting[];
}

const MIB = 1024 * 1024;

/**
 * The presets: sections that `Stream.fromKafka` and `toKafka` take spread out, too.
 *
 * @example
 * ```ts
 * const { source, sink, run } = PRESETS.throughput;
 * Stream.fromKafka({ ...run, ...source, topic: 'orders', schema: { id: 'int64' } })
 *   .toKafka({ ...sink, topic: 'copies' });
 * ```
 */
export const PRESETS = deepFreeze({
  throughput: {
    connection: {},
    source: {
      fetch: { minBytes: 100_000, maxBytes: 50 * MIB, maxWaitMs: 100 },
      batch: { maxWaitMs: 100 },
      group: { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 3_000 },
    },
    sink: { acks: 1, compression: 'lz4', lingerMs: 10 },
    run: { maxInFlightBytes: 256 * MIB },
  },
  lowLatency: {
    connection: {},
    source: {
      fetch: { minBytes: 1 },
      batch: { maxRows: 8_192, maxWaitMs: 0 },
      commitIntervalMs: 500,
    },
    sink: { acks: 1, compression: 'none', lingerMs: 0 },
    run: {},
  },
  durable: {
    connection: { retries: 100, requestTimeoutMs: 60_000, bootstrapTimeoutMs: 60_000 },
    source: {
      offsetReset: 'earliest',
      isolation: 'read_committed',
      group: { sessionTimeoutMs: 45_000, heartbeatIntervalMs: 3_000 },
    },
    sink: { acks: 'all', idempotent: true, deliveryTimeoutMs: 480_000 },
    run: {},
  },
  production: {
    connection: { ssl: true, retries: 100, bootstrapTimeoutMs: 60_000 },
    source: {
      offsetReset: 'earliest',
      isolation: 'read_committed',
      fetch: { minBytes: 50_000, maxWaitMs: 500 },
      group: { sessionTimeoutMs: 30_000, heartbeatIntervalMs: 3_000 },
      commitIntervalMs: 1_000,
    },
    sink: { acks: 'all', idempotent: true, compression: 'lz4', lingerMs: 5 },
    run: {},
  },
} as const satisfies Record<PresetName, Preset>);

const SUMMARIES: Readonly<Record<PresetName, string>> = {
  throughput:
    'For many messages a second. It trades durability for speed: a batch counts as soon ' +
    'as one broker ' +
    "has it. Give sink.acks 'all' beside it to keep every message. Morsels keep their default of " +
    '65,536 rows and batches that of the topic, which are larger than those of other clients. ' +
    'Measured against the defaults, it writes 1.3 times as many messages a second, by its ' +
    'compression; waiting for more changes nothing while there is more, and spares requests ' +
    'where messages come slowly.',
  lowLatency:
    'For each message to be out soon. A batch counts as soon as one broker has ' +
    'it, nothing waits ' +
    'for more, and morsels are small enough that none holds up the next for long. Measured at ' +
    '20,000 messages a second: half are through in 2.3 ms, 95% in 3.7 ms; with the defaults in ' +
    '2.5 and 6.9 ms.',
  durable:
    'No message is lost and none is written twice by a retry: every replica in sync has a batch ' +
    'before it counts, and brokers may be away for long.',
  production:
    'A cluster behind TLS, batches of a fair size, nothing lost. Offsets are committed by ' +
    'themselves, but only behind acknowledged output, which is what manual commits are for in ' +
    'other clients. Brokers and connection.sasl are yours to give.',
};

/** Why an option is what it is; by preset, or for all. */
const REASONS: Readonly<Record<string, string>> = {
  'connection.ssl':
    'Encrypts, and trusts whom Node.js trusts; give connection.ssl.ca to change that.',
  'connection.retries':
    'Rides out a broker that is restarted or a leader that is elected: with the pauses between ' +
    'them they last for eight minutes.',
  'production connection.retries':
    'Rides out a broker that is restarted or a leader that is elected; a batch is tried for two ' +
    'minutes, sink.deliveryTimeoutMs.',
  'connection.bootstrapTimeoutMs':
    'Brokers that start together with this program have a minute to answer for the first time; ' +
    'so long does a wrong port take to show.',
  'connection.requestTimeoutMs': 'A slow broker is no reason to send twice.',
  'source.offsetReset': 'A new group misses nothing that is in the log.',
  'source.isolation': 'What a transaction has aborted is not read.',
  'source.fetch.minBytes': 'Fewer, larger answers: the broker waits until it has so much.',
  'lowLatency source.fetch.minBytes': 'The broker answers as soon as it has anything.',
  'source.fetch.maxBytes': 'One answer may bring many morsels.',
  'source.fetch.maxWaitMs': 'But it waits no longer than this.',
  'source.batch.maxRows': 'A morsel is done soon, and the next one gets its turn.',
  'source.batch.maxWaitMs': 'Workers that are busy get fuller morsels.',
  'lowLatency source.batch.maxWaitMs': 'No record waits for a morsel to fill.',
  'source.group.sessionTimeoutMs': 'A pause of this length is no reason to rebalance.',
  'source.group.heartbeatIntervalMs': 'A rebalance is noticed within this time.',
  'source.commitIntervalMs': 'So much is read again, at most, after a crash.',
  'sink.acks': 'Every replica in sync has a batch before it counts.',
  'throughput sink.acks': 'The leader alone decides; what only it had is lost when it dies.',
  'lowLatency sink.acks': 'The leader alone decides; what only it had is lost when it dies.',
  'sink.idempotent': 'A batch that is sent again is stored once.',
  'sink.compression': 'Fewer bytes for little work.',
  'throughput sink.compression':
    "Fewer bytes for little work: it halves the broker's CPU time, and costs the worker more.",
  'lowLatency sink.compression': 'No time goes into packing.',
  'sink.lingerMs': 'Batches to one broker share requests.',
  'lowLatency sink.lingerMs': 'A batch leaves at once.',
  'sink.deliveryTimeoutMs': 'A batch is tried for as long as the retries last.',
  'run.maxInFlightBytes': 'Room for several large morsels for each worker.',
};

/**
 * What a preset sets, with a reason for each option. As everywhere a name may be written without
 * humps, `low_latency`; the explanation has the preset's own.
 *
 * @throws MillraceError `INVALID_OPTION` for an unknown name.
 */
export function explainPreset(given: PresetName): PresetExplanation {
  const name = presetNameOf(given);
  const settings = settingsOf(PRESETS[name], `preset '${name}'`).map(({ path, value }) => {
    const why = REASONS[`${name} ${path}`] ?? REASONS[path] ?? '';
    return Object.freeze({ option: path, value, why });
  });
  return Object.freeze({ name, summary: SUMMARIES[name], settings: Object.freeze(settings) });
}

/** The preset of a name that somebody gave. Throws `INVALID_OPTION` where there is none. */
export function presetNamed(name: unknown, where = 'the configuration'): Preset {
  return PRESETS[presetNameOf(name, where)];
}

function presetNameOf(name: unknown, where = 'the configuration'): PresetName {
  const known = PRESET_NAMES.find((candidate) => candidate === name);
  // Where names have no humps: KAFKA_PRESET=low_latency.
  const folded = (typeof name === 'string' ? name : '').replaceAll(/[-_.]/g, '').toLowerCase();
  const found = known ?? PRESET_NAMES.find((candidate) => candidate.toLowerCase() === folded);
  if (found !== undefined) return found;
  const problem =
    typeof name === 'string'
      ? `there is no preset ${shown(name)}; ${meantName(name, PRESET_NAMES)}`
      : `preset is ${shown(name)}; give one of ${PRESET_NAMES.join(', ')}`;
  throw wrong(where, 'preset', problem);
}

function deepFreeze<const T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  }
  return Object.freeze(value);
}
