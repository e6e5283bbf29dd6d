import { expect, test } from 'vitest';
import { RowDecoder } from './decode-rows.ts';

const schema = { a: 'int64', b: 'utf8?', c: 'float64?', d: ['int32'] } as const;

/** Decodes the messages one after the other on one decoder, twice: with and without a shape. */
function check(messages: readonly object[], write: (message: object, i: number) => string): void {
  const texts = messages.map(write);
  const decoder = new RowDecoder(schema);
  for (let pass = 0; pass < 2; pass++) {
    const { rows, decoded } = decoder.decode(texts);
    expect(decoded.rejects).toEqual([]);
    expect(rows).toEqual(
      messages.map((message) => {
        const { a, b, c, d } = message as Record<string, never>;
        return { a: BigInt(a ?? 0), b: b ?? null, c: c ?? null, d };
      }),
    );
  }
}

const message = (i: number) => ({ a: i, b: `text ${i}`, c: i / 4, d: [i, i + 1] });
const messages = Array.from({ length: 300 }, (_, i) => message(i));

test('the same keys again and again', () => {
  check(messages, (value) => JSON.stringify(value));
});

test('another layout from some message on', () => {
  check(messages, (value, i) => JSON.stringify(value, null, i < 100 ? 0 : 2));
});

test('another layout in every message', () => {
  check(messages, (value, i) => JSON.stringify(value, null, i % 5));
});

test('members left out, now and then', () => {
  const some = messages.map(({ a, b, c, d }, i) => ({
    ...(i % 3 === 0 ? {} : { c }),
    a,
    ...(i % 7 < 3 ? {} : { b }),
    d,
  }));
  check(some, (value) => JSON.stringify(value));
});

test('keys in every order', () => {
  const turned = messages.map((value, i) => {
    const entries = Object.entries(value);
    return Object.fromEntries([...entries.slice(i % 4), ...entries.slice(0, i % 4)]);
  });
  check(turned, (value) => JSON.stringify(value));
});

test('unknown members between, before and behind', () => {
  const more = messages.map(({ a, b, c, d }, i) => ({
    x: { deep: [i] },
    a,
    ...(i % 2 === 0 ? { y: 'text' } : {}),
    b,
    c,
    d,
    ...(i % 3 === 0 ? {} : { z: null }),
  }));
  check(more, (value) => JSON.stringify(value));
});

test('a rejected message neither teaches nor unteaches', () => {
  const decoder = new RowDecoder(schema);
  const good = JSON.stringify(message(1));
  const bad = ['{"d":[1],"a":"x"}', '{"a":1,"d":[', '{"b":"x"}', '{"a":1,"a":2,"d":["x"]}', '{}'];
  const texts = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? bad[(i / 2) % 5]! : good));
  const { rows, selected } = decoder.decode(texts);
  expect(selected).toEqual(texts.flatMap((text, i) => (text === good ? [i] : [])));
  for (const row of selected) expect(rows[row]).toEqual({ ...message(1), a: 1n });
});

test('more members than a shape keeps', () => {
  const names = Array.from({ length: 600 }, (_, i) => `k${i}`);
  const text = `{${names.map((name, i) => `"${name}":${i}`).join()}}`;
  const decoder = new RowDecoder({ k0: 'int32', k255: 'int32', k256: 'int32', k599: 'int32' });
  const { rows } = decoder.decode([text, text, text]);
  expect(new Set(rows.map((row) => JSON.stringify(row)))).toEqual(
    new Set(['{"k0":0,"k255":255,"k256":256,"k599":599}']),
  );
});

test('names longer than a shape keeps', () => {
  const names = [40, 44, 45, 48, 49, 64, 65, 200].map((length) => 'n'.repeat(length));
  const values = Object.fromEntries(names.map((name, i) => [name, i]));
  const decoder = new RowDecoder(Object.fromEntries(names.map((name) => [name, 'int32' as const])));
  const { rows } = decoder.decode(Array.from({ length: 20 }, () => JSON.stringify(values)));
  expect(rows).toEqual(Array.from({ length: 20 }, () => values));
});

test('an entry of a shape is not taken for the beginning or the middle', () => {
  const decoder = new RowDecoder({ a: 'int32?', z: 'int32?' }, { megabytes: 24 });
  const good = '{"a":1,"z":2}';
  const bad = ['{"q":1{"a":1}', '{"a":1{"a":1}', ',"z":2}', '{,"z":2}', '{"a":1,"z":2,"z":3'];
  const { selected } = decoder.decode([good, good, ...bad, good]);
  expect(selected).toEqual([0, 1, 2 + bad.length]);
});
