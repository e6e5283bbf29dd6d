/** Parts, spans and sums of times give what DuckDB gives. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { ExtractPart, TimePart } from '../../../src/operators/expr/time.ts';
import { col, type Expr } from '../../../src/operators/expr.ts';
import { functionNamed } from '../../../src/operators/functions/registry.ts';
import { DuckTimes } from './duck-times.ts';

const ROWS = 300;
const CLOCK = ['hour', 'minute', 'second', 'millisecond', 'microsecond'] as const;
const PARTS: readonly TimePart[] = ['year', 'quarter', 'month', 'week', 'day', ...CLOCK];
const EXTRACTS: readonly ExtractPart[] = [
  ...PARTS,
  'dayOfWeek',
  'isoDayOfWeek',
  'dayOfYear',
  'isoYear',
  'epoch',
];
const STAMPS = ['us', 'utc', 'ms', 's', 'ns'] as const;

let times: DuckTimes;
beforeAll(async () => {
  times = await DuckTimes.open(ROWS);
});
afterAll(() => times.close());

// DuckDB adds to instants in doubles of milliseconds.
const exact = (name: string) => (name === 'utc' ? 'utc::TIMESTAMP' : name);

/** Checks a call against the SQL of its own definition. */
async function check(expr: Expr, options?: { narrow: boolean }): Promise<void> {
  const { node } = expr;
  if (node.kind !== 'call') throw new Error('no call');
  const isSum = node.fn === 'add' || node.fn === 'sub';
  const operands = node.operands
    .map((operand) => (operand as { name: string }).name)
    .map((name) => (isSum ? exact(name) : name));
  await times.check(expr, functionNamed(node).sql!(operands, node.options ?? {}), options);
}

describe('extract', () => {
  test.for(EXTRACTS)('%s of dates and timestamps', async (part) => {
    for (const name of ['d1', ...STAMPS]) await check(col(name).extract(part));
  });

  test.for([...CLOCK, 'epoch'] as const)('%s of times', async (part) => {
    await check(col('clock').extract(part));
  });

  // DuckDB's own counts what it was made of: 36 hours are no day there.
  test.for(['day', ...CLOCK, 'epoch'] as const)('%s of durations', async (part) => {
    const normal = "((TIMESTAMP '1970-01-01' + took) - TIMESTAMP '1970-01-01')";
    await times.check(col('took').extract(part), `extract(${part} FROM ${normal})`, {
      narrow: true,
    });
  });
});

test.for(PARTS)('truncate to %s', async (part) => {
  for (const name of ['d1', ...STAMPS]) await check(col(name).truncate(part));
});

describe('truncate', () => {
  test.for(CLOCK)('durations to %s', async (part) => {
    await check(col('took').truncate(part));
  });

  // DuckDB's own cuts what it was made of, where no hours are a day.
  test.for([
    ['day', 86_400],
    ['week', 604_800],
  ] as const)('durations to %s', async ([part, seconds]) => {
    const whole = `to_microseconds((epoch_us(took) // ${seconds}000000) * ${seconds}000000)`;
    await times.check(col('took').truncate(part), whole);
  });

  // DuckDB has none of times.
  test.for(CLOCK)('times to %s', async (part) => {
    await times.check(
      col('clock').truncate(part),
      `date_trunc('${part}', DATE '2024-02-29' + clock)::TIME`,
    );
  });
});

describe('diff', () => {
  test.for(PARTS)('%ss between dates and timestamps', async (part) => {
    const pairs = [
      ['d1', 'd2'],
      ['us', 'us2'],
      ['us', 'd1'],
      ['ms', 'us'],
      ['ns', 'ns2'],
      ['s', 'ms'],
    ] as const;
    for (const [end, start] of pairs) {
      const expr = col(end).diff(col(start), part);
      // DuckDB divides months before the year 0 towards it.
      const at = (name: string) => (start === 'd2' ? name : `${name}::TIMESTAMP`);
      const quarter = (name: string) =>
        `floor((year(${at(name)}) * 12 + month(${at(name)}) - 1) / 3)`;
      const sql = `(${quarter(end)} - ${quarter(start)})::BIGINT`;
      if (part === 'quarter') await times.check(expr, sql);
      else await check(expr, { narrow: true });
    }
  });

  test.for(CLOCK)('%ss between times', async (part) => {
    await check(col('clock').diff(col('clock2'), part));
  });
});

describe('parts added and subtracted', () => {
  test.for(PARTS)('%ss', async (part) => {
    for (const name of ['d1', ...STAMPS]) {
      await check(col(name).add(col('n'), part));
      await check(col(name).sub(col('n'), part));
    }
  });

  test.for(CLOCK)('%ss of times', async (part) => {
    await check(col('clock').add(col('n'), part));
    await check(col('clock').sub(col('n'), part));
  });
});

describe('operators', () => {
  const SUMS: readonly [Expr, string][] = [
    ...['d1', 'clock', 'took2', ...STAMPS].flatMap((name): [Expr, string][] => [
      [col(name).add(col('took')), `${exact(name)} + took`],
      [col(name).sub(col('took')), `${exact(name)} - took`],
      [col('took').add(col(name)), `took + ${exact(name)}`],
    ]),
    [col('d1').add(col('n')), 'd1 + n'],
    [col('n').add(col('d1')), 'n + d1'],
    [col('d1').sub(col('n')), 'd1 - n'],
    [col('d1').sub(col('d2')), 'd1 - d2'],
    [col('us').sub(col('us2')), 'us - us2'],
    [col('us').sub(col('d1')), 'us - d1'],
    [col('d1').sub(col('ms')), 'd1 - ms'],
    [col('s').sub(col('ms')), 's - ms'],
    [col('ns').sub(col('ns2')), 'ns - ns2'],
    [col('took').neg(), '-took'],
    [col('took').mul(col('x')), 'took * x'],
    [col('took').mul(3), 'took * 3'],
    [col('n').mul(col('took')), 'took * n'],
    [col('took').div(col('x')), 'took / x'],
    [col('took').div(col('n')), 'took / n'],
    [col('took').div(3), 'took / 3'],
    [col('took').div(0), 'took / 0'],
  ];
  test.for(SUMS.map(([expr, sql]) => [sql, expr] as const))('%s', async ([sql, expr]) => {
    await times.check(expr, sql);
  });
});

describe('comparisons', () => {
  const PAIRS = [
    ['us', 'ms'],
    ['s', 'us'],
    ['ms', 's'],
    ['us', 'd1'],
    ['d1', 's'],
    ['ns', 'us'],
    ['d1', 'd2'],
    ['took', 'took2'],
    ['clock', 'clock2'],
  ] as const;
  test.for(PAIRS)('%s and %s', async ([a, b]) => {
    await times.check(col(a).lt(col(b)), `${a} < ${b}`);
    await times.check(col(b).le(col(a)), `${b} <= ${a}`);
    await times.check(col(a).eq(col(b)), `${a} = ${b}`);
  });
});
