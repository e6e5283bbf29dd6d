import { expect, test } from 'vitest';
import type { SchemaLiteral } from '../../../src/arrow/schema-literal.ts';
import { toSchema } from '../../../src/arrow/schema-literal.ts';
import { typeToString } from '../../../src/arrow/schema-text.ts';
import { inferTypes } from '../../../src/ingest/infer/infer-types.ts';
import { INFERENCE_DEFAULTS } from '../../../src/ingest/infer/rules.ts';
import { SchemaObserver } from '../../../src/ingest/infer/schema-observer.ts';
import { RowDecoder } from '../codecs/decode-rows.ts';

const rules = { ...INFERENCE_DEFAULTS, timestamps: true, numbers: true };

/** The type of a column that has these JSON texts. */
function typeOf(...texts: string[]): string {
  const observer = new SchemaObserver();
  observer.observeMessages(texts.map((text) => Buffer.from(`{"x":${text}}`)));
  expect(observer.rejects).toEqual([]);
  const { schema } = inferTypes(observer.root, 0, rules);
  return typeToString(schema.fields[0]!.type);
}

test.each([
  // Dates.
  ['2026-01-15', 'date'],
  ['2024-02-29', 'date'],
  ['2023-02-29', 'utf8'],
  ['2026-1-15', 'utf8'],
  ['0000-01-01', 'date'],
  ['2026-01-15 ', 'utf8'],
  ['-000044-03-15', 'date'],
  ['+9999999-01-01', 'utf8'],
  ['20260115', 'decimal(18,0)'],
  // Times.
  ['10:30:00', 'time'],
  ['23:59:59.123456', 'time'],
  ['23:59:59.1234567', 'time'],
  ['23:59:59.1234567890', 'utf8'],
  ['10:30', 'time'],
  ['1:30', 'utf8'],
  ['24:00:00', 'utf8'],
  ['10:30:60', 'utf8'],
  ['10:30:00.', 'utf8'],
  // Durations.
  ['PT5S', 'duration'],
  ['-PT5S', 'duration'],
  ['P1DT2H3M4.5S', 'duration'],
  ['P1D', 'duration'],
  ['PT0.000001S', 'duration'],
  ['PT0.0000001S', 'duration'],
  ['+P1W', 'duration'],
  ['pt1.5h', 'duration'],
  ['P0000000001D', 'duration'],
  ['PT1.5H1M', 'utf8'],
  ['P', 'utf8'],
  ['PT', 'utf8'],
  ['P1DT', 'utf8'],
  ['PT5', 'utf8'],
  ['PT1M1H', 'utf8'],
  ['P1Y', 'utf8'],
  ['PT99999999H', 'duration'],
  ['PT9999999999999H', 'utf8'],
  ['P-1D', 'duration'],
  // Instants and what a clock on a wall shows.
  ['2026-01-15T10:30:00Z', 'timestamp'],
  ['2026-01-15 10:30:00.123456+01:00', 'timestamp'],
  ['2026-01-15T10:30-23:59', 'timestamp'],
  ['2026-01-15T10:30:00.1234567Z', 'timestamp(ns)'],
  ['2262-01-01T00:00:00.1234567Z', 'timestamp(ns)'],
  ['2262-04-12T00:00:00.1234567Z', 'utf8'],
  ['2026-01-15T10:30:00', 'timestamp(us,local)'],
  ['2026-01-15T10:30:00.123456789', 'timestamp(ns,local)'],
  ['2026-01-15T10:30:00.1234567890Z', 'utf8'],
  ['2026-01-15t10:30:00z', 'timestamp'],
  ['2026-01-15T10:30:00+0200', 'timestamp'],
  ['2026-01-15T10:30:00+02', 'timestamp'],
  ['+012026-01-15T10:30:00Z', 'timestamp'],
  ['+912026-01-15T10:30:00Z', 'utf8'],
  ['2026-01-15T10', 'utf8'],
  ['2026-01-15T10:30:00+24:00', 'utf8'],
  ['2026-01-15T10:30:00+1', 'utf8'],
  ['2026-01-15T10:30:00Z.', 'utf8'],
  ['2026-01-15Z', 'utf8'],
  // Numbers.
  ['0', 'decimal(18,0)'],
  ['-0.50', 'decimal(18,2)'],
  ['1e3', 'decimal(18,0)'],
  ['1e-3', 'decimal(18,3)'],
  ['1E+30', 'decimal(38,0)'],
  ['1e38', 'utf8'],
  ['1e-39', 'utf8'],
  ['00', 'utf8'],
  ['+1', 'utf8'],
  ['.5', 'utf8'],
  ['5.', 'utf8'],
  ['1 ', 'utf8'],
  ['-', 'utf8'],
  ['1e', 'utf8'],
  ['NaN', 'utf8'],
  ['', 'utf8'],
])('the string "%s" is %s', (text, type) => {
  expect(typeOf(JSON.stringify(text))).toBe(type);
});

