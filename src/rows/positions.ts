/** Partitions and offsets that a caller names, checked before the engine sees them. */
import { MillraceError } from '../errors.ts';
import type { TopicPartition } from '../ingest/client.ts';
import { readPartition, shownPosition } from '../pipeline/positions.ts';
import type { SeekPosition } from '../run.ts';

/** A message that was handed out, as `commit` takes it. */
export interface CommitRecord extends TopicPartition {
  readonly offset: bigint;
}

const MESSAGE = "{ topic: 'orders', partition: 0, offset: 4n }";

/**
 * The message that `commit` was given; `undefined` for all.
 *
 * @throws MillraceError `INVALID_OPTION` for what is no message.
 */
export function readCommitRecord(given: unknown): CommitRecord | undefined {
  if (given === undefined) return undefined;
  const wayOut = `give one message, such as ${MESSAGE} or what records() gives, or nothing for all`;
  const { offset } = readPartition('commit', given, wayOut) as Partial<CommitRecord>;
  checkOffset('commit', offset, "the offset of the message itself, where kafkajs's is the next");
  return given as CommitRecord;
}

/**
 * The positions that `seek` was given, one or several.
 *
 * @throws MillraceError `INVALID_OPTION` for what is none.
 */
export function readSeekPositions(given: unknown): readonly SeekPosition[] {
  const wayOut = `give a position such as ${MESSAGE}, or a list of them`;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  for (const entry of list) {
    const { offset } = readPartition('seek', entry, wayOut) as Partial<SeekPosition>;
    if (offset === 'earliest' || offset === 'latest') continue;
    checkOffset('seek', offset, "'earliest' or 'latest'");
  }
  return list as readonly SeekPosition[];
}

function checkOffset(call: string, offset: unknown, also: string): void {
  if (typeof offset === 'bigint' && offset >= 0n) return;
  const isWhole = typeof offset === 'string' ? /^\d+$/.test(offset) : isCount(offset);
  const wayOut = isWhole
    ? `offsets are bigints: use ${String(offset)}n`
    : `give a bigint from 0n on, such as 4n (${also})`;
  throw new MillraceError(`${call}: the offset is ${shownPosition(offset)}; ${wayOut}`, {
    code: 'INVALID_OPTION',
    context: { option: 'offset' },
  });
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
