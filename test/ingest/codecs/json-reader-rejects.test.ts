import { describe, expect, test } from 'vitest';
import { map, nullable } from '../../../src/index.ts';
import { RowDecoder } from './decode-rows.ts';
import { rejectOfOne } from './read-one.ts';

const reasonOf = (type: 'int32' | 'date' | 'json' | 'utf8', text: string) =>
  rejectOfOne(type, text)!.reason.replace(/ \(byte \d+\)$/, '');

describe('a reason quotes the value as it is', () => {
  test.each([
    ['"Zoë 日本"', 'a string, `"Zoë 日本"`'],
    ['"a\\"b" ', 'a string, `"a\\"b"`'],
    ['{"a":[1,"}"]}', 'an object, `{"a":[1,"}"]}`'],
    ['[[1],2] ', 'an array, `[[1],2]`'],
    ['true', 'a boolean or a word, `true`'],
    ['1.5', 'the number 1.5'],
  ])('%s', (text, found) => {
    expect(reasonOf('int32', text)).toBe(`expected int32 for column "x", found ${found}`);
  });

  test.each([
    [`"${'日'.repeat(40)}"`, `a string, \`"${'日'.repeat(13)}…\``],
    [`"${'x'.repeat(38)}"`, `a string, \`"${'x'.repeat(38)}"\``],
    [`"${'x'.repeat(39)}"`, `a string, \`"${'x'.repeat(39)}…\``],
    [`{"a":"${'{'.repeat(60)}"}`, `an object, \`{"a":"${'{'.repeat(34)}…\``],
    [`[${'1,'.repeat(60)}1]`, `an array, \`[${'1,'.repeat(19)}1…\``],
    [`1${'0'.repeat(40)}.5`, `the number 1${'0'.repeat(39)}…`],
  ])('%s is cut at 40 bytes, at a character, and says so', (text, found) => {
    expect(reasonOf('date', text)).toMatch(/^expected .* for column "x", found /);
    expect(reasonOf('date', text).split(', found ')[1]).toBe(found);
  });

  test('of a number that is out of range, too', () => {
    expect(reasonOf('int32', '7'.repeat(60))).toBe(
      `the number ${'7'.repeat(40)}… is out of range of int32 for column "x"`,
    );
    expect(reasonOf('int32', '7'.repeat(39))).toContain(`the number ${'7'.repeat(39)} is out`);
  });

  test('a lone surrogate is told with what follows it in its string', () => {
    expect(reasonOf('utf8', '"a\\ud800b"')).toBe(
      'a lone surrogate in an escape for column "x": `\\ud800b`',
    );
  });

  test('what cannot be printed is a point each', () => {
    expect(reasonOf('int32', '"\u202ea\ufeff\u2028"')).toContain('`".a.."`');
  });
});

describe('a reason names the keys of maps', () => {
  const labels = map(nullable({ v: 'int8?', w: map('int8') }));
  const decoder = new RowDecoder({ m: labels, l: [map('int8')], 'x{}': 'int8?' });
  const message = (parts: { m?: string; l?: string; x?: string }) =>
    `{"z":[{"a,":"}"}],"m":{${parts.m ?? ''}},"l":[${parts.l ?? ''}],"x{}":${parts.x ?? 1}}`;

  test.each([
    [{ m: '"b":{"w":{}},"a":1' }, '"m{}" at key "a", found'],
    [{ m: '"b":{"w":{}},"é\\n":{"w":{},"v":300}' }, '"m{}.v" at key "é\\n"'],
    [{ m: '"b":{"w":{"p":1,"q,{":"x"}}' }, '"m{}.w{}" at key "b", key "q,{", found'],
    [{ m: '"a, {":{"w":{},"t":"x, \\ud800 {"}' }, '"m{}" at key "a, {"'],
    [{ m: '"b":{"v":1}' }, '"m{}.w" at key "b", which is not nullable'],
    [{ l: '{"a":1},{"b":1,"c":1.5}' }, '"l[]{}" at key "c", found'],
    // The key itself is what is wrong.
    [{ m: '"a":null,"\\ud800":null' }, '"m{}": `\\ud800`'],
    [{ x: '"a"' }, '"x{}", found'],
  ])('%j', (parts, told) => {
    const { decoded } = decoder.decode([message(parts)]);
    expect(decoded.rejects[0]!.reason).toContain(`for column ${told}`);
  });

  test('but not far behind the beginning of a message', () => {
    const far = message({ m: '"b":{"w":{}},"a":1' }).replace(
      '"z":[',
      `"z":["${'x'.repeat(16_384)}",`,
    );
    const { decoded } = decoder.decode([far]);
    expect(decoded.rejects[0]!.reason).toContain('for column "m{}", found the number 1');
  });
});
