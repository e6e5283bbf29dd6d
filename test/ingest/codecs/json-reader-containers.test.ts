/** Maps, dictionaries, binary, raw JSON and null. */
import { describe, expect, test } from 'vitest';
import { map, nullable } from '../../../src/arrow/schema-literal.ts';
import { readColumn } from '../../../src/wasm/column.ts';
import { columnToValues } from '../../wasm/columns.ts';
import { RowDecoder } from './decode-rows.ts';
import { readOne, rejectOfOne } from './read-one.ts';

const entries = (value: unknown) => [...(value as Map<string, unknown>)];

describe('maps', () => {
  test('any keys, in their order', () => {
    const text = '{"b":1,"":2,"é\\n":3,"a very long key of more than sixteen bytes":4}';
    expect(entries(readOne(map('int64'), text))).toEqual([
      ['b', 1n],
      ['', 2n],
      ['é\n', 3n],
      ['a very long key of more than sixteen bytes', 4n],
    ]);
    expect(entries(readOne(map('int64'), ' { "a" : 1 ,\n"b" : 2 } '))).toHaveLength(2);
    expect(entries(readOne(map('int64'), '{ }'))).toEqual([]);
  });

  test('values of any type', () => {
    const nested = '{"p":{"q":[1,null]},"r":{}}';
    const value = readOne(map(map(['int32?'])), nested);
    expect(value).toEqual(
      new Map([
        ['p', new Map([['q', [1, null]]])],
        ['r', new Map()],
      ]),
    );
    const structs = readOne(map({ a: 'utf8', b: 'int8?' }), '{"x":{"b":1,"a":"t"},"y":{"a":"u"}}');
    expect(structs).toEqual(
      new Map([
        ['x', { a: 't', b: 1 }],
        ['y', { a: 'u', b: null }],
      ]),
    );
    expect(readOne(map('utf8?'), '{"a":null}')).toEqual(new Map([['a', null]]));
    expect(readOne(nullable(map('utf8')), 'null')).toBe(null);
  });

  test('the last of a key counts, at its place, whatever the first left behind', () => {
    const schema = { m: map([{ k: 'utf8', l: ['dictionary?'] }]), after: 'utf8' } as const;
    const text =
      '{"m":{"a":[{"k":"1","l":["x"]},{"k":"2","l":[]}],"b":[],"a":[{"k":"3","l":[null,"y"]}],' +
      '"\\u0061":[{"k":"four","l":["z","x"]}],"c":[{"k":"5","l":["y"]}],"b":[{"k":"6","l":[]}]},' +
      '"after":"text"}';
    const { rows, decoded } = new RowDecoder(schema).decode([text, '{"m":{},"after":""}', text]);
    expect(decoded.rejects).toEqual([]);
    const expected = [
      ['a', [{ k: 'four', l: ['z', 'x'] }]],
      ['c', [{ k: '5', l: ['y'] }]],
      ['b', [{ k: '6', l: [] }]],
    ];
    expect(entries(rows[0]!.m)).toEqual(expected);
    expect(entries(rows[1]!.m)).toEqual([]);
    expect(entries(rows[2]!.m)).toEqual(expected);
  });

  test('each value of a key that comes twice is checked', () => {
    expect(readOne(map('int8'), '{"a":300,"a":1}')).toEqual({ reject: 'range' });
  });

  test('rejects inside name the map and leave neighbours alone', () => {
    const good = '{"x":{"a":[1]}}';
    const bad = '{"x":{"b":[2],"a":[3,"4"]}}';
    const { rows, decoded } = new RowDecoder({ x: map(['int32']) }).decode([good, bad, good]);
    expect(decoded.rejects).toMatchObject([
      { row: 1, code: 'type', column: 'x{}[]', position: bad.indexOf('"4"') },
    ]);
    expect(rows.map(({ x }) => entries(x))).toEqual([[['a', [1]]], [], [['a', [1]]]]);
  });

  test.each([
    ['{"a"}', 'syntax'],
    ['{"a":1,}', 'syntax'],
    ['{a:1}', 'syntax'],
    ['{"a":1', 'syntax'],
    ['{,}', 'syntax'],
    ['{"\\ud800":1}', 'surrogate'],
    ['{"a":null}', 'null'],
    ['[]', 'type'],
  ])('refuses %s', (text, reject) => {
    expect(readOne(map('int64'), text)).toEqual({ reject });
  });
});

describe('dictionaries', () => {
  test('each text once, as in the column of texts', () => {
    const decoder = new RowDecoder({ d: 'dictionary?', l: ['dictionary'] });
    const texts = ['red', 'green', '', 'red\u0000', 'a colour of more than sixteen bytes'];
    for (let pass = 0; pass < 2; pass++) {
      const rows = Array.from({ length: 500 }, (_, i) => ({
        d: i % 7 === 0 ? null : texts[i % 5]!,
        l: [texts[i % 3]!, `${i % 200}`],
      }));
      const { rows: decoded, decoded: result } = decoder.decode(
        rows.map((row) => JSON.stringify(row)),
      );
      expect(decoded).toEqual(rows);
      const [child] = readColumn(decoder.wasm, result.columns.get('d')!).children;
      expect(columnToValues(decoder.wasm, child!).toSorted()).toEqual(texts.toSorted());
    }
  });

  test('a column of nulls has a text that their indices can have', () => {
    const decoder = new RowDecoder({ d: 'dictionary?' });
    const { decoded, rows } = decoder.decode(['{}', '{"d":null}']);
    expect(rows).toEqual([{ d: null }, { d: null }]);
    const [child] = readColumn(decoder.wasm, decoded.columns.get('d')!).children;
    expect(columnToValues(decoder.wasm, child!)).toEqual(['']);
  });

  test('a column that is only checked keeps nothing, but refuses', () => {
    const schema = { a: 'int32', d: 'dictionary' } as const;
    const decoder = new RowDecoder(schema, { columns: ['a'], validate: 'full' });
    const { decoded, rows } = decoder.decode(['{"a":1,"d":"x"}', '{"a":2,"d":3}']);
    expect(rows[0]).toEqual({ a: 1 });
    expect(decoded.rejects).toMatchObject([{ row: 1, code: 'type', column: 'd' }]);
  });

  test('refuses what is no text', () => {
    expect(readOne('dictionary', '1')).toEqual({ reject: 'type' });
    expect(readOne('dictionary', '"\xff')).toEqual({ reject: 'syntax' });
  });
});

