import { expect, test } from 'vitest';
import {
  type FieldLiteral,
  map,
  nullable,
  type SchemaLiteral,
  toSchema,
} from '../../src/arrow/schema-literal.ts';
import { valueWriter } from '../../src/rows/value-writer.ts';

const write = (literal: FieldLiteral, value: unknown) =>
  valueWriter(toSchema({ x: literal }))({ x: value });

const AT = new Date('2024-05-01T12:34:56.789Z');

const WRITTEN: readonly [FieldLiteral, unknown, string][] = [
  ['bool', true, 'true'],
  ['int8', -128, '-128'],
  ['int8', 127n, '127'],
  ['int32', -0, '0'],
  ['uint32', 4_294_967_295, '4294967295'],
  ['int64', 2 ** 53 - 1, '9007199254740991'],
  ['int64', -(2n ** 63n), '-9223372036854775808'],
  ['uint64', 2n ** 64n - 1n, '18446744073709551615'],
  ['float32', 3.4028234663852886e38, '3.4028234663852886e+38'],
  ['float64', -0, '-0'],
  ['float64', 1e-7, '1e-7'],
  ['decimal(12,2)', '12.5', '12.50'],
  ['decimal(12,2)', -0.05, '-0.05'],
  ['decimal(38,0)', 10n ** 37n, '10000000000000000000000000000000000000'],
  ['decimal(30,0)', 1e21, '1000000000000000000000'],
  ['utf8', 'a "quote" und größe', '"a \\"quote\\" und größe"'],
  ['dictionary', '', '""'],
  ['binary', Uint8Array.of(1, 2, 255), '"AQL/"'],
  ['json', { a: [1n, null] }, '{"a":[1,null]}'],
  ['json', 'text', '"text"'],
  ['date', '2024-02-29', '"2024-02-29"'],
  ['date', new Date('2024-05-01T00:00:00Z'), '"2024-05-01"'],
  ['date', -86_400_000, '"1969-12-31"'],
  ['time', '23:59:59.123456', '"23:59:59.123456"'],
  ['time', 0n, '"00:00:00"'],
  ['time', '12:00', '"12:00"'],
  ['duration', 'P2W', '"P2W"'],
  ['timestamp(s)', '2024-05-01T12:00:00.000Z', '"2024-05-01T12:00:00.000Z"'],
  ['time', 86_399_999_999n, '"23:59:59.999999"'],
  ['time', 3_661_500_000n, '"01:01:01.5"'],
  ['duration', 'P1DT2H3M4.5S', '"P1DT2H3M4.5S"'],
  ['duration', 3_723_500_000n, '"PT3723.5S"'],
  ['duration', -5_000_000n, '"-PT5S"'],
  ['duration', 0n, '"PT0S"'],
  ['timestamp', AT, '"2024-05-01T12:34:56.789000Z"'],
  ['timestamp', 1_700_000_000_000.25, '"2023-11-14T22:13:20.000250Z"'],
  ['timestamp', 1_700_000_000_000_001n, '"2023-11-14T22:13:20.000001Z"'],
  ['timestamp', -1n, '"1969-12-31T23:59:59.999999Z"'],
  ['timestamp', '2024-05-01T12:00:00+02:00', '"2024-05-01T12:00:00+02:00"'],
  ['timestamp(s)', 5_000, '"1970-01-01T00:00:05Z"'],
  ['timestamp(ms,local)', AT, '"2024-05-01T12:34:56.789"'],
  ['timestamp(ns)', 1n, '"1970-01-01T00:00:00.000000001Z"'],
  ['timestamp(us,local)', '2024-05-01', '"2024-05-01"'],
  ['null', null, 'null'],
  ['null', undefined, 'null'],
  ['utf8?', null, 'null'],
  [['int8?'], [1, null], '[1,null]'],
  [['int8'], new Set([1, 2]), '[1,2]'],
  [map('decimal(3,1)'), { a: 1.5, 'b"': '2' }, '{"a":1.5,"b\\"":2.0}'],
  [map('int8?'), new Map([['a', null]]), '{"a":null}'],
  [{ a: 'int8', b: 'utf8?' }, { a: 1 }, '{"a":1,"b":null}'],
  [nullable({ a: 'int8' }), null, 'null'],
];

test.each(WRITTEN)('%j writes %o as %s', (literal, value, expected) => {
  expect(write(literal, value)).toBe(`{"x":${expected}}`);
});

