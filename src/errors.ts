/**
 * The one error type of Millrace, and its journey across threads.
 *
 * `structuredClone` drops a class and its own fields, so an error that crosses a thread travels as
 * a plain object (`toPlain`) and is rebuilt on the other side (`fromPlain`).
 */

/** Who can mend it: the caller (`user`), something outside the process (`external`), or us. */
export type ErrorDomain = 'user' | 'external' | 'internal';

/** `never`: the same call fails again. `backoff`: it may succeed later. */
export type ErrorRetry = 'never' | 'backoff';

/** Where it happened and with what; every value is printable. */
export type ErrorContext = Readonly<Record<string, string | number | bigint | boolean>>;

/** What makes a `MillraceError`; `code` is one of {@link ERROR_CODES}. */
export interface MillraceErrorOptions {
  readonly code: ErrorCode;
  readonly context?: ErrorContext;
  readonly cause?: unknown;
  /** Overrides the retry hint that the code stands for. */
  readonly retry?: ErrorRetry;
}

/** Every code: domain, retry hint, meaning. `docs/errors.md` is held to this table. */
export const ERROR_CODES = {
  INVALID_OPTION: ['user', 'never', 'An option has a wrong value or an unknown name.'],
  INVALID_SCHEMA: ['user', 'never', 'A schema literal or Arrow schema cannot be used.'],
  INVALID_PLAN: ['user', 'never', 'The plan is not complete or its steps do not fit together.'],
  INFERENCE_FAILED: ['user', 'never', 'No schema can be inferred from the messages.'],
  UNKNOWN_COLUMN: ['user', 'never', 'An expression or step names a column that is not there.'],
  TYPE_MISMATCH: ['user', 'never', 'An expression joins types that do not fit.'],
  NO_SIMD: ['user', 'never', 'This JavaScript engine has no WebAssembly SIMD or threads.'],
  MISSING_BUILD: ['user', 'never', 'The WebAssembly module was not built.'],
  MISSING_DEPENDENCY: ['user', 'never', 'A program or package that is needed is not installed.'],
  BROKER_UNREACHABLE: ['external', 'backoff', 'No bootstrap server answered.'],
  UNKNOWN_HOST: ['user', 'never', "A broker's name does not resolve to an address."],
  TLS_FAILED: ['user', 'never', 'No encrypted connection came about.'],
  AUTHENTICATION_FAILED: ['user', 'never', 'The broker does not take the credentials.'],
  KAFKA_ERROR: ['external', 'never', 'Kafka answered with an error.'],
  KAFKA_RETRIABLE: ['external', 'backoff', 'Kafka answered with an error that passes.'],
  UNKNOWN_TOPIC: ['user', 'never', 'The topic does not exist.'],
  OFFSET_OUT_OF_RANGE: ['external', 'never', 'The offset is not in the log any more, or not yet.'],
  GROUP_FENCED: ['external', 'backoff', 'The group went on without this member.'],
  PRODUCER_FENCED: ['external', 'never', "The transactional id is not this producer's any more."],
  MESSAGE_TOO_LARGE: ['user', 'never', 'A message is larger than the topic or the memory takes.'],
  PRODUCE_FAILED: ['external', 'never', 'A produced batch was refused for good.'],
  CORRUPT_BATCH: ['external', 'never', 'A record batch from the broker is damaged.'],
  BAD_MESSAGE: ['external', 'never', 'A message does not decode under the schema.'],
  EVALUATION_FAILED: ['external', 'never', 'An expression failed on a row, such as an overflow.'],
  UDF_TIMEOUT: ['user', 'never', 'A user function took longer than it may.'],
  OUT_OF_MEMORY: ['external', 'never', 'A morsel needs more memory than the budget allows.'],
  CONSUMER_FAILED: ['user', 'never', "The caller's own function or iterable of batches failed."],
  WORKER_DIED: ['internal', 'backoff', 'A worker thread ended while it held a morsel.'],
  ABORTED: ['user', 'never', 'The run was stopped before it was done.'],
  INTERNAL: ['internal', 'never', 'A bug in Millrace; please report it.'],
} as const satisfies Record<string, readonly [ErrorDomain, ErrorRetry, string]>;

/** One of the documented codes. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The cloneable form of an error, for `postMessage`. */
export interface PlainError {
  readonly millrace: true;
  readonly message: string;
  readonly code: ErrorCode;
  readonly retry: ErrorRetry;
  readonly context: ErrorContext;
  readonly stack: string | undefined;
  readonly cause: string | undefined;
}

/**
 * An error with a code to switch on, who can mend it, whether to retry, and where it happened.
 *
 * @example
 * ```ts
 * try { await run.closed } catch (error) {
 *   if (error instanceof MillraceError && error.code === 'BAD_MESSAGE') {
 *     console.error(error.context);
 *   }
 * }
 * ```
 */
export class MillraceError extends Error {
  override readonly name = 'MillraceError';
  readonly code: ErrorCode;
  readonly domain: ErrorDomain;
  readonly retry: ErrorRetry;
  readonly context: ErrorContext;

  constructor(message: string, options: MillraceErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const [domain, retry] = ERROR_CODES[options.code];
    this.code = options.code;
    this.domain = domain;
    this.retry = options.retry ?? retry;
    this.context = Object.freeze({ ...options.context });
  }

  /** The cloneable form. */
  toPlain(): PlainError {
    return {
      millrace: true,
      message: this.message,
      code: this.code,
      retry: this.retry,
      context: this.context,
      stack: this.stack,
      cause: this.cause instanceof Error ? this.cause.message : undefined,
    };
  }

  /** Rebuilds an error that crossed a thread; the stack stays that of the thrower. */
  static fromPlain(plain: PlainError): MillraceError {
    const { message, code, retry, context, cause, stack } = plain;
    const error = new MillraceError(message, { code, retry, context, cause });
    if (stack !== undefined) error.stack = stack;
    return error;
  }

  /** `error` itself where it is one of ours, else wrapped under `code` (default `INTERNAL`). */
  static from(error: unknown, code: ErrorCode = 'INTERNAL'): MillraceError {
    if (error instanceof MillraceError) return error;
    return new MillraceError(textOfThrown(error), { code, cause: error });
  }
}

// Anything can be thrown, also what has no text.
function textOfThrown(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return 'an object without a text was thrown';
  }
}

const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/** A text of somebody else's for a message: line breaks, NULs and the like as JSON escapes them. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (control) => {
    const escaped = JSON.stringify(control).slice(1, -1);
    return escaped.length > 1
      ? escaped
      : `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
