/** What a source of rows refuses, and what it finds. */
import { MillraceError } from '../errors.ts';
import type { BatchRows } from './batch-rows.ts';

/** The error for a message that is no JSON; without its text, and what JSON.parse says of it. */
export function badMessage(rows: BatchRows, row: number): MillraceError {
  const { topic, partition } = rows;
  const offset = rows.offset(row);
  return new MillraceError(`${topic}-${partition} offset ${offset} is no JSON`, {
    code: 'BAD_MESSAGE',
    context: { topic, partition, offset },
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

/** The error for what comes after `stop`. */
export function sourceClosed(): MillraceError {
  return new MillraceError('the source is closed; make a new one', { code: 'ABORTED' });
}
