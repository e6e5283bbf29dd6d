/**
 * `millrace`: the public exports, and nothing else.
 */
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorContext,
  type ErrorDomain,
  type ErrorRetry,
  MillraceError,
  type MillraceErrorOptions,
} from './errors.ts';
