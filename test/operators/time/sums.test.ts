/** Constants in sums of times, the types of sums, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SchemaLiteral, toSchema } from '../../../src/arrow/schema-literal.ts';
import { typeToString } from '../../../src/arrow/schema-text.ts';
import { duration } from '../../../src/operators/expr/duration.ts';
import { col, type Expr, lit } from '../../../src/operators/expr.ts';
import { exprToString } from '../../../src/operators/expr-text.ts';
import { typeOf } from '../../../src/operators/lower.ts';
import { DuckTimes, TIMES } from './duck-times.ts';

let times: DuckTimes;
beforeAll(async () => {
  times = await DuckTimes.open(200);
});
afterAll(() => times.close());

const SCHEMA = toSchema({ ...TIMES, big: 'uint64', flag: 'bool' } as SchemaLiteral);
const HOUR = duration({ hours: 1 });

describe('constants', () => {
  const SAME: readonly (readonly [Expr, string])[] = [
    [col('us').add(HOUR), 'us + INTERVAL 1 HOUR'],
    [col('us').sub('PT1H'), 'us - INTERVAL 1 HOUR'],
    [HOUR.add(col('clock')), 'clock + INTERVAL 1 HOUR'],
    [col('us').sub('1970-01-01'), "us - TIMESTAMP '1970-01-01'"],
    [lit('2024-01-01').sub(col('us')), "TIMESTAMP '2024-01-01' - us"],
    [col('d1').sub('2024-01-01'), "d1 - DATE '2024-01-01'"],
    [col('d1').add(7), 'd1 + 7'],
    [lit(7).add(col('d1')), 'd1 + 7'],
    [lit(new Date(0)).add(duration('P1D')), "TIMESTAMP '1970-01-02'"],
    [lit(new Date(0)).add(col('n'), 'day'), "TIMESTAMP '1970-01-01' + to_days(n)"],
    [col('us').add(1, 'month'), 'us + INTERVAL 1 MONTH'],
    [lit(new Date(0)).extract('dayOfWeek'), '4'],
    [col('us').diff('2024-02-29', 'day'), "date_diff('day', TIMESTAMP '2024-02-29', us)"],
    [HOUR.mul(col('n')), 'INTERVAL 1 HOUR * n'],
    [col('took').gt(HOUR), 'took > INTERVAL 1 HOUR'],
    [col('took').in(['PT0S', 'P1D']), 'took IN (INTERVAL 0 DAY, INTERVAL 1 DAY)'],
  ];
  test.for(SAME.map(([expr, sql]) => [exprToString(expr.node), expr, sql] as const))(
    '%s',
    async ([, expr, sql]) => {
      await times.check(expr, sql, { narrow: true });
      const { values } = times.evaluate(expr);
      expect(values.filter((value) => value !== null && value !== 'fails').length).toBeGreaterThan(
        20,
      );
    },
  );

  test.for(
    [
      col('us').add(null),
      lit(null).add(col('took')),
      col('d1').sub(null),
      col('took').mul(null),
      col('us').add(lit(null), 'day'),
      col('us').diff(null, 'day'),
      lit(null).truncate('day'),
      lit(null).extract('hour'),
      lit(null).format('%Y'),
      lit(null).parseTime('%Y'),
    ].map((expr) => [exprToString(expr.node), expr] as const),
  )('%s is null', ([, expr]) => {
    expect(new Set(times.evaluate(expr).values)).toEqual(new Set([null]));
  });

  test('a constant that overflows fails the rows that need it', () => {
    const far = lit(new Date(8.64e15)).add(duration({ days: 1e8 }));
    expect(new Set(times.evaluate(far).values)).toEqual(new Set(['fails']));
    const unneeded = col('n').isNull().and(col('n').isNotNull()).and(far.isNull());
    expect(new Set(times.evaluate(unneeded).values)).toEqual(new Set([false]));
  });
});

test.for([
  ['s', HOUR, 'timestamp(us,local)'],
  ['ms', HOUR, 'timestamp(us,local)'],
  ['utc', HOUR, 'timestamp'],
  ['ns', HOUR, 'timestamp(ns,local)'],
  ['d1', HOUR, 'timestamp(us,local)'],
  ['clock', HOUR, 'time'],
  ['took', HOUR, 'duration'],
  ['d1', lit(1), 'date'],
] as const)('%s + %# is of its type', ([name, other, expected]) => {
  expect(typeToString(typeOf(col(name).add(other).node, SCHEMA).type)).toBe(expected);
});

describe('refused', () => {
  const REFUSED: readonly (readonly [Expr, string])[] = [
    [col('us').add(col('us2')), 'dates, times and timestamps take durations'],
    [col('us').add(1), 'us + 1: us is timestamp(us,local), 1 is int32; dates, times and'],
    [col('clock').sub(col('clock2')), 'clock - clock2: clock is time'],
    [col('us').sub(col('utc')), 'dates, times and timestamps take durations'],
    [col('us').mul(2), 'dates, times and timestamps take durations'],
    [lit(2).div(col('took')), 'dates, times and timestamps take durations'],
    [col('took').div(col('took2')), 'dates, times and timestamps take durations'],
    [col('d1').add(col('big')), 'd1 + big: d1 is date, big is uint64'],
    [col('us').add('tomorrow'), "'tomorrow' is no duration; write an ISO 8601 duration"],
    [col('us').neg(), '-us: us is timestamp(us,local)'],
    [col('clock').add(1, 'day'), "'day' is no part of a time; there are hour, minute, second"],
    [col('took').add(1, 'month'), "'month' is no part of a duration; there are week, day"],
    [col('us').add(1.5, 'day'), 'a number of days is an integer'],
    [col('us').add(col('big'), 'day'), 'a number of days is an integer'],
    [col('us').truncate('century' as 'day'), "'century' is no part of a timestamp; there are year"],
    [col('clock').truncate('day'), "'day' is no part of a time; there are hour"],
    [col('took').truncate('month'), "'month' is no part of a duration; there are week"],
    [col('n').truncate('hour'), 'truncate takes dates, timestamps, times, durations'],
    [col('took').extract('month'), "'month' is no part of a duration; there are day, hour"],
    [col('flag').extract('hour'), 'extract takes dates, timestamps, times, durations'],
    [col('clock').diff(col('clock2'), 'day'), "'day' is no part of a time"],
    [col('clock').diff(col('us'), 'hour'), 'clock is time, us is timestamp'],
    [col('n').diff(1, 'hour'), 'diff takes two dates or timestamps, or two times'],
    [col('clock').cast('date'), 'there is no cast to date'],
    [col('took').cast('int64'), 'there is no cast to int64'],
  ];
  test.for(REFUSED.map(([expr, why]) => [exprToString(expr.node), expr, why] as const))(
    '%s',
    ([, expr, why]) => {
      expect(() => typeOf(expr.node, SCHEMA)).toThrow(why);
    },
  );
});
