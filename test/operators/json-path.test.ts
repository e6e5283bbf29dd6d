import { beforeEach, expect, test } from 'vitest';
import type { TypeText } from '../../src/arrow/scalar-text.ts';
import { col } from '../../src/operators/expr.ts';
import { parseJsonPath } from '../../src/operators/json-path.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { Random, SEED } from './random.ts';
import { valuesOf } from './run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });
beforeEach(() => {
  openArena(wasm);
  wasm.exports.state_reset();
});

const j = col('j');

function follow(path: string, documents: readonly (string | null)[], as?: TypeText): Value[] {
  const expr = j.jsonPath(path, as === undefined ? {} : { as });
  return valuesOf(wasm, expr, { j: ['json', documents] });
}

test('paths', () => {
  expect(parseJsonPath('$')).toEqual([]);
  expect(parseJsonPath(`$.a.b-c[0]['d e']["f\\"g"][-1]."h.i"`)).toEqual([
    'a',
    'b-c',
    0,
    'd e',
    'f"g',
    -1,
    'h.i',
  ]);
  for (const path of ['$.*', '$[*]', '$..a', '$.a[*].b'])
    expect(parseJsonPath(path)).toMatch(/wildcard/);
  for (const path of [
    '',
    'a',
    '$a',
    '$.',
    '$[',
    '$[1',
    '$[x]',
    '$.a.',
    "$['a]",
    '$[1.5]',
    '$ .a',
    '$[99999999999]',
  ]) {
    expect(parseJsonPath(path), path).toBeTypeOf('string');
  }
  expect(() => follow('$.*', ['{}'])).toThrow(/wildcard/);
});

test('members and items', () => {
  const text = '{"a": {"b" : [10, {"c":"x"} , [1,2], null]}, "d":"q\\"]}{[", "e":1.5e3}';
  const cases: [string, string | null][] = [
    ['$', text],
    ['$.a.b[0]', '10'],
    ['$.a.b[1]', '{"c":"x"}'],
    ['$.a.b[1].c', '"x"'],
    ['$.a.b[-2][1]', '2'],
    ['$.a.b[3]', 'null'],
    ['$.a.b[4]', null],
    ['$.a.b[-5]', null],
    ['$.a.b[-4]', '10'],
    ['$.a.x', null],
    ['$.d', '"q\\"]}{["'],
    ['$.e', '1.5e3'],
    ['$.e.f', null],
    ['$[0]', null],
  ];
  for (const [path, expected] of cases) expect(follow(path, [text]), path).toEqual([expected]);
});

test('names with escapes, and names that come twice', () => {
  expect(follow('$.aé', ['{"\\u0061\\u00e9":1}', '{"aé":2}', '{"a\\u00e":3}'])).toEqual([
    '1',
    '2',
    null,
  ]);
  expect(follow('$["🙂\\"\\\\n"]', ['{"\\ud83d\\ude42\\"\\\\n":1}'])).toEqual(['1']);
  expect(follow('$[""]', ['{"":1}'])).toEqual(['1']);
  expect(follow('$.a', ['{"a":1,"a":2}'])).toEqual(['1']);
});

test('half of a pair is U+FFFD', () => {
  const documents = ['"\\ud83d"', '"\\ude42x"', '"\\ud83d\\u0041"', '"\\ud83d\\n"'];
  expect(follow('$', documents, 'utf8')).toEqual(['\ufffd', '\ufffdx', '\ufffdA', '\ufffd\n']);
});

test('as other types', () => {
  const documents = [
    '{"v":"a\\n\\u00e9\\ud83d\\ude42"}',
    '{"v":12.5}',
    '{"v":true}',
    '{"v":null}',
    '{"v":[1]}',
    '{"v":"7"}',
    '{}',
    null,
  ];
  expect(follow('$.v', documents, 'utf8')).toEqual([
    'a\né🙂',
    '12.5',
    'true',
    null,
    '[1]',
    '7',
    null,
    null,
  ]);
  expect(follow('$.v', documents, 'int32')).toEqual([null, 13, null, null, null, 7, null, null]);
  expect(follow('$.v', documents, 'float64')).toEqual([
    null,
    12.5,
    null,
    null,
    null,
    7,
    null,
    null,
  ]);
  expect(follow('$.v', documents, 'bool')).toEqual([
    null,
    null,
    true,
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(follow('$.v', ['{"v":"2024-05-01"}'], 'date')).toEqual([19844]);
  expect(follow('$.v', ['{"v":"red"}', '{"v":"red"}'], 'dictionary')).toEqual(['red', 'red']);
  expect(follow('$.v', documents)).toEqual([
    '"a\\n\\u00e9\\ud83d\\ude42"',
    '12.5',
    'true',
    'null',
    '[1]',
    '"7"',
    null,
    null,
  ]);
});

test('constants and selections', () => {
  const columns = { j: ['json', ['{"a":1}', '{"a":1}']] } as const;
  expect(valuesOf(wasm, j.jsonPath('$.a'), columns, { constant: ['j'] })).toEqual(['1', '1']);
  expect(valuesOf(wasm, j.jsonPath('$.b'), columns, { constant: ['j'] })).toEqual([null, null]);
  expect(valuesOf(wasm, j.jsonPath('$.a'), columns, { rows: [1] })).toEqual(['1']);
  expect(() => valuesOf(wasm, j.jsonPath('$.a'), { j: ['utf8', ['{}']] })).toThrow(
    /cast\('json'\)/,
  );
});

test('what is cut off or deep leads nowhere and harms nothing', () => {
  const whole = '{"a":{"b":[1,"x\\"y",{"c":"\\u00e9"}],"d":null},"e":"\\\\"}';
  for (let length = 0; length < whole.length; length++) {
    for (const path of ['$', '$.a', '$.a.b[2].c', '$.e', '$.a.b[-1]', '$.zz']) {
      openArena(wasm);
      const [found] = follow(path, [whole.slice(0, length)], 'utf8');
      expect(found === null || typeof found === 'string').toBe(true);
    }
  }
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expect(follow('$[0][0].x', [`{"a":${deep}}`, deep])).toEqual([null, null]);
  expect(follow('$.b', [`{"a":${deep},"b":2}`])).toEqual(['2']);
});

test('random documents', () => {
  const random = new Random(SEED);
  const value = (depth: number): unknown => {
    if (depth === 0 || random.next() < 0.3) {
      return random.pick([
        1,
        -2.5,
        'text',
        'q"{}[]\\',
        'é🙂 and more than sixteen bytes',
        true,
        null,
        '',
      ]);
    }
    if (random.next() < 0.5) return Array.from({ length: random.below(4) }, () => value(depth - 1));
    return Object.fromEntries(
      ['a', 'b', 'key of some length', '"']
        .slice(random.below(4))
        .map((k) => [k, value(depth - 1)]),
    );
  };
  for (let i = 0; i < 300; i++) {
    const document = value(4);
    const indent = random.pick([0, 2]);
    let path = '$';
    let found = document;
    while (typeof found === 'object' && found !== null && random.next() < 0.9) {
      const keys = Array.isArray(found) ? [...found.keys()] : Object.keys(found);
      if (keys.length === 0) break;
      const key = random.pick<number | string>(keys);
      path += typeof key === 'number' ? `[${key}]` : `["${key.replaceAll('"', '\\"')}"]`;
      found = (found as Record<string, unknown>)[key];
    }
    openArena(wasm);
    wasm.exports.state_reset();
    const [text] = follow(path, [JSON.stringify(document, null, indent)]);
    expect(JSON.parse(text as string), `${path} seed ${SEED}`).toEqual(found);
  }
});
