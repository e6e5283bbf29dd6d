import { expect, test } from 'vitest';
import { compileSteps } from '../../src/operators/compile.ts';
import { col, type Expr, greatest, least } from '../../src/operators/expr.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import { columnToValues } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeColumn } from './make-column.ts';
import { valuesOf } from './run-expr.ts';

const A = [true, true, true, false, false, false, null, null, null];
const B = [true, false, null, true, false, null, true, false, null];

const TABLES: readonly [string, Expr, readonly (boolean | null)[]][] = [
  ['and', col('a').and(col('b')), [true, false, null, false, false, false, null, false, null]],
  ['or', col('a').or(col('b')), [true, true, true, true, false, null, true, null, null]],
  ['not', col('a').not(), [false, false, false, true, true, true, null, null, null]],
  ['=', col('a').eq(col('b')), [true, false, null, false, true, null, null, null, null]],
];

test.for(TABLES)('%s has the truth table of SQL', ([, expr, expected]) => {
  const wasm = makeInstance({ megabytes: 32 });
  const type = { kind: 'bool' } as const;
  const schema = { fields: ['a', 'b'].map((name) => ({ name, type, nullable: true })) };
  const columns = new Map([
    ['a', makeColumn(wasm, type, A)],
    ['b', makeColumn(wasm, type, B)],
  ]);
  const step = { kind: 'select', columns: [{ name: 'x', expr: expr.node }] } as const;
  const runner = new StepRunner(wasm, compileSteps([step], schema));
  const result = runner.run(columns, { address: 0, count: A.length });
  expect(columnToValues(wasm, result.columns.get('x')!)).toEqual(expected);
});

test.for([least, greatest])('%o keeps the first of equal zeros', (extreme) => {
  const wasm = makeInstance({ megabytes: 32 });
  openArena(wasm);
  const columns = {
    a: ['float64', [0, -0, null, -0]],
    b: ['float64', [-0, 0, -0, null]],
  } as const;
  expect(valuesOf(wasm, extreme(col('a'), col('b')), columns)).toEqual([0, -0, -0, -0]);
});
