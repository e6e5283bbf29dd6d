/** Whether the objects of a path are maps, whose keys are data, or structs with named members. */

import { kindsOf } from './kinds.ts';
import { mergeObservations } from './merge-observations.ts';
import type { Observation } from './observation.ts';

/** Objects with fewer different keys are structs, unless all keys look like data. */
const MAP_KEYS_MIN = 33;
/** With so many of its keys, on average, an object is a struct. */
const STRUCT_SHARE = 0.25;

/** Keys that nobody gives a member: numbers, UUIDs, long hexadecimals, ULIDs, dates, e-mails. */
const DATA_KEYS = [
  /^-?\d+(\.\d+)?$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^(0x)?[0-9a-f]{16,}$/i,
  /^[0-9A-HJKMNP-TV-Z]{26}$/,
  /^\d{4}-\d{2}(-\d{2}([T ].*)?)?$/,
  /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
];

/** Why objects are a map, and what its values are. */
export interface MapVerdict {
  readonly reason: string;
  readonly values: Observation;
}

/**
 * The map that the objects are, or `undefined`: a struct. Values of several kinds are never those
 * of a map; else it is one where
 *
 * - there are more keys than were kept apart, or
 * - there are two keys or more, and all look like data: numbers, UUIDs, dates, …, or
 * - there are more than 32 keys, and an object has less than a quarter of them, on average.
 *
 * Keys that are too long to be kept decide nothing, but a map has their values.
 */
export function mapOf(seen: Observation): MapVerdict | undefined {
  const { members, otherMembers, objects } = seen;
  const reason = reasonFor(seen);
  if (reason === undefined || objects === 0) return undefined;
  const all = members.map((member) => member.seen);
  const values = mergeObservations(otherMembers > 0 ? [...all, seen.others!] : all);
  return kindsOf(values).length <= 1 ? { reason, values } : undefined;
}

/** How many values of members there were beyond the number that is kept apart. */
export function overflowOf({ otherMembers, longNames }: Observation): number {
  return otherMembers - longNames;
}

function reasonFor(seen: Observation): string | undefined {
  const { members, objects } = seen;
  const keys = members.length;
  if (overflowOf(seen) > 0) return `more than ${keys} different keys`;
  if (keys >= 2 && members.every(({ name }) => DATA_KEYS.some((form) => form.test(name)))) {
    return `all ${keys} keys look like data`;
  }
  const present = members.reduce((sum, member) => sum + member.present, 0);
  const share = present / (objects * keys);
  if (keys < MAP_KEYS_MIN || share >= STRUCT_SHARE) return undefined;
  return `${keys} different keys, of which an object has ${Math.round(share * 100)} %`;
}
