import { expect, test } from 'vitest';
import { type FieldLiteral, toSchema } from '../../src/arrow/schema-literal.ts';
import { col, duration, type Expr, lit, when } from '../../src/index.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { programToString } from '../../src/operators/program-text.ts';

function textOf(type: string, expr: Expr): string {
  const schema = toSchema({ v: type as FieldLiteral });
  const step = { kind: 'select', columns: [{ name: 'r', expr: expr.node }] } as const;
  const [compiled] = compileSteps([step], schema).steps;
  return compiled?.kind === 'project' ? programToString(compiled.columns[0]!.program) : '';
}

const v = col('v');
const CONSTANTS: readonly (readonly [type: string, expr: Expr, text: string])[] = [
  ['decimal(12,2)', v.ge(10), 'v >= 10.00'],
  ['decimal(12,2)', v.ge('-0.5'), 'v >= -0.50'],
  ['decimal(12,0)', v.ge(10), 'v >= 10'],
  ['decimal(12,2)', v.in([1, 2.5, null]), 'v in (1.00, 2.50, null)'],
  ['int64', v.ge(10n), 'v >= 10'],
  ['uint64', v.ge(10n), 'v >= 10'],
  ['int8', v.eq(-1), 'v = -1'],
  ['float64', v.lt(-0), 'v < -0'],
  ['float32', v.lt(0.5), 'v < 0.5'],
  ['bool', v.eq(true), 'v = true'],
  ['utf8', v.eq("it's"), "v = 'it''s'"],
  ['utf8', v.in(["it's", '']), "v in ('it''s', '')"],
  ['date', v.lt('2024-05-01'), "v < date '2024-05-01'"],
  ['date', v.in(['2024-05-01', '2024-05-02']), "v in (date '2024-05-01', date '2024-05-02')"],
  ['time', v.lt('12:30:00.5'), "v < time '12:30:00.500000'"],
  ['duration', v.lt(duration({ minutes: 90 })), "v < duration 'PT1H30M'"],
  ['timestamp(ms)', v.lt('2024-05-01T12:00:00+02:00'), "v < timestamp(ms) '2024-05-01T10:00:00Z'"],
  [
    'timestamp(ns,local)',
    v.lt('2024-05-01T12:00:00'),
    "v < timestamp(ns,local) '2024-05-01T12:00:00'",
  ],
  ['timestamp', v.lt(new Date(1500)), "v < timestamp '1970-01-01T00:00:01.500000Z'"],
  [
    'decimal(12,2)',
    when(v.isNull(), lit(0)).otherwise(v),
    'case when v is null then 0.00 else v end',
  ],
];

test.for(CONSTANTS)('of %s: %s', ([type, expr, text]) => {
  expect(textOf(type, expr)).toBe(text);
});

test('names functions as methods are named', () => {
  expect(textOf('utf8', v.length())).toBe('length(v)');
  expect(textOf(['utf8'] as unknown as string, v.length().add(1))).toMatch(/^length\(v\)/);
  expect(textOf(['utf8'] as unknown as string, v.get(1))).toBe('get(v, 1)');
  expect(textOf(['utf8'] as unknown as string, v.contains('a'))).toBe("contains(v, 'a')");
});
