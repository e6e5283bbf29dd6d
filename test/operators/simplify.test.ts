import { expect, test } from 'vitest';
import { toSchema } from '../../src/arrow/schema-literal.ts';
import { coalesce, col, type Expr, lit, struct, when } from '../../src/index.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { programToString } from '../../src/operators/program-text.ts';

const SCHEMA = toSchema({ n: 'int32', m: 'int32?', l: 'int64?', p: 'bool?', t: 'utf8?' });

function compiled(expr: Expr) {
  const step = { kind: 'select', columns: [{ name: 'r', expr: expr.node }] } as const;
  const { steps, output } = compileSteps([step], SCHEMA);
  const [only] = steps;
  if (only?.kind !== 'project') throw new Error('not a projection');
  return { text: programToString(only.columns[0]!.program), type: output.fields[0]!.type.kind };
}

const [n, m, l, p, t] = ['n', 'm', 'l', 'p', 't'].map(col) as [Expr, Expr, Expr, Expr, Expr];
// Fails on every row, and so is no constant.
const fails = lit('x').cast('int32');

const SIMPLIFIED: readonly (readonly [expr: Expr, text: string, type?: string])[] = [
  [when(lit(true), 1).otherwise(n), '1'],
  [when(lit(false), 1).otherwise(n.add(1)), 'n + 1'],
  [when(lit(null).and(true), 1).otherwise(n.add(1)), 'n + 1'],
  [when(p, 1).when(lit(true), 2).when(n.gt(1), 3).otherwise(4), 'case when p then 1 else 2 end'],
  [when(lit(false), 1).when(p, 2).otherwise(3), 'case when p then 2 else 3 end'],
  [when(lit(1).gt(2), fails).otherwise(7), '7'],
  // What is left keeps the type in which all meet.
  [when(lit(true), m).otherwise(l), 'cast(m, int64)', 'int64'],
  [coalesce(m, 5, l), 'coalesce(cast(m, int64), 5)', 'int64'],
  [coalesce(lit(5), m), '5', 'int32'],
  [coalesce(lit(5), l), '5', 'int64'],
  [coalesce(null, m, null), 'm', 'int32'],
  [coalesce(m, n, fails), 'coalesce(m, n)'],
  [coalesce(n.add(1), m), 'n + 1'],
  [lit(true).and(p), 'p'],
  [p.and(false), 'false'],
  [p.or(true), 'true'],
  [lit(false).or(p), 'p'],
  [n.add(1).gt(2).and(false), 'false'],
  [lit(false).and(n.add(1).gt(2)), 'false'],
  [n.add(null), 'null', 'int32'],
  [lit(null).sub(l), 'null', 'int64'],
  [t.eq(null), 'null', 'bool'],
  [m.cast('int64').lt(null), 'null', 'bool'],
  [m.add(1).lt(null), '(m + 1) < null', 'bool'],
  [t.eq(null).and(p), 'null and p'],
  [t.substring(2, null).length(), 'null', 'int64'],
  [t.replace('a', null), 'null', 'utf8'],
  [when(p, n.mul(null)).otherwise(1), 'case when p then null else 1 end', 'int32'],
  [t.eq(null).isNull(), 'true'],
  [coalesce(m.add(null), 5), '5', 'int32'],
  [t.concat(null), 'null', 'utf8'],
  [struct({ a: n, b: t }).field('a').add(1), 'n + 1'],
  [
    struct({ a: struct({ b: t }) })
      .field('a')
      .field('b')
      .concat('!'),
    "concat(t, '!')",
  ],
];

test.for(SIMPLIFIED.map(([expr, text, type]) => [text, expr, type] as const))('%s', (line) => {
  const [text, expr, type] = line;
  const found = compiled(expr);
  expect(found.text).toBe(text);
  if (type !== undefined) expect(found.type).toBe(type);
});

test('what fails stays where it would be evaluated, and only there', () => {
  expect(compiled(when(p, fails).otherwise(1)).text).toContain("cast('x', int32)");
  expect(compiled(coalesce(fails, 1)).text).toBe("cast('x', int32)");
});
