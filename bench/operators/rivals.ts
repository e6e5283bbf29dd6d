/** The same loop in plain JavaScript, and arquero. */
import type { ColumnTable } from 'arquero';
import type { TableRow } from '../data/table.ts';
import type { Contender } from '../measure.ts';
import type { OperatorCase } from './case.ts';
import { outcomeOf, type Weighted } from './outcome.ts';
import { PLAIN_FUNCTIONS } from './plain-functions.ts';

type Loop<T> = (rows: readonly TableRow[]) => T[];

// Each case gets a function of its own, as a programmer would write it: one that took the
// expression as a function would be slower, since its call goes many ways.
function compileLoop<T>(body: string): Loop<T> {
  const names = Object.keys(PLAIN_FUNCTIONS);
  const make = new Function(...names, `return (rows) => { ${body} };`);
  return make(...Object.values(PLAIN_FUNCTIONS)) as Loop<T>;
}

/** A `for` loop over an array of objects, into a new array; undefined where nobody writes it. */
export function plain(rows: readonly TableRow[], definition: OperatorCase): Contender | undefined {
  const { plain: text, scale = 1, made } = definition;
  if (made !== undefined) return made.plain === null ? undefined : plainRows(rows, made.plain);
  if (text === null) return undefined;
  if (definition.gives === 'rows') {
    const loop = compileLoop<TableRow>(
      `const out = []; for (const d of rows) { if (${text}) out.push(d); } return out;`,
    );
    return {
      engine: 'plain loop',
      run: () => loop(rows),
      result: () => outcomeOf(loop(rows).map(({ a, w }): Weighted => [a, w])),
    };
  }
  const loop = compileLoop<unknown>(
    'const out = new Array(rows.length); ' +
      `for (let r = 0; r < rows.length; r++) { const d = rows[r]; out[r] = ${text}; } return out;`,
  );
  return {
    engine: 'plain loop',
    run: () => loop(rows),
    result: () =>
      outcomeOf(
        loop(rows).map((value, r): Weighted => [value, rows[r]!.w]),
        scale,
      ),
  };
}

function plainRows(rows: readonly TableRow[], body: string): Contender {
  const loop = compileLoop<{ value: unknown; w: number }>(`const out = []; ${body} return out;`);
  return {
    engine: 'plain loop',
    run: () => loop(rows),
    result: () => outcomeOf(loop(rows).map(({ value, w }): Weighted => [value, w])),
  };
}

/**
 * Arquero's `derive` of a column, or its `filter` and the kept rows of two columns; undefined where
 * it has no such function.
 */
export function arquero(table: ColumnTable, definition: OperatorCase): Contender | undefined {
  const { scale = 1, gives } = definition;
  const run = arqueroRun(table, definition);
  if (run === undefined) return undefined;
  return {
    engine: 'arquero',
    run,
    result() {
      const made = run();
      const value = made.getter(gives === 'rows' ? 'a' : 'value');
      const weight = made.getter('w');
      const rows = Array.from(
        { length: made.numRows() },
        (_, row): Weighted => [value(row), weight(row)],
      );
      return outcomeOf(rows, scale);
    },
  };
}

function arqueroRun(table: ColumnTable, { gives, made, ...texts }: OperatorCase) {
  const step = made?.arquero;
  if (made !== undefined) return step ? () => step(table) : undefined;
  const body = texts.arquero === undefined ? texts.plain : texts.arquero;
  if (body === null) return undefined;
  const text = `d => ${body}`;
  return () =>
    gives === 'rows' ? table.filter(text).select('a', 'w').reify() : table.derive({ value: text });
}
