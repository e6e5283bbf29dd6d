import { describe, expect, test } from 'vitest';
import { type ErrorCode, MillraceError } from '../../../src/errors.ts';
import {
  RETRY_DELAY_MAX_MS,
  retryDelayMs,
  withRetries,
} from '../../../src/ingest/clients/retry.ts';

const OPTIONS = { retries: 3, retryDelayMs: 1 };
const open = new AbortController().signal;

function failing(code: ErrorCode, times: number) {
  const calls = { count: 0 };
  const attempt = async () => {
    calls.count++;
    if (calls.count <= times) throw new MillraceError(`attempt ${calls.count}`, { code });
    return calls.count;
  };
  return { calls, attempt };
}

describe('withRetries', () => {
  test('sends again what fails in passing', async () => {
    const { attempt } = failing('KAFKA_RETRIABLE', 3);
    expect(await withRetries(OPTIONS, open, attempt)).toBe(4);
  });

  test('gives up with the last failure', async () => {
    const { attempt } = failing('KAFKA_RETRIABLE', 9);
    await expect(withRetries(OPTIONS, open, attempt)).rejects.toThrow('attempt 4');
  });

  test.each(['KAFKA_ERROR', 'GROUP_FENCED'] as const)('does not repeat %s', async (code) => {
    const { attempt, calls } = failing(code, 9);
    await expect(withRetries(OPTIONS, open, attempt)).rejects.toThrow('attempt 1');
    expect(calls.count).toBe(1);
  });

  test('begins no attempt behind its time, which may be lifted meanwhile', async () => {
    const { attempt, calls } = failing('BROKER_UNREACHABLE', 9);
    const options = { retries: 8, retryDelayMs: 50 };
    await expect(withRetries(options, open, attempt, () => 40)).rejects.toThrow('attempt 1');
    const maxMs = () => (calls.count < 3 ? Number.POSITIVE_INFINITY : 0);
    await expect(withRetries(options, open, attempt, maxMs)).rejects.toThrow('attempt 3');
  });

  test('ends in the middle of a pause when the client is closed', async () => {
    const closing = new AbortController();
    const { attempt, calls } = failing('KAFKA_RETRIABLE', 9);
    const result = withRetries({ retries: 3, retryDelayMs: 60_000 }, closing.signal, attempt);
    closing.abort();
    await expect(result).rejects.toMatchObject({ code: 'ABORTED' });
    expect(calls.count).toBe(1);
  });
});

test('retryDelayMs doubles up to its maximum', () => {
  expect([0, 1, 2, 3].map((retry) => retryDelayMs(100, retry))).toEqual([100, 200, 400, 800]);
  expect(retryDelayMs(100, 6)).toBe(RETRY_DELAY_MAX_MS);
  expect(retryDelayMs(100, 1_000)).toBe(RETRY_DELAY_MAX_MS);
});
