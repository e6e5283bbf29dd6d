/** What Kafka's error codes and the library's exceptions mean to Millrace. */

import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  protocolErrors,
  ResponseError,
  TimeoutError,
  UnsupportedApiError,
} from '@platformatic/kafka';
import { type ErrorCode, type ErrorContext, MillraceError } from '../../../errors.ts';
import { kafkaError } from '../kafka-errors.ts';

export {
  isCoordinatorError,
  isFencingError,
  isPassing,
  isRetriableKafkaError,
  kafkaError,
  kafkaErrorName,
  kafkaErrorOf,
} from '../kafka-errors.ts';

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
    const name = apiId ?? 'UNKNOWN_SERVER_ERROR';
    const table: Readonly<Record<string, { message: string }>> = protocolErrors;
    const detail = serverErrorMessage || table[name]?.message;
    return kafkaError(name, what, context, detail, error);
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

const LOST_CONNECTION = /^Connection to \S+ failed\.$/;

/** The innermost message says most: "connect ECONNREFUSED 127.0.0.1:9092". */
function reasonOf(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // A refused connection to both ::1 and 127.0.0.1 is an AggregateError without a message.
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : undefined;
  const inner = cause.message || (first instanceof Error ? first.message : cause.name);
  // "Connection to localhost:9092 failed." says nothing that we do not say ourselves.
  return LOST_CONNECTION.test(error.message) ? `${inner}.` : `${error.message} (${inner})`;
}