test.each([
  ['0', 'int64'],
  ['-0', 'int64'],
  ['1.0', 'float64'],
  ['1e0', 'float64'],
  ['9223372036854775807', 'int64'],
  ['9223372036854775808', 'uint64'],
  ['-9223372036854775808', 'int64'],
  ['-9223372036854775809', 'decimal(38,0)'],
  ['18446744073709551615', 'uint64'],
  ['18446744073709551616', 'decimal(38,0)'],
  ['99999999999999999999999999999999999999', 'decimal(38,0)'],
  ['999999999999999999999999999999999999999', 'float64'],
  ['1e308', 'float64'],
  ['1e309', 'json'],
  ['-1e309', 'json'],
  [`1${'0'.repeat(308)}`, 'float64'],
  [`1${'0'.repeat(309)}`, 'json'],
  [`${'1'.repeat(310)}e-10`, 'float64'],
  [`${'1'.repeat(310)}e-1`, 'float64'],
  [`${'1'.repeat(310)}e0`, 'json'],
  ['1e-400', 'float64'],
  ['0e999999999999999999999', 'float64'],
  ['1e999999999999999999999', 'json'],
])('the number %s is %s', (text, type) => {
  expect(typeOf(text)).toBe(type);
});

test.each([
  ['timestamp', '2026-01-15', '2026-01-15T10:30:00Z'],
  ['timestamp', '0001-01-01', '9999-12-31', '2026-01-15T10:30:00+01:00'],
  ['timestamp(us,local)', '2026-01-15', '2026-01-15T10:30:00'],
  ['timestamp(ns)', '2026-01-15', '2026-01-15T10:30:00.123456789Z'],
  // A date that the timestamps of that unit do not reach.
  ['utf8', '1066-10-14', '2026-01-15T10:30:00.123456789Z'],
  ['utf8', '+500000-01-01', '2026-01-15T10:30:00Z'],
  ['date', '+500000-01-01', '2026-01-15'],
  ['utf8', '2026-01-15', '2026-01-15T10:30:00Z', '2026-01-15T10:30:00'],
  ['utf8', '2026-01-15', '10:30:00'],
])('dates and timestamps together: %s', (type, ...texts) => {
  expect(typeOf(...texts.map((text) => JSON.stringify(text)))).toBe(type);
  const messages = texts.map((text) => `{"x":${JSON.stringify(text)}}`);
  const { decoded } = new RowDecoder(toSchema({ x: type } as SchemaLiteral)).decode(messages);
  expect(decoded.rejectCount).toBe(0);
});

test('what strings have in common counts, escapes decoded', () => {
  expect(typeOf('"\\u0032026-01-15"', '"2026-01-16"')).toBe('date');
  expect(typeOf('"2026-01-15"', 'null', '"later"')).toBe('utf8');
});
