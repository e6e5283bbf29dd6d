import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RowDecoder } from './decode-rows.ts';

type Golden = Readonly<Record<string, string>>;

const golden = (name: string) =>
  Object.entries(
    JSON.parse(
      readFileSync(new URL(`../../golden/json/${name}.json`, import.meta.url), 'utf8'),
    ) as Golden,
  );

/** What stands around a value: at each place another part of the reader meets it. */
const PLACES = {
  'unread member': ['{"skipped":', '}'],
  'unread member, then more': ['{"skipped":', ',"x":1}'],
  'item of an unread array': ['{"skipped":[0,', ']}'],
  'deep in an unread object': ['{"skipped":{"a":[{"b":', '}]}}'],
} as const;

const schema = { x: 'int64?' } as const;
const around = ([before, after]: readonly [string, string], value: Uint8Array) =>
  Buffer.concat([Buffer.from(before), value, Buffer.from(after)]);

/** Codes of the rejects of one value in a place, read plainly and by a learned shape. */
function codes(place: readonly [string, string], value: Uint8Array): (string | undefined)[] {
  const decoder = new RowDecoder(schema, { megabytes: 24 });
  const harmless = around(place, Buffer.from('"v"'));
  const message = around(place, value);
  const { decoded } = decoder.decode([message, harmless, harmless, message, harmless]);
  const codeOf = (row: number) => decoded.rejects.find((reject) => reject.row === row)?.code;
  expect([1, 2, 4].map(codeOf)).toEqual([undefined, undefined, undefined]);
  return [codeOf(0), codeOf(3)];
}

describe.each(Object.entries(PLACES))('%s', (_, place) => {
  test.each(golden('valid'))('accepts: %s', (_name, text) => {
    expect(() => JSON.parse(text)).not.toThrow();
    expect(codes(place, Buffer.from(text))).toEqual([undefined, undefined]);
  });

  test.each(golden('invalid'))('refuses: %s', (_name, text) => {
    const [first, second] = codes(place, Buffer.from(text));
    expect(first).toBeDefined();
    expect(second).toBe(first);
    // Only here are we stricter than JSON.parse.
    if (first !== 'surrogate') {
      const whole = around(place, Buffer.from(text)).toString();
      expect(() => JSON.parse(whole)).toThrow(SyntaxError);
    }
  });

  test.each(golden('invalid-bytes'))('refuses bytes: %s', (_name, hex) => {
    const [first, second] = codes(place, Buffer.from(hex, 'hex'));
    expect(first).toMatch(/^(utf8|syntax)$/);
    expect(second).toBe(first);
  });
});

describe('whole messages', () => {
  const objects = (name: string) => golden(name).filter(([, text]) => text.startsWith('{'));
  const decoder = new RowDecoder(schema, { columns: [], megabytes: 24 });

  test.each(objects('valid'))('accepts: %s', (_, text) => {
    expect(decoder.decode([text, ` \n${text}\t\r`]).decoded.rejects).toEqual([]);
  });

  test.each(objects('invalid'))('refuses: %s', (_, text) => {
    expect(decoder.decode([text, ` ${text} `]).selected).toEqual([]);
  });
});

describe('strings that are read', () => {
  const strings = (name: string) => golden(name).filter(([, text]) => text.startsWith('"'));
  const decoder = new RowDecoder({ s: 'utf8' }, { megabytes: 24 });

  test.each(strings('valid'))('%s', (_, text) => {
    const { rows, decoded } = decoder.decode([`{"s":${text}}`, `{"s":${text}}`]);
    expect(decoded.rejects).toEqual([]);
    expect(rows).toEqual([{ s: JSON.parse(text) }, { s: JSON.parse(text) }]);
  });

  test.each(strings('invalid'))('refuses: %s', (_, text) => {
    expect(decoder.decode([`{"s":${text}}`]).selected).toEqual([]);
  });

  test.each(golden('invalid-bytes'))('refuses bytes: %s', (_, hex) => {
    const message = around(['{"s":', '}'], Buffer.from(hex, 'hex'));
    expect(decoder.decode([message]).selected).toEqual([]);
  });
});
