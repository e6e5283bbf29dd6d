/** Sends a request again, with back-off, while its failure may pass. */

import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '../../errors.ts';
import type { ConnectionOptions } from '../client.ts';
import { isPassing } from './kafka-errors.ts';

/** The longest back-off, ms. */
export const RETRY_DELAY_MAX_MS = 5_000;

/** The pause before retry number `retry` (from 0): doubled each time, up to the maximum. */
export function retryDelayMs(firstMs: number, retry: number): number {
  return Math.min(firstMs * 2 ** Math.min(retry, 30), RETRY_DELAY_MAX_MS);
}

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed in passing `retries` times more.
 *
 * Rejects with the last failure, or with `ABORTED` as soon as `signal` fires between attempts.
 *
 * @param maxMs after so long no attempt begins any more, asked after each failure; default: no end.
 */
export async function withRetries<T>(
  options: Pick<ConnectionOptions, 'retries' | 'retryDelayMs'>,
  signal: AbortSignal,
  attempt: () => Promise<T>,
  maxMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<T> {
  const begun = performance.now();
  for (let retry = 0; ; retry++) {
    throwIfAborted(signal);
    const delayMs = retryDelayMs(options.retryDelayMs, retry);
    try {
      return await attempt();
    } catch (error) {
      if (!isPassing(error) || retry >= options.retries) throw error;
      if (performance.now() - begun + delayMs > maxMs()) throw error;
    }
    await pause(delayMs, signal);
  }
}

/** Waits `ms`; rejects with `ABORTED` where `signal` fires first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw aborted(error);
  }
}

/** Rejects what comes after the end. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw aborted(signal.reason);
}

function aborted(cause: unknown): MillraceError {
  return new MillraceError('The Kafka client was closed while a request was under way.', {
    code: 'ABORTED',
    cause,
  });
}
