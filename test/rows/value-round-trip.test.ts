import { expect, test } from 'vitest';
import { toArrowSchema } from '../../src/arrow/arrow-schema.ts';
import { exportColumns, importPortable } from '../../src/arrow/batch-export.ts';
import { type FieldLiteral, map, nullable, toSchema } from '../../src/arrow/schema-literal.ts';
import { jsonCodec } from '../../src/ingest/codecs/json.ts';
import { getterOf } from '../../src/rows/getter.ts';
import { valueWriter } from '../../src/rows/value-writer.ts';
import { makeInstance, makeRecords, openArena, utf8Values } from '../wasm/harness.ts';

const wasm = makeInstance();

/** What a source of this schema reads where a sink of it was given `value`. */
function through(literal: FieldLiteral, value: unknown): unknown {
  openArena(wasm);
  const schema = toSchema({ x: literal });
  const text = valueWriter(schema)({ x: value });
  const decoder = jsonCodec.decoder(wasm, {
    schema,
    columns: ['x'],
    validate: 'full',
    unknown: 'error',
  });
  const decoded = decoder.decode(makeRecords(wasm, utf8Values([text])));
  expect(decoded.rejects, text).toEqual([]);
  const rows = { address: 0, count: 1 };
  const portable = exportColumns(wasm, schema, decoded.columns, rows, { borrow: false });
  const batch = importPortable(portable, toArrowSchema(schema));
  return getterOf(batch.data.children[0]!, schema.fields[0]!.type)(0);
}

const AT = Date.UTC(2024, 4, 1, 12, 34, 56, 789);

test.each<[FieldLiteral, unknown, unknown?]>([
  ['bool', true],
  ['int8', -128],
  ['int64', -(2n ** 63n)],
  ['uint32', 4_294_967_295],
  ['uint64', 2n ** 64n - 1n],
  ['float32', Math.fround(0.1)],
  ['float32', 3.4028234663852886e38],
  ['float64', -1.5e-300],
  ['decimal(12,2)', '-0.05'],
  ['decimal(38,38)', '-0.99999999999999999999999999999999999999'],
  ['decimal(38,0)', 10n ** 37n, '10000000000000000000000000000000000000'],
  ['decimal(12,2)', 12.5, '12.50'],
  ['utf8', 'a "quote", größe, \u0000 and 🎁'],
  ['dictionary', 'größe'],
  ['binary', Buffer.from([0, 255, 1])],
  ['binary', Buffer.alloc(0)],
  ['json', { a: [1, null, 'x'], b: {} }],
  ['json', [12n ** 20n], [Number(12n ** 20n)]],
  ['date', '2024-02-29', Date.UTC(2024, 1, 29)],
  ['date', new Date(-86_400_000), -86_400_000],
  ['time', 86_399_999_999n],
  ['time', '14:30:00.5', 52_200_500_000n],
  ['time', '14:30', 52_200_000_000n],
  ['duration', -3_723_500_000n],
  ['duration', 'P1W', 604_800_000_000n],
  ['duration', 2n ** 62n],
  ['duration', 'P1DT2H3M4.5S', 93_784_500_000n],
  ['timestamp', AT + 0.25],
  ['timestamp', new Date(AT), AT],
  ['timestamp', 1_700_000_000_000_001n, 1_700_000_000_000.001],
  ['timestamp', '2024-05-01T12:34:56.789+02:00', AT - 7_200_000],
  ['timestamp(s)', -5_000],
  ['timestamp(ms,local)', AT],
  ['timestamp(us,local)', '2024-05-01T12:34:56.789', AT],
  ['timestamp(ns,Europe/Berlin)', 1n, 1e-6],
  ['null', null],
  ['utf8?', null],
  [['dictionary?'], ['a', null, 'a']],
  [map('duration?'), { a: 5n, b: null, __proto: 1n }],
  [map('int8'), new Map([['b"', 1]]), { 'b"': 1 }],
  [nullable({ a: 'date', b: [map('decimal(4,1)')] }), { a: 0, b: [{ x: '1.5' }] }],
])('%j: %o comes back', (literal, value, expected = value) => {
  expect(through(literal, value)).toEqual(expected);
});
