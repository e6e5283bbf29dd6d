import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { coalesce, col, type Expr, lit } from '../../src/operators/expr.ts';
import { exprToString } from '../../src/operators/expr-text.ts';

const PRINTED: readonly [Expr, string][] = [
  [col('amount').mul(0.92).gt(1000), '(amount * 0.92) > 1000'],
  [col('a').and(col('b').not()), 'a and (not b)'],
  [col('status').in(['paid', "it's", null]), "status in ('paid', 'it''s', null)"],
  [col('n').in([...Array(12).keys()]), 'n in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 2 more)'],
  [col('net worth').isNotNull(), '"net worth" is not null'],
  [coalesce(col('a'), 1n, true), 'coalesce(a, 1, true)'],
  [col('home').field('city').ne('Rome'), "home.city <> 'Rome'"],
  [col('at').lt(new Date(0)), "at < timestamp '1970-01-01T00:00:00.000Z'"],
  [col('n').sub(-5).neg(), '-(n - (-5))'],
];

test.for(PRINTED)('prints as $1', ([expr, text]) => {
  expect(exprToString(expr.node)).toBe(text);
});

test('an expression is frozen data that survives a structured clone', () => {
  const { node } = coalesce(col('a').in([1, 2n]), lit(false)).or(col('b').eq('x'));
  expect(structuredClone(node)).toEqual(node);
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    expect(Object.isFrozen(part)).toBe(true);
    Object.values(part).forEach(visit);
  };
  visit(node);
});

test.for([
  [10n ** 38n, '100000000000000000000000000000000000000 has more than the 38 digits of a decimal'],
  ['\ud800', '"\\ud800" has a lone surrogate, which UTF-8 cannot hold'],
  [new Date(Number.NaN), 'Invalid Date is no point in time'],
  [undefined as unknown as null, /^lit: value is missing; give a constant: null, a boolean/],
] as const)('refuses the constant $0', ([value, message]) => {
  expect(() => lit(value)).toThrow(message);
});

const NATIVE: readonly [use: (n: number) => unknown, text: string, wayOut: string][] = [
  [(n) => n + 1, "JavaScript's own operator is used on the expression id * 2", '.add(1)'],
  // biome-ignore lint/suspicious/noDoubleEquals: what is tried is this operator
  [(n) => n == 3, "JavaScript's own operator is used on the expression id * 2", '.eq(1) for =='],
  [(n) => n > 3, "JavaScript's own operator is used on the expression id * 2", '.gt(3)'],
  [(n) => -n, "JavaScript's own operator is used on the expression id * 2", '.neg()'],
  [(n) => `no. ${n}`, 'a text is made of the expression id * 2', 'concat('],
];

test.for(NATIVE)('is no operand of %s', ([use, text, wayOut]) => {
  const error = expect.objectContaining({ code: 'INVALID_OPTION' });
  const run = () => use(col('id').mul(2) as unknown as number);
  expect(run).toThrow(error);
  expect(run).toThrow(text);
  expect(run).toThrow(wayOut);
});

test('can be printed all the same', () => {
  expect(inspect(col('id'))).toContain("name: 'id'");
  expect(format(col('id'))).toContain("name: 'id'");
  expect(JSON.stringify(col('id'))).toContain('"id"');
});
