import { NetworkError, ResponseError, TimeoutError } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../../../src/errors.ts';
import {
  isCoordinatorError,
  isFencingError,
  isPassing,
  isRetriableKafkaError,
  kafkaErrorName,
  kafkaErrorOf,
  toMillraceError,
} from '../../../../src/ingest/clients/platformatic/errors.ts';

function answered(code: number): MillraceError {
  const inside = new ResponseError(3, 12, { '/': [code, null] }, { answer: true });
  return toMillraceError(inside, 'Trying', { topic: 't' });
}

describe('toMillraceError', () => {
  test.each([
    [1, 'OFFSET_OUT_OF_RANGE', 'OFFSET_OUT_OF_RANGE'],
    [6, 'NOT_LEADER_OR_FOLLOWER', 'KAFKA_RETRIABLE'],
    [10, 'MESSAGE_TOO_LARGE', 'MESSAGE_TOO_LARGE'],
    [22, 'ILLEGAL_GENERATION', 'GROUP_FENCED'],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'KAFKA_ERROR'],
  ])('maps Kafka code %i, %s, to %s', (code, name, expected) => {
    const error = answered(code);
    expect(error.code).toBe(expected);
    expect(error.context).toEqual({ topic: 't', kafkaError: name });
    expect(error.message).toMatch(`Trying: Kafka answered ${name}.`);
    expect(kafkaErrorOf(error)).toBe(name);
  });

  test('calls a lost connection and a time-out unreachable, and says why', () => {
    const refused = new NetworkError('Connection to a:1 failed.', {
      cause: new Error('connect ECONNREFUSED'),
    });
    expect(toMillraceError(refused, 'Trying')).toMatchObject({
      code: 'BROKER_UNREACHABLE',
      retry: 'backoff',
      message: 'Trying: connect ECONNREFUSED.',
    });
    expect(toMillraceError(new TimeoutError('Request timed out'), 'Trying').code).toBe(
      'BROKER_UNREACHABLE',
    );
  });

  test('leaves our own errors alone, and does not hide faults', () => {
    const own = new MillraceError('mine', { code: 'ABORTED' });
    expect(toMillraceError(own, 'Trying')).toBe(own);
    expect(toMillraceError(new TypeError('oops'), 'Trying').code).toBe('INTERNAL');
  });
});

test('names and kinds of error codes', () => {
  expect(kafkaErrorName(0)).toBe('NONE');
  expect(kafkaErrorName(-1)).toBe('UNKNOWN_SERVER_ERROR');
  expect(kafkaErrorName(9_999)).toBe('UNKNOWN_ERROR_9999');
  expect(isRetriableKafkaError('NOT_LEADER_OR_FOLLOWER')).toBe(true);
  expect(isRetriableKafkaError('no such name')).toBe(false);
  expect(isFencingError('UNKNOWN_MEMBER_ID')).toBe(true);
  expect(isFencingError(undefined)).toBe(false);
  expect(isCoordinatorError('NOT_COORDINATOR')).toBe(true);
  expect(isPassing(answered(6))).toBe(true);
  expect(isPassing(answered(22))).toBe(false);
});
