import { describe, expect, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import {
  CONNECTION_DEFAULTS,
  type ConnectionInput,
  parseBroker,
  resolveConnectionOptions,
} from '../../src/ingest/connection-options.ts';

function refusal(input: object): MillraceError {
  try {
    resolveConnectionOptions(input as ConnectionInput);
  } catch (error) {
    if (error instanceof MillraceError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(input)} was accepted`);
}

describe('resolveConnectionOptions', () => {
  test('fills in the defaults', () => {
    expect(resolveConnectionOptions()).toEqual(CONNECTION_DEFAULTS);
    expect(resolveConnectionOptions({ retries: 0 })).toEqual({
      ...CONNECTION_DEFAULTS,
      retries: 0,
    });
  });

  test('takes a comma list, trims it and drops doubles', () => {
    const { brokers } = resolveConnectionOptions({ brokers: 'a:1, b:2,a:1' });
    expect(brokers).toEqual(['a:1', 'b:2']);
  });

  test('names the nearest option for an unknown one', () => {
    const error = refusal({ clientID: 'x' });
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toBe("Unknown connection option 'clientID'; did you mean 'clientId'?");
    expect(refusal({ requestTimeout: 5 }).message).toContain("'requestTimeoutMs'");
  });

  test.each([
    { retries: -1 },
    { retries: 1.5 },
    { retries: '3' },
    { retryDelayMs: 10n },
    { connectTimeoutMs: Number.NaN },
    { clientId: '' },
    { clientId: 7 },
    { brokers: [] },
    { brokers: 9092 },
    { brokers: ['localhost'] },
    { brokers: ['localhost:0'] },
    { brokers: ['localhost:70000'] },
    { brokers: ['http://localhost:9092'] },
  ])('refuses %o and names it', (input) => {
    const error = refusal(input);
    expect(error.code).toBe('INVALID_OPTION');
    expect(error.message).toContain(Object.keys(input)[0] === 'brokers' ? 'host:port' : 'give');
    expect(error.context.option).toBe(Object.keys(input)[0]);
  });
});

test('parseBroker takes names, IPv4 and bracketed IPv6', () => {
  expect(parseBroker('kafka-1.example.org:9092')).toEqual({
    host: 'kafka-1.example.org',
    port: 9092,
  });
  expect(parseBroker('127.0.0.1:1')).toEqual({ host: '127.0.0.1', port: 1 });
  expect(parseBroker('[::1]:9092')).toEqual({ host: '::1', port: 9092 });
});

test.each(['SASL_SSL://me:s3cret@kafka:9092', 'me:s3cret@kafka:9092', 'kafka:9092,me:s3cret@b:9'])(
  'a login in the address %s is refused and not repeated',
  (brokers) => {
    const { message } = refusal({ brokers });
    expect(message).toContain('…@');
    expect(message).not.toContain('s3cret');
  },
);
