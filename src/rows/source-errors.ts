/** What a source of rows refuses, and what it finds. */
import { MillraceError } from '../errors.ts';
import type { BatchRows } from './batch-rows.ts';
import { NoTextError } from './message-text.ts';
import type { CommitRecord } from './positions.ts';

/**
 * The error for a message that is no JSON, or no text; without its text, and what JSON.parse says.
 *
 * @param reason what reading it threw.
 */
export function badMessage(rows: BatchRows, row: number, reason: unknown): MillraceError {
  const { topic, partition } = rows;
  const offset = rows.offset(row);
  const isText = !(reason instanceof NoTextError);
  const what = isText ? 'is no JSON' : 'is no text: it has bytes that are no UTF-8';
  return new MillraceError(`${topic}-${partition} offset ${offset} ${what}`, {
    code: 'BAD_MESSAGE',
    context: { topic, partition, offset, reason: isText ? 'syntax' : 'utf8' },
  });
}

/** The error for a second loop. */
export function beingRead(): MillraceError {
  return new MillraceError('the source is being read already; one loop at a time takes from it', {
    code: 'INVALID_PLAN',
  });
}

/** The error for a commit to no group. */
export function noGroup(): MillraceError {
  return new MillraceError('the source has no groupId to commit to; give it one', {
    code: 'INVALID_PLAN',
  });
}

/** The error for a commit of what was handed out before its partition was lost. */
export function lostMeanwhile({ topic, partition, offset }: CommitRecord): MillraceError {
  return new MillraceError(
    `${topic}-${partition} was lost before offset ${offset} of it was committed; whoever has it ` +
      'now reads on at the offset committed before',
    { code: 'GROUP_FENCED', context: { topic, partition, offset } },
  );
}

/** The error for what comes after `stop`. */
export function sourceClosed(): MillraceError {
  return new MillraceError('the source is closed; make a new one', { code: 'ABORTED' });
}
