/**
 * The one table of names that people know from Kafka's Java client, librdkafka and kafka-python,
 * and of the options that they stand for.
 */
import { CALLBACK_NAMES } from './callback-names.ts';
import { CONNECTION_NAMES } from './connection-names.ts';
import { CONSUMER_NAMES } from './consumer-names.ts';
import { GENERAL_NAMES } from './general-names.ts';
import type { KnownName, Role } from './known-name.ts';
import { PRODUCER_NAMES } from './producer-names.ts';
import { TLS_NAMES } from './tls-names.ts';

/** Every row; the reference is made of it. */
export const KNOWN_NAMES: readonly KnownName[] = Object.freeze([
  ...CONNECTION_NAMES,
  ...TLS_NAMES,
  ...CONSUMER_NAMES,
  ...PRODUCER_NAMES,
  ...CALLBACK_NAMES,
  ...GENERAL_NAMES,
]);

/** What a prefix such as `producer.` says, longest first. */
const ROLE_PREFIXES: readonly (readonly [prefix: string, role: Role])[] = [
  ['producer.config.', 'producer'],
  ['consumer.config.', 'consumer'],
  ['confluent.config.', 'both'],
  // librdkafka's clients had settings of topics apart.
  ['default.topic.config.', 'both'],
  ['producer.', 'producer'],
  ['consumer.', 'consumer'],
];

/** A canonical name without what says which side it is for. */
export interface RoledName {
  readonly role: Role;
  /** Its prefix, with the dot; empty where there is none. */
  readonly prefix: string;
  readonly name: string;
}

/** Takes `producer.acks` apart; `canonical` has no `kafka.` in front any more. */
export function roledName(canonical: string): RoledName {
  const whole: RoledName = { role: 'both', prefix: '', name: canonical };
  // kafka-python's `consumer.timeout.ms` is a name, and no side of `timeout.ms`.
  if (KNOWN_NAMES.some(({ names }) => names.includes(canonical))) return whole;
  const readings = ROLE_PREFIXES.filter(([prefix]) => canonical.startsWith(prefix)).map(
    ([prefix, role]): RoledName => ({ role, prefix, name: canonical.slice(prefix.length) }),
  );
  return readings.find(({ name, role }) => findKnown(name, role)) ?? readings[0] ?? whole;
}

/** Whether a row can be said of a side. */
export function fitsRole(known: KnownName, role: Role): boolean {
  if (role === 'consumer') return known.side !== 'sink' && known.side !== 'config';
  if (role === 'producer') return known.side !== 'source' && known.side !== 'config';
  return true;
}

/** The row of a canonical name for a side; rows that name it exactly come first. */
export function findKnown(name: string, role: Role): KnownName | undefined {
  const rows = KNOWN_NAMES.filter((known) => fitsRole(known, role));
  return (
    rows.find(({ names }) => names.includes(name)) ??
    rows.find(({ names }) => names.some((other) => matchesRest(other, name)))
  );
}

/** Every canonical name that can be said of a side. */
export function namesFor(role: Role): readonly string[] {
  const rows = KNOWN_NAMES.filter((known) => fitsRole(known, role));
  return rows.flatMap((known) => known.names).filter((name) => !name.endsWith('*'));
}

function matchesRest(pattern: string, name: string): boolean {
  return pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1));
}
