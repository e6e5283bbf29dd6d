/** Partitions and positions that a caller names, checked before anything looks into them. */
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { shownValue } from '../shown-value.ts';

const PARTITION = "{ topic: 'orders', partition: 0 }";
const POSITION = "{ topic: 'orders', partition: 0, offset: 4n }";

/**
 * The partitions that a call was given; `undefined` for all.
 *
 * @param call the caller's method, for messages.
 * @throws MillraceError `INVALID_OPTION` for what is no list of them.
 */
export function readPartitions(
  call: string,
  given: unknown,
): readonly TopicPartition[] | undefined {
  if (given === undefined) return undefined;
  const wayOut = `give a list such as [${PARTITION}], or nothing for all`;
  if (!Array.isArray(given)) throw refused(call, given, wayOut);
  for (const entry of given) readPartition(call, entry, wayOut);
  return given as readonly TopicPartition[];
}

/**
 * The positions that a call was given; their offsets are not looked at.
 *
 * @throws MillraceError `INVALID_OPTION` for what is no list of them.
 */
export function readPositions<T extends TopicPartition>(
  call: string,
  given: readonly T[],
): readonly T[] {
  const wayOut = `give a list such as [${POSITION}]`;
  if (!Array.isArray(given)) throw refused(call, given, wayOut);
  for (const entry of given) readPartition(call, entry, wayOut);
  return given;
}

/**
 * An object that names a partition.
 *
 * @throws MillraceError `INVALID_OPTION` for what names none.
 */
export function readPartition(call: string, given: unknown, wayOut: string): object {
  if (typeof given !== 'object' || given === null) throw refused(call, given, wayOut);
  if (Array.isArray(given)) throw refused(call, given, wayOut);
  const { topic, partition } = given as Partial<TopicPartition>;
  if (typeof topic !== 'string') throw refused(call, given, wayOut);
  if (Number.isInteger(partition) && partition! >= 0) return given;
  if ('partitions' in given) throw refused(call, given, `name each by itself: ${wayOut}`);
  throw refused(call, given, wayOut);
}

/** What was given, for messages. */
export function shownPosition(value: unknown): string {
  return shownValue(value, { depth: 2, items: 3 });
}

function refused(call: string, given: unknown, wayOut: string): MillraceError {
  return new MillraceError(`${call} takes no ${shownPosition(given)}; ${wayOut}`, {
    code: 'INVALID_OPTION',
    context: { option: call },
  });
}
