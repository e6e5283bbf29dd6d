/** Steps that make other rows, or keep some. */
import { col } from '../../src/operators/expr.ts';
import type { MadeRows, OperatorCase } from './case.ts';
import { MORSEL_ROWS } from './table.ts';

const made = (name: string, rows: MadeRows, value: string): OperatorCase => ({
  name,
  gives: 'number',
  expr: col(value),
  plain: null,
  sql: null,
  made: rows,
});

/** Cases of steps. */
export const STEP_CASES: readonly OperatorCase[] = [
  made(
    'unnest',
    {
      step: { kind: 'unnest', columns: [{ column: 'tags', as: 'tag' }], outer: false },
      plain: 'for (const d of rows) for (const tag of d.tags) out.push({ value: tag, w: d.w });',
      arquero: (table) => table.select({ tags: 'value', w: 'w' }).unroll('value'),
      sql: 'SELECT unnest(tags) AS value, w FROM t',
    },
    'tag',
  ),
  made(
    'distinct within a morsel',
    {
      step: { kind: 'distinct', columns: ['w'] },
      plain: `
        for (let from = 0; from < rows.length; from += ${MORSEL_ROWS}) {
          const seen = new Set();
          for (let r = from; r < Math.min(from + ${MORSEL_ROWS}, rows.length); r++) {
            const { w } = rows[r];
            if (seen.has(w)) continue;
            seen.add(w);
            out.push({ value: w, w });
          }
        }`,
      arquero: (table) =>
        table
          .derive({ morsel: `d => floor((row_number() - 1) / ${MORSEL_ROWS})`, value: 'd => d.w' })
          .dedupe('morsel', 'w'),
      sql: `SELECT DISTINCT w AS value, w, rowid // ${MORSEL_ROWS} AS morsel FROM t`,
    },
    'w',
  ),
  // Nobody else draws the same rows.
  made(
    'sample of a tenth',
    {
      step: { kind: 'sample', fraction: 0.1, seed: 7 },
      plain: null,
      arquero: null,
      sql: null,
    },
    'a',
  ),
];