describe('binary', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);

  test.each([
    ['""', bytes()],
    ['"AA=="', bytes(0)],
    ['"AA"', bytes(0)],
    ['"AAE="', bytes(0, 1)],
    ['"AAE"', bytes(0, 1)],
    ['"AAEC"', bytes(0, 1, 2)],
    ['"++//"', bytes(0xfb, 0xef, 0xff)],
    ['"--__"', bytes(0xfb, 0xef, 0xff)],
    ['"\\/\\/\\/\\/"', bytes(255, 255, 255)],
    ['"\\u0041AEC"', bytes(0, 1, 2)],
  ])('%s', (text, value) => {
    expect(readOne('binary', text)).toEqual(value);
  });

  test('every length, beside each other', () => {
    const values = Array.from({ length: 100 }, (_, i) =>
      Uint8Array.from({ length: i }, (_, k) => (k * 89 + i * 7) & 255),
    );
    const decoder = new RowDecoder({ b: 'binary' });
    for (const encoding of ['base64', 'base64url'] as const) {
      const texts = values.map((value) => `{"b":"${Buffer.from(value).toString(encoding)}"}`);
      expect(decoder.decode(texts).rows).toEqual(values.map((b) => ({ b })));
    }
  });

  test.each([
    '"A"',
    '"AAAAA"',
    '"AB=="',
    '"AAF="',
    '"A==="',
    '"="',
    '"===="',
    '"AA="',
    '"AA==AA=="',
    '"AAAA=="',
    '"AA =="',
    '"AAA\\n"',
    '"AÄA="',
    '"AAA*"',
  ])('refuses %s', (text) => {
    expect(readOne('binary', text)).toEqual({ reject: 'base64' });
  });

  test('says so', () => {
    expect(rejectOfOne('binary', '"no base64"')?.reason).toBe(
      'expected base64 for column "x", found a string, `"no base64"` (byte 5)',
    );
    expect(readOne('binary', '1')).toEqual({ reject: 'type' });
  });
});

describe('raw JSON', () => {
  test.each([
    '1',
    '-0.10e+5',
    'true',
    'false',
    '"text \\u00e9 \\/"',
    '{}',
    '[ ]',
    '{ "a" : [1,\t2 ,{"b":null}] ,"a":1}',
    '[null]',
  ])('%s is copied as it stands', (text) => {
    expect(readOne('json', text)).toBe(text);
    expect(readOne('json', ` \n${text}\t `)).toBe(text);
    expect(readOne(['json'], `[ ${text} , ${text}]`)).toEqual([text, text]);
  });

  test('null is null, as everywhere', () => {
    expect(readOne('json?', 'null')).toBe(null);
    expect(readOne('json', ' null')).toEqual({ reject: 'null' });
  });

  test.each([
    ['nul', 'syntax'],
    ['{"a":}', 'syntax'],
    ['[1,]', 'syntax'],
    ['01', 'syntax'],
    ['1.5.5', 'syntax'],
    ['"\\ud800"', 'surrogate'],
    ['"a\nb"', 'syntax'],
    ["'a'", 'syntax'],
    ['', 'syntax'],
  ])('refuses %s', (text, reject) => {
    expect(readOne('json', text)).toEqual({ reject });
  });

  test('refuses bytes that are no UTF-8', () => {
    const message = Buffer.from('{"x":{"a":"\xff"}}', 'latin1');
    const { decoded } = new RowDecoder({ x: 'json' }).decode([message]);
    expect(decoded.rejects[0]).toMatchObject({ code: 'utf8', column: 'x', position: 10 });
  });

  test('rows of any length, beside each other', () => {
    const values = Array.from({ length: 300 }, (_, i) => JSON.stringify({ i, t: 'x'.repeat(i) }));
    const decoder = new RowDecoder({ j: 'json', k: 'json?' });
    const { rows } = decoder.decode(values.map((j) => `{"k":${j},"j":${j}}`));
    expect(rows).toEqual(values.map((j) => ({ j, k: j })));
  });
});

describe('null', () => {
  test('is all there may be', () => {
    const decoder = new RowDecoder({ n: 'null', l: ['null'] });
    const { rows, decoded } = decoder.decode(['{"n":null,"l":[null,null]}', '{"l":[]}']);
    expect(decoded.rejects).toEqual([]);
    expect(rows).toEqual([
      { n: null, l: [null, null] },
      { n: null, l: [] },
    ]);
    expect(rejectOfOne('null', '0')?.reason).toBe(
      'expected null for column "x", found the number 0 (byte 5)',
    );
  });
});
