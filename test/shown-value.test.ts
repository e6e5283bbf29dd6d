import { describe, expect, test } from 'vitest';
import { Secret } from '../src/ingest/secret.ts';
import { shownJson, shownValue, withoutSecrets } from '../src/shown-value.ts';

const PASSWORD = 'hunter2secret';

class Login {
  readonly user = 'u';
  readonly password = PASSWORD;
}

const cyclic: Record<string, unknown> = { password: PASSWORD };
cyclic.self = cyclic;

test.each<[string, unknown, string]>([
  ['numbers', 5, '5'],
  ['bigints', 5n, '5n'],
  ['texts', 'snapy', "'snapy'"],
  ['nothing', undefined, 'undefined'],
  ['dates', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['bytes', Uint8Array.of(1, 2), 'Uint8Array(2) [ 1, 2 ]'],
  ['expressions', /a:b@c/, '/a:b@c/'],
  ['functions', Math.max, '[Function: max]'],
  ['classes', Login, '[class Login]'],
  ['symbols', Symbol('x'), 'Symbol(x)'],
  ['members', { key: 5, name: 'id' }, "{ key: 5, name: 'id' }"],
  ["a message's key", { key: 'k' }, "{ key: 'k' }"],
  ['a choice', { sasl: false }, '{ sasl: false }'],
  ['lists', [1, ...new Array(1), [2, [3]]], '[ 1, undefined, [ 2, [Array] ] ]'],
  ['deep members', { a: { b: { c: 1 } } }, '{ a: { b: [Object] } }'],
  ['an address of e-mail', 'ann@example.org', "'ann@example.org'"],
  [
    'no prototype',
    Object.assign(Object.create(null), { a: 1 }),
    '[Object: null prototype] { a: 1 }',
  ],
  ['errors', new TypeError('no'), '[TypeError: no]'],
  [
    'getters, unread',
    Object.defineProperty({}, 'a', { get: () => 1, enumerable: true }),
    '{ a: [Getter] }',
  ],
])('shows %s', (_, value, shown) => {
  expect(shownValue(value)).toBe(shown);
});

test.each<[string, unknown, string]>([
  ['a password', { password: PASSWORD }, '{ password: [secret] }'],
  ['a log-in', { sasl: { password: PASSWORD }, topic: 't' }, "{ sasl: [secret], topic: 't' }"],
  ['a list of them', [{ pwd: PASSWORD }], '[ { pwd: [secret] } ]'],
  ['a key', { key: PASSWORD, cert: 'cert.pem' }, "{ key: [secret], cert: 'cert.pem' }"],
  ['a long key', { key: PASSWORD.repeat(30) }, '{ key: [secret] }'],
  ['another key', { apiKey: PASSWORD, ssl: true }, '{ apiKey: [secret], ssl: true }'],
  ['a part for TLS', { ssl: { key: PASSWORD } }, '{ ssl: [secret] }'],
  ['a map', new Map([['password', PASSWORD]]), "Map(1) { 'password' => [secret] }"],
  ['a set', new Set([{ token: PASSWORD }]), 'Set(1) { { token: [secret] } }'],
  ['an object of a class', new Login(), "Login { user: 'u', password: [secret] }"],
  ['an object in itself', cyclic, '<ref *1> { password: [secret], self: [Circular *1] }'],
  ['a function', Object.assign(() => 1, { password: PASSWORD }), '[Function: ]'],
  ['an error', new Error(`sasl://u:${PASSWORD}@h`), '[…@h]'],
  ['a secret', new Secret(PASSWORD), '[secret]'],
  ['an address', `kafka://u:${PASSWORD}@h:1`, "'…@h:1'"],
  ['a member that is one', { url: `u:${PASSWORD}@h` }, "{ url: '…@h' }"],
])('hides what is in %s', (_, value, shown) => {
  expect(shownValue(value)).toBe(shown);
});

test('what throws when it is looked at is not shown', () => {
  const refuses = () => {
    throw new Error(PASSWORD);
  };
  const proxy = new Proxy({}, { ownKeys: refuses });
  expect(shownValue(proxy)).toBe('an object that cannot be shown');
  expect(shownValue(new Proxy({ a: 1 }, { getOwnPropertyDescriptor: refuses }))).toContain(
    'cannot',
  );
});

describe('as JSON', () => {
  test.each<[unknown, string]>([
    [{ password: PASSWORD, key: 5, name: 'id' }, '{"password":"[secret]","key":5,"name":"id"}'],
    [
      [{ sasl: { user: 'u' }, brokers: `u:${PASSWORD}@h:1` }],
      '[{"sasl":"[secret]","brokers":"…@h:1"}]',
    ],
    [`kafka://u:${PASSWORD}@h`, '"…@h"'],
    [5n, '5n'],
    [{ a: 5n }, '{"a":"5n"}'],
    [undefined, 'undefined'],
    [() => 1, 'a function'],
    [cyclic, 'an object that refers to itself'],
  ])('case %#', (value, shown) => {
    expect(shownJson(value)).toBe(shown);
  });
});

test.each([
  ['kafka://u:p@ss@h:1/a', '…@h:1/a'],
  ['u:p ss\n@h', '…@h'],
  ['h:1?password=p;x', 'h:1?password=…'],
  ['{"api.key": "p"}', '{"api.key=…'],
  ['x required username="u:v" password="a@b";', 'x required username="u:v" password=…'],
  [
    'Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=p',
    'Endpoint=sb://h/;SharedAccessKeyName=…',
  ],
  ['-----BEGIN RSA PRIVATE KEY-----\nMII', '-----BEGIN RSA PRIVATE KEY-----…'],
  ['localhost:9092,[::1]:9093', 'localhost:9092,[::1]:9093'],
  ["col('id').gt(5)", "col('id').gt(5)"],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
])('the text %j is shown as %j', (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});
