import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { bearerToken, TokenError } from '../../../src/ingest/clients/bearer-token.ts';

async function failureOf(give: () => string | Promise<string>): Promise<Error> {
  const error: unknown = await bearerToken(give).catch((reason: unknown) => reason);
  if (error instanceof TokenError) return error;
  throw new Error('it gave a token', { cause: error });
}

test('a token is passed on as it is, from a promise or at once', async () => {
  expect(await bearerToken(() => 'abc.def-_~+/=')).toBe('abc.def-_~+/=');
  expect(await bearerToken(async () => 'abc')).toBe('abc');
});

test.each([
  ['', 'an empty string, or one with blanks'],
  ['two words', 'an empty string, or one with blanks'],
  [undefined, 'undefined'],
  [7, 'number'],
])('%j is none', async (given, named) => {
  const { message } = await failureOf(() => given as string);
  expect(message).toBe(`sasl.token gave ${named}; it must give a token`);
});

test('a function that throws is named, with what it threw', async () => {
  const thrown = await failureOf(() => {
    throw new TypeError('fetch failed');
  });
  expect(thrown.message).toBe('sasl.token failed: TypeError: fetch failed');
  const rejected = await failureOf(() => Promise.reject('503'));
  expect(rejected.message).toBe('sasl.token failed: 503');
});

test.each([
  'Authorization: Bearer HUSH-hush.HUSH',
  'authorization: "Basic HUSHHUSH="',
  'POST grant_type=client_credentials&client_secret=HUSH&scope=kafka',
  'body {"password":"HUSH"}',
  "{ clientSecret: 'HUSH' }",
  'expired: eyJhHUSH.eyJzHUSH.HUSH',
])('secrets in what was thrown are left out: %s', async (text) => {
  const request = { body: text };
  const error = await failureOf(() => {
    throw Object.assign(new Error(text), { request });
  });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('HUSH');
  expect(error.message).toContain('[secret]');
});

test('a reason without an end is cut', async () => {
  const error = await failureOf(() => Promise.reject(new Error('x'.repeat(10_000))));
  expect(error.message.length).toBeLessThan(400);
});
