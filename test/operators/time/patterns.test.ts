/** Times as texts and back, by strftime's letters, give what DuckDB gives. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { typeToString } from '../../../src/arrow/schema-text.ts';
import { col, lit } from '../../../src/operators/expr.ts';
import { functionNamed } from '../../../src/operators/functions/registry.ts';
import { typeOf } from '../../../src/operators/lower.ts';
import { DuckTimes } from './duck-times.ts';

let times: DuckTimes;
beforeAll(async () => {
  times = await DuckTimes.open(300);
});
afterAll(() => times.close());

const SCHEMA = {
  fields: [
    { name: 'd', type: { kind: 'date' }, nullable: false },
    { name: 'clock', type: { kind: 'time' }, nullable: false },
    { name: 'text', type: { kind: 'utf8' }, nullable: false },
    { name: 'n', type: { kind: 'int32' }, nullable: false },
  ],
} as const;

describe('format', () => {
  const PATTERNS = [
    '%Y-%m-%d %H:%M:%S',
    '%y %-y %m %-m %d %-d %j %-j',
    '%H %-H %I %-I %p %M %-M %S %-S',
    '%f %g',
    '%b %B %h %a %A %w %u',
    '%U %W %V',
    '%c|%x|%X|%T',
    '100%% ä%%%Y',
    'no letters',
    '%z',
  ];
  test.for(PATTERNS)('%s', async (format) => {
    for (const name of ['d1', 'us', 'ms', 's', 'ns']) {
      // DuckDB writes a bare %-y with bytes of 0 behind it.
      if (format.includes('%-y') && name !== 'us') continue;
      const expr = col(name).format(format);
      const there = functionNamed({ kind: 'call', fn: 'format', operands: [] }).sql!([name], {
        format,
      });
      // It cannot take far seconds apart.
      await times.check(expr, `replace(${there}, chr(0), '')`, { narrow: name === 's' });
    }
  });

  test.for([
    ['%G', 'us', "CASE WHEN isoyear(us) BETWEEN 0 AND 9999 THEN strftime(us, '%G') END"],
    ['%Y %n', 'ns', "strftime(ns, '%Y %n')"],
  ] as const)('%s of %s', async ([format, name, sql]) => {
    await times.check(col(name).format(format), sql, { narrow: true });
  });

  test('a zone is UTC, and of no zone nothing', () => {
    const { values } = times.evaluate(col('utc').format('%z %Z'));
    expect(new Set(values.filter((value) => value !== null))).toEqual(new Set(['+00 UTC']));
    const local = times.evaluate(col('us').format('[%Z]')).values;
    expect(new Set(local.filter((value) => value !== null))).toEqual(new Set(['[]']));
  });

  test('times have letters of the clock', () => {
    const { values } = times.evaluate(col('clock').sub('PT0S').format('%H:%M').isNotNull());
    expect(values).toContain(true);
  });

  test('a constant is written once', () => {
    const { values } = times.evaluate(lit(new Date(0)).format('%Y-%m-%d'));
    expect(new Set(values)).toEqual(new Set(['1970-01-01']));
  });

  test('text of any length stands between letters', () => {
    const text = 'ä'.repeat(33_000);
    const { values } = times.evaluate(lit(new Date(0)).format(`${text}%Y`));
    expect(values[0]).toBe(`${text}1970`);
  });
});

describe('parseTime', () => {
  const PATTERNS = [
    '%Y-%m-%d',
    '%Y-%-m-%-d',
    '%Y-%m-%d %H:%M:%S.%f',
    '%Y-%m-%d %H:%M:%S.%g',
    '%c.%n',
    '%x %X.%f',
    '%d/%b/%y',
    '%d/%B/%y',
    '%A, %B %d %Y',
    '%a, %b %-d %Y',
    '%I:%M %p',
    '%H:%M %p',
    '%Y %j',
    '%Y %U',
    '%Y %W',
    '%Y %U %w',
    '%Y %W %w',
    '%G %V %u',
    '%G %V',
    '%Y %m%d',
    '%Y%m%d',
    '%Yé%m',
    'Infinity is near',
    '%Y-%m-%d %H:%M:%S %z',
  ];
  test.for(PATTERNS)('%s', async (format) => {
    for (const fn of ['parseTime', 'tryParseTime'] as const) {
      const sql = functionNamed({ kind: 'call', fn, operands: [] }).sql!(['text'], { format });
      // Words for infinity are none here.
      await times.check(col('text')[fn](format), sql, { narrow: true });
    }
  });

  test.for([
    ['2024-02-09T10:00:00Z', '%Y-%m-%dT%H:%M:%S%z', 1_707_472_800_000_000n],
    ['2024-02-09T10:00:00+01:00:30', '%Y-%m-%dT%H:%M:%S%z', 1_707_469_170_000_000n],
    ['2024-02-09T10:00:00+01:75', '%Y-%m-%dT%H:%M:%S%z', null],
    ['2024-02-09T10:00:00+16:00', '%Y-%m-%dT%H:%M:%S%z', null],
    ['9999-12-31 23:59:59.999999', '%Y-%m-%d %H:%M:%S.%f', 253_402_300_799_999_999n],
    ['2262-04-11 23:47:16.854775807', '%Y-%m-%d %H:%M:%S.%n', 9_223_372_036_854_775_807n],
    ['2262-04-11 23:47:16.854775808', '%Y-%m-%d %H:%M:%S.%n', null],
    ['1677-09-21 00:12:43.145224193', '%Y-%m-%d %H:%M:%S.%n', -9_223_372_036_854_775_807n],
    ['3', '%I', -2_208_978_000_000_000n],
  ] as const)('%s by %s', ([text, format, expected]) => {
    const { values } = times.evaluate(lit(text).tryParseTime(format));
    expect(values[0]).toBe(expected);
    const row = times.evaluate(lit(text).parseTime(format)).values[0];
    expect(row).toBe(expected ?? 'fails');
  });

  test.for([
    ['%Y-%m-%d', 'timestamp(us,local)?'],
    ['%Y-%m-%d %z', 'timestamp?'],
    ['%Y-%m-%d %n', 'timestamp(ns,local)?'],
    ['%Y-%m-%d %n %z', 'timestamp(ns)?'],
  ] as const)('%s makes %s', ([format, expected]) => {
    const { type, nullable } = typeOf(col('text').tryParseTime(format).node, SCHEMA);
    expect(typeToString(type) + (nullable ? '?' : '')).toBe(expected);
  });
});

describe('what a pattern is refused for', () => {
  const LETTERS =
    'there are %Y %y %m %d %H %I %p %M %S %g %f %n %z %Z %a %A %b %B %j %w %u %U %W %V %G %%, ' +
    '%c %x %X, and %-y %-m %-d %-H %-I %-M %-S %-j';
  test.for([
    [col('d').format('%Q'), `'%Q' is no format: %Q is no letter of it; ${LETTERS}`],
    [col('d').format('%-b'), `'%-b' is no format: %-b is no letter of it; ${LETTERS}`],
    [col('d').format('abc%'), "'abc%' is no format: it ends with a single %; write %% for"],
    [col('d').format('YYYY-MM-DD'), "'YYYY-MM-DD' has no letter behind a %, such as '%Y-%m-%d'"],
    [col('clock').format('HH:mm'), "'HH:mm' has no letter behind a %, such as '%H:%M:%S'"],
    [col('text').parseTime('yyyy'), "'yyyy' has no letter behind a %, such as '%Y-%m-%d'"],
    [col('d').format(''), "'' is no format: it is empty"],
    [
      col('clock').format('%Y'),
      '%Y says nothing of a time; there are %H %I %p %M %S %g %f %n %%, %c',
    ],
    [col('text').parseTime('%Y %Z'), '%Z is not parsed; there are'],
    [col('text').parseTime('%Y %j %U'), "'%Y %j %U' says the day twice"],
    [col('text').parseTime('%G %G'), "'%G %G' says the day twice"],
    [col('text').parseTime('%u %u'), "'%u %u' says the day twice"],
    [col('n').parseTime('%Y'), 'n is int32; parseTime takes texts'],
    [col('n').format('%Y'), 'n is int32; format takes dates, timestamps, times'],
  ] as const)('%#', ([expr, message]) => {
    expect(() => typeOf(expr.node, SCHEMA)).toThrow(message);
  });
});
