/** Which failures to connect are the last. */
import { type ErrorCode, MillraceError } from '../errors.ts';

const FINAL: readonly ErrorCode[] = ['AUTHENTICATION_FAILED', 'TLS_FAILED', 'UNKNOWN_HOST'];

/**
 * Whether a start that failed so fails the next time, too, and is not tried again: a password that
 * is wrong would be sent with every message, until the broker locks the account.
 */
export function isFinalStart(error: unknown): boolean {
  return error instanceof MillraceError && FINAL.includes(error.code);
}
