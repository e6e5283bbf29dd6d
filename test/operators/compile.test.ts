import { expect, test } from 'vitest';
import type { DataType, Schema } from '../../src/arrow/schema.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { col, lit, type Operand, toNode } from '../../src/operators/expr.ts';
import type { Step } from '../../src/operators/step.ts';

const field = (name: string, kind: 'int64' | 'float64' | 'utf8') => ({
  name,
  type: { kind } as DataType,
  nullable: false,
});
const INPUT: Schema = {
  fields: [field('id', 'int64'), field('amount', 'float64'), field('status', 'utf8')],
};

const named = (columns: Record<string, Operand>) =>
  Object.entries(columns).map(([name, operand]) => ({ name, expr: toNode(operand) }));
const filter = (predicate: Operand): Step => ({ kind: 'filter', predicate: toNode(predicate) });
const map = (columns: Record<string, Operand>): Step => ({ kind: 'map', columns: named(columns) });
const select = (columns: Record<string, Operand>): Step => ({
  kind: 'select',
  columns: named(columns),
});
const drop = (...columns: string[]): Step => ({ kind: 'drop', columns });
const rename = (names: Record<string, string>): Step => ({ kind: 'rename', names });
const limit = (rows: number): Step => ({ kind: 'limit', rows });

const compile = (...steps: Step[]) => compileSteps(steps, INPUT);
const outputOf = (...steps: Step[]) =>
  compile(...steps).output.fields.map(({ name, type }) => `${name} ${type.kind}`);

test('steps that keep everything read everything, in the order of the input', () => {
  expect(compile().reads).toEqual(['id', 'amount', 'status']);
  expect(compile(filter(col('amount').gt(1))).reads).toEqual(['id', 'amount', 'status']);
});

test('what no step and no output needs is not read', () => {
  const kept = select({ id: col('id') });
  expect(compile(filter(col('status').eq('paid')), kept).reads).toEqual(['id', 'status']);
  expect(compile(drop('status')).reads).toEqual(['id', 'amount']);
  expect(compile(map({ x: col('amount').mul(2) }), kept).reads).toEqual(['id']);
  expect(compile(map({ amount: lit(1) })).reads).toEqual(['id', 'status']);
  expect(compile(rename({ status: 's' }), drop('s')).reads).toEqual(['id', 'amount']);
  expect(compile(rename({ id: 'n' }), filter(col('n').gt(1)), select({ one: 1 })).reads).toEqual([
    'id',
  ]);
});

test('expressions that nothing reads are left out', () => {
  const { steps } = compile(map({ x: col('id').mul(2), y: col('id').add(1) }), drop('x'));
  expect(steps).toMatchObject([
    { kind: 'project', columns: [{ name: 'id' }, {}, {}, { name: 'y' }] },
  ]);
});

test('map adds at the end and replaces in place; select orders; rename keeps the place', () => {
  expect(outputOf(map({ z: col('id'), amount: col('status') }))).toEqual([
    'id int64',
    'amount utf8',
    'status utf8',
    'z int64',
  ]);
  expect(outputOf(select({ status: col('status'), n: col('id').add(1) }))).toEqual([
    'status utf8',
    'n int64',
  ]);
  expect(outputOf(rename({ id: 'amount', amount: 'id' }))).toEqual([
    'amount int64',
    'id float64',
    'status utf8',
  ]);
});

test('the result is frozen and survives a structured clone', () => {
  const compiled = compile(filter(col('id').in([1, 2])), map({ x: col('id').add(1n) }), limit(5));
  expect(structuredClone(compiled)).toEqual(compiled);
  expect(Object.isFrozen(compiled.steps[0])).toBe(true);
  expect(Object.isFrozen(compiled.output.fields[0]!.type)).toBe(true);
});

test('a limit goes in front of projections, and each has a number', () => {
  const kinds = (...steps: Step[]) => compile(...steps).steps.map(({ kind }) => kind);
  expect(kinds(map({ x: col('id').add(1) }), limit(3))).toEqual(['limit', 'project']);
  expect(kinds(filter(col('id').gt(1)), limit(3))).toEqual(['filter', 'limit']);
  const two = compile(limit(7), map({ x: lit(1) }), limit(3), limit(9)).steps;
  expect(two.map((step) => (step.kind === 'limit' ? step.number : step.kind))).toEqual([
    ...[0, 1, 2, 'project'],
  ]);
});

const REFUSED: readonly [string, Step[], string][] = [
  ['UNKNOWN_COLUMN', [drop('stat')], 'no column stat for drop; there are status, '],
  ['UNKNOWN_COLUMN', [drop('id'), filter(col('id').gt(1))], 'no column id for an expression'],
  ['UNKNOWN_COLUMN', [rename({ ID: 'x' })], 'no column ID for rename; there are id, '],
  [
    'TYPE_MISMATCH',
    [filter(col('id'))],
    'id: id is int64; a predicate is a bool; compare id: .gt(',
  ],
  ['INVALID_PLAN', [rename({ id: 'status' })], 'rename makes two columns status'],
  ['INVALID_PLAN', [drop('id', 'amount', 'status')], 'drop leaves no column'],
  ['INVALID_PLAN', [{ kind: 'exchange', by: ['id'] }], 'exchange is reserved'],
  ['INVALID_OPTION', [limit(1.5)], 'limit() takes a whole number from 0 on, not 1.5'],
];

test.for(REFUSED)('%s: $2', ([code, steps, message]) => {
  expect(() => compile(...steps)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  );
});