const REFUSED: readonly [FieldLiteral, unknown, RegExp][] = [
  ['bool', 1, /'x' of the message is 1; give true or false/],
  ['int8', 128, /128; give a whole number from -128 to 127$/],
  ['int8', -129n, /-129n/],
  ['int8', 1.5, /1\.5/],
  ['int8', '1', /'1'/],
  ['uint8', -1, /from 0 to 255/],
  ['int64', 2 ** 53, /9007199254740992; give a whole number .*9223372036854775807n/],
  ['int64', 2n ** 63n, /9223372036854775808n/],
  ['uint64', -1n, /-1n/],
  ['float32', 3.4028235677973366e38, /float32/],
  ['float64', Number.NaN, /NaN; give a finite number/],
  ['float64', 1n, /1n/],
  ['decimal(4,2)', '1.255', /'1\.255'; give a decimal\(4,2\) as text/],
  ['decimal(4,2)', 100, /100/],
  ['decimal(4,2)', 0.1 + 0.2, /0\.30000000000000004/],
  ['decimal(4,2)', 'x', /'x'/],
  ['decimal(4,2)', true, /true/],
  ['utf8', 5, /5; give a text/],
  ['utf8', '\ud800', /half characters/],
  ['binary', 'AQ==', /give bytes/],
  ['json', () => 1, /'x' is function; give something that JSON can write/],
  ['date', '2024-02-30', /'2024-02-30'; give a date/],
  ['date', AT, /give a date as text, such as '2024-05-01', or its midnight/],
  ['date', new Date(Number.NaN), /Invalid Date/],
  ['date', '10000-01-01', /give a date/],
  ['time', '24:00:00', /'24:00:00'; give a time of day/],
  ['time', '12:00:00.1234567', /'12:00:00\.1234567'/],
  ['time', 86_400_000_000n, /86400000000n/],
  ['time', 5, /microseconds since midnight, a bigint/],
  ['duration', 'P', /'P'; give a duration/],
  ['duration', 'PT', /'PT'/],
  ['duration', '1H', /'1H'/],
  ['duration', 5, /microseconds, a bigint/],
  ['duration', 2n ** 63n, /duration/],
  ['timestamp', 'yesterday', /'yesterday'; give a point in time as text, such as '2024-05-01T12/],
  ['timestamp', '2023-02-29T00:00:00Z', /'2023-02-29/],
  ['timestamp', Number.POSITIVE_INFINITY, /Infinity/],
  ['timestamp', 2n ** 62n, /bigint in the unit us/],
  ['timestamp(s)', 1_500, /1500/],
  ['timestamp(s)', '2024-05-01T12:00:00.5Z', /00\.5Z/],
  ['timestamp', '2024-05-01T12:00:00.1234567Z', /1234567/],
  ['timestamp(us,local)', '2024-05-01T12:00:00Z', /without an offset/],
  ['null', 0, /the only value of its type/],
  ['utf8', null, /null; give a value: its type is not nullable/],
  ['utf8', undefined, /undefined; give a value/],
  [['int8'], 5, /5; give a list/],
  [['int8'], 'ab', /give a list/],
  [['int8'], [1, 200], /the field 'x\[\]' of the message is 200/],
  [map('int8'), [1], /an object or a Map/],
  [map('int8'), { a: 'b' }, /the field 'x\{\}'/],
  [map('int8'), new Map([[1, 1]]), /keys that are texts/],
  [{ a: { b: 'int8' } }, { a: { b: 'x' } }, /the field 'x\.a\.b'/],
  [{ a: 'int8' }, { a: 1, c: 2 }, /the field 'x\.c' .* no such field: the schema has a$/],
  [{ a: 'int8' }, 'text', /an object with a/],
];

test.each(REFUSED)('%j refuses %o', (literal, value, message) => {
  expect(() => write(literal, value)).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(message),
    }),
  );
});

test('only own fields count, whatever their names', () => {
  const schema = valueWriter(
    toSchema({ constructor: 'utf8?', toString: 'int8?' } as object as SchemaLiteral),
  );
  expect(schema({})).toBe('{"constructor":null,"toString":null}');
  expect(schema({ constructor: 'a' })).toBe('{"constructor":"a","toString":null}');
});

test('json that is too deep to be written is told so, and not by an overflow', () => {
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`);
  expect(() => write('json', deep)).toThrow(/^the field 'x' has more than 1000 levels of objects/);
  const round: { in?: unknown } = {};
  round.in = round;
  expect(() => write('json', [1n, deep])).toThrow(/more than 1000 levels/);
  expect(() => write('json', round)).toThrow(/^the field 'x' refers to itself, .* leads back/);
  const twice = { a: { b: 1 } };
  expect(() => write('json', [1n, { in: [twice, twice, round] }])).toThrow(/refers to itself/);
  expect(() => write('json', [1n, twice, twice])).not.toThrow();
  const fair = JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`);
  expect(write('json', fair)).toContain('[[[');
});
