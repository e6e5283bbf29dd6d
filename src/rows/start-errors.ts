/** Which failures to connect are the last. */
import { type ErrorCode, MillraceError } from '../errors.ts';
import { TokenError } from '../ingest/clients/bearer-token.ts';

const FINAL: readonly ErrorCode[] = ['AUTHENTICATION_FAILED', 'TLS_FAILED', 'UNKNOWN_HOST'];

/**
 * Whether a start that failed so fails the next time, too, and is not tried again: a password that
 * is wrong would be sent with every message, until the broker locks the account. Where the owner's
 * function gave no token, nothing was sent, and it may give one the next time.
 */
export function isFinalStart(error: unknown): boolean {
  if (!(error instanceof MillraceError) || !FINAL.includes(error.code)) return false;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TokenError) return false;
  }
  return true;
}
