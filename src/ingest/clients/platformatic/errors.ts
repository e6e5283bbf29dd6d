/** What Kafka's error codes and the library's exceptions mean to Millrace. */

import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  protocolErrors,
  protocolErrorsCodesById,
  ResponseError,
  TimeoutError,
  UnsupportedApiError,
} from '@platformatic/kafka';
import { type ErrorCode, type ErrorContext, MillraceError } from '../../../errors.ts';
import { hintOf } from '../kafka-hints.ts';

/** Errors that say: another member or a new generation has taken this one's place. */
const FENCING = new Set([
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
  'REBALANCE_IN_PROGRESS',
  'FENCED_MEMBER_EPOCH',
  'STALE_MEMBER_EPOCH',
]);

const CODES = new Map<string, ErrorCode>([
  ['OFFSET_OUT_OF_RANGE', 'OFFSET_OUT_OF_RANGE'],
  ['MESSAGE_TOO_LARGE', 'MESSAGE_TOO_LARGE'],
  ['RECORD_LIST_TOO_LARGE', 'MESSAGE_TOO_LARGE'],
]);

/** Errors after which the group's coordinator has to be looked up again. */
const COORDINATOR_MOVED = new Set([
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
]);

/** Kafka's name of an error code, for instance 6 -> `NOT_LEADER_OR_FOLLOWER`. */
export function kafkaErrorName(code: number): string {
  const names: Readonly<Record<string, string>> = protocolErrorsCodesById;
  return names[String(code)] ?? `UNKNOWN_ERROR_${code}`;
}

/** Whether Kafka says that the same request may succeed later. */
export function isRetriableKafkaError(name: string): boolean {
  const table: Readonly<Record<string, { canRetry: boolean }>> = protocolErrors;
  return table[name]?.canRetry ?? false;
}

/** Whether the error means that this member's generation has passed. */
export function isFencingError(name: string | undefined): boolean {
  return name !== undefined && FENCING.has(name);
}

/** Whether the error means that another broker coordinates the group, or none yet. */
export function isCoordinatorError(name: string | undefined): boolean {
  return name !== undefined && COORDINATOR_MOVED.has(name);
}

/** Kafka's error name inside one of our errors, if Kafka was the one who answered. */
export function kafkaErrorOf(error: unknown): string | undefined {
  if (!(error instanceof MillraceError)) return undefined;
  const name = error.context.kafkaError;
  return typeof name === 'string' ? name : undefined;
}

/** Whether the request may be sent again: a lost connection, or what Kafka calls retriable. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof MillraceError)) return false;
  return error.code === 'BROKER_UNREACHABLE' || error.code === 'KAFKA_RETRIABLE';
}

/** The error for a Kafka error name; `what` is what was tried, as in "Reading topic metadata". */
export function kafkaError(
  name: string,
  what: string,
  context: ErrorContext = {},
  detail?: string | null,
  cause?: unknown,
): MillraceError {
  const table: Readonly<Record<string, { message: string }>> = protocolErrors;
  const code = codeOfKafkaError(name);
  const meaning = detail || table[name]?.message || 'Kafka gave no reason.';
  const hint = hintOf(name);
  const wayOut = hint === undefined ? '' : ` ${hint}`;
  return new MillraceError(`${what}: Kafka answered ${name}. ${meaning}${wayOut}`, {
    code,
    context: { ...context, kafkaError: name },
    cause,
  });
}

function codeOfKafkaError(name: string): ErrorCode {
  if (isFencingError(name)) return 'GROUP_FENCED';
  return CODES.get(name) ?? (isRetriableKafkaError(name) ? 'KAFKA_RETRIABLE' : 'KAFKA_ERROR');
}

/** `error` as one of ours; what the library throws is told apart by its class. */
export function toMillraceError(
  error: unknown,
  what: string,
  context: ErrorContext = {},
): MillraceError {
  if (error instanceof MillraceError) return error;
  if (error instanceof ResponseError) {
    const refused: unknown = error.errors.find(
      (e: unknown) => typeof e === 'object' && e !== null && 'apiId' in e,
    );
    const { apiId, serverErrorMessage } = (refused ?? {}) as {
      apiId?: string;
      serverErrorMessage?: string | null;
    };
    return kafkaError(apiId ?? 'UNKNOWN_SERVER_ERROR', what, context, serverErrorMessage, error);
  }
  const reason = error instanceof Error ? reasonOf(error) : String(error);
  return new MillraceError(`${what}: ${reason}`, { code: codeOf(error), context, cause: error });
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof AuthenticationError || error instanceof UnsupportedApiError) {
    return 'KAFKA_ERROR';
  }
  if (error instanceof NetworkError || error instanceof TimeoutError) return 'BROKER_UNREACHABLE';
  // What is left is an answer that the library could not parse, or a fault of ours.
  return error instanceof MultipleErrors ? 'KAFKA_ERROR' : 'INTERNAL';
}

/** The innermost message says most: "connect ECONNREFUSED 127.0.0.1:9092". */
function reasonOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // A refused connection to both ::1 and 127.0.0.1 is an AggregateError without a message.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
  const inner = cause.message || (first instanceof Error ? first.message : cause.name);
  return `${error.message} (${inner})`;
}
