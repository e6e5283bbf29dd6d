/** Tells of offsets that were not in the log. */
import type { TopicPartition } from '../ingest/client.ts';

/**
 * A warning of the process: what lies between was not read, or is read again, and nobody should
 * have to look for that.
 *
 * @param from the offset that was wanted.
 * @param to the one at which reading goes on.
 */
export function warnOfReset({ topic, partition }: TopicPartition, from: bigint, to: bigint): void {
  process.emitWarning(
    `${topic}-${partition}: the offset ${from} is not in the log; reading goes on at ${to}, by ` +
      'offsetReset',
    { type: 'MillraceWarning', code: 'OFFSET_OUT_OF_RANGE' },
  );
}
