/** What kafkajs's exceptions mean to Millrace. */
import { type ErrorCode, type ErrorContext, MillraceError } from '../../../errors.ts';
import { kafkaError, kafkaErrorName } from '../kafka-errors.ts';

/** What kafkajs's own classes hold, told apart by `name`: they are not exported where we look. */
interface KafkajsError extends Error {
  readonly code?: unknown;
  readonly type?: unknown;
  readonly helpUrl?: unknown;
}

/** Exceptions of connections and time-outs: the same request may succeed on another one. */
const LOST = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
]);

/** Exceptions that no further attempt mends. */
const FINAL = new Set([
  'KafkaJSSASLAuthenticationError',
  'KafkaJSServerDoesNotSupportApiKey',
  'KafkaJSNotImplemented',
  'KafkaJSNonRetriableError',
]);

/** kafkajs's table of errors ends before Kafka's: the code is then in the message alone. */
const UNKNOWN_CODE = -99;

/** `error` as one of ours; `what` is what was tried. */
export function toMillraceError(
  error: unknown,
  what: string,
  context: ErrorContext = {},
): MillraceError {
  if (error instanceof MillraceError) return error;
  if (!(error instanceof Error)) {
    return new MillraceError(`${what}: ${String(error)}`, { code: 'INTERNAL', context });
  }
  const code = protocolCode(error);
  if (code !== undefined) {
    return kafkaError(kafkaErrorName(code), what, context, error.message, error);
  }
  const options = { code: codeOf(error), context, cause: error };
  return new MillraceError(`${what}: ${error.message}`, options);
}

/** Kafka's error code, where Kafka was the one who answered. */
export function protocolCode(error: KafkajsError): number | undefined {
  if (typeof error.type !== 'string' || typeof error.code !== 'number') return undefined;
  if (error.code !== UNKNOWN_CODE) return error.code;
  const inMessage = /-?\d+/.exec(error.message)?.[0];
  return inMessage === undefined ? undefined : Number(inMessage);
}

function codeOf(error: Error): ErrorCode {
  if (LOST.has(error.name)) return 'BROKER_UNREACHABLE';
  if (FINAL.has(error.name)) return 'KAFKA_ERROR';
  // What is left is an answer that could not be parsed, or a fault of ours.
  return 'INTERNAL';
}
