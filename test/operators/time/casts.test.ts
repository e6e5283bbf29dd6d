/** Casts between dates, times and timestamps give what DuckDB gives. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { col, lit } from '../../../src/operators/expr.ts';
import { DuckTimes } from './duck-times.ts';

let times: DuckTimes;
beforeAll(async () => {
  times = await DuckTimes.open(400);
});
afterAll(() => times.close());

const CASTS: readonly (readonly [string, string, string])[] = [
  ['us', 'timestamp(ms,local)', 'TIMESTAMP_MS'],
  ['us', 'timestamp(s,local)', 'TIMESTAMP_S'],
  ['us', 'timestamp(ns,local)', 'TIMESTAMP_NS'],
  ['us', 'timestamp', 'TIMESTAMP'],
  ['us', 'date', 'DATE'],
  ['us', 'time', 'TIME'],
  ['utc', 'timestamp(us,local)', 'TIMESTAMP'],
  ['utc', 'date', 'TIMESTAMP::DATE'],
  ['utc', 'time', 'TIMESTAMP::TIME'],
  ['ms', 'timestamp(us,local)', 'TIMESTAMP'],
  ['ms', 'timestamp(s,local)', 'TIMESTAMP_S'],
  ['ms', 'timestamp(ns,local)', 'TIMESTAMP_NS'],
  ['ms', 'date', 'DATE'],
  ['ms', 'time', 'TIME'],
  ['s', 'timestamp(ms,local)', 'TIMESTAMP_MS'],
  ['s', 'timestamp(us,local)', 'TIMESTAMP'],
  ['s', 'date', 'DATE'],
  ['s', 'time', 'TIME'],
  ['ns', 'timestamp(us,local)', 'TIMESTAMP'],
  ['ns', 'date', 'DATE'],
  ['ns', 'time', 'TIME'],
  ['d1', 'timestamp(us,local)', 'TIMESTAMP'],
  ['d1', 'timestamp(ms,local)', 'TIMESTAMP_MS'],
  ['d1', 'timestamp(s,local)', 'TIMESTAMP_S'],
  ['d1', 'timestamp(ns,local)', 'TIMESTAMP_NS'],
];

describe('cast', () => {
  test.for(CASTS)('%s to %s', async ([name, type, duck]) => {
    const narrow = name === 'd1' && type.includes('s,local');
    const sql = `${name}::${duck}`;
    await times.check(col(name).cast(type as 'date'), sql, { narrow });
    await times.check(col(name).tryCast(type as 'date'), sql, { narrow });
  });

  // DuckDB cuts nanoseconds towards 0 in these, and has no cast to the first two.
  test.for([
    ['1969-12-31 23:59:58.500000000', 'timestamp(s)', -2n],
    ['1969-12-31 23:59:59.998500001', 'timestamp(ms)', -1n],
    ['1969-12-31 23:59:59.999999999', 'timestamp(us)', -1n],
    ['1969-12-31 23:59:59.999999999', 'date', -1],
    ['1969-12-31 23:59:59.999999999', 'time', 86_399_999_999n],
  ] as const)('%s to %s', ([text, to, expected]) => {
    const at = lit(text).parseTime('%Y-%m-%d %H:%M:%S.%n');
    expect(times.evaluate(at.cast(to)).values[0]).toBe(expected);
  });

  test('no rows fail where none are selected', () => {
    const none = col('n').isNull().and(col('n').isNotNull());
    const huge = lit(new Date(8.64e15)).cast('timestamp(ns,local)').isNull();
    expect(new Set(times.evaluate(none.and(huge)).values)).toEqual(new Set([false]));
  });

  test('a constant that does not fit fails every row, and no other', () => {
    const far = lit(new Date(8.64e15)).cast('timestamp(ns)');
    expect(new Set(times.evaluate(far).values)).toEqual(new Set(['fails']));
  });
});
