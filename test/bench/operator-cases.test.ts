/** The suite `operators` has a case of everything that expressions can be made of. */
import { expect, test } from 'vitest';
import { OPERATOR_CASES } from '../../bench/operators/cases.ts';
import { CASE_SCHEMA } from '../../bench/operators/millrace.ts';
import type { ExprNode } from '../../src/operators/expr/node.ts';
import { OPERATORS } from '../../src/operators/functions/operators.ts';
import { FUNCTIONS } from '../../src/operators/functions/registry.ts';
import { KERNELS } from '../../src/operators/kernels/registry.ts';
import { lower } from '../../src/operators/lower.ts';
import { type Program, partsOf } from '../../src/operators/program.ts';

/** What makes columns and constants, or nodes of others. */
const NO_KERNELS = ['col', 'lit', 'duration', 'between'];

function namesIn(node: ExprNode): readonly string[] {
  switch (node.kind) {
    case 'unary':
      return [node.op, ...namesIn(node.operand)];
    case 'binary':
      return [node.op, ...namesIn(node.left), ...namesIn(node.right)];
    case 'in':
    case 'field':
      return [node.kind, ...namesIn(node.operand)];
    case 'coalesce':
      return [node.kind, ...node.operands.flatMap(namesIn)];
    case 'call':
      return [`${node.fn}()`, ...node.operands.flatMap(namesIn)];
    default:
      return [];
  }
}

const used = new Set(OPERATOR_CASES.flatMap(({ expr }) => namesIn(expr.node)));

test('of every operator', () => {
  const names = OPERATORS.flatMap(({ operators }) => operators.map(({ name }) => name));
  expect(names.filter((name) => !NO_KERNELS.includes(name) && !used.has(name))).toEqual([]);
});

test('of every function', () => {
  const names = FUNCTIONS.map(({ name }) => name);
  expect(names.filter((name) => !used.has(`${name}()`))).toEqual([]);
});

test('of every kernel of a function', () => {
  const kernels = new Set<string>();
  const visit = (program: Program) => {
    if (program.kind === 'call') kernels.add(program.kernel);
    partsOf(program).forEach(visit);
  };
  for (const { expr, made } of OPERATOR_CASES) {
    if (made === undefined) visit(lower(expr.node, CASE_SCHEMA).program);
  }
  // The length of bytes is that of lists, their offsets.
  const missing = [...KERNELS.keys()].filter((name) => !kernels.has(name));
  expect(missing).toEqual(['bytesLength']);
});

test('of every step that makes other rows, or keeps some', () => {
  const steps = OPERATOR_CASES.flatMap(({ made }) => (made === undefined ? [] : [made.step.kind]));
  expect(steps).toEqual(expect.arrayContaining(['unnest', 'distinct', 'sample']));
  expect(OPERATOR_CASES.map(({ gives }) => gives)).toContain('rows');
});

test('each with a name of its own', () => {
  const names = OPERATOR_CASES.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});
