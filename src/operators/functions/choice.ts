/** `case when`, `least`, `greatest`. */
import { isCompared } from '../lower-compare.ts';
import type { Program, Typed } from '../program.ts';
import { typeMismatch } from '../type-mismatch.ts';
import { describe } from '../unify.ts';
import { unifyAny } from '../unify-nested.ts';
import type { CallSite } from './call-site.ts';
import type { FunctionDefinition } from './definition.ts';

function lowerCase(site: CallSite): Typed {
  const { node } = site;
  const last = node.operands.length - 1;
  const isValue = (_: unknown, i: number) => i === last || i % 2 === 1;
  const nodes = node.operands.filter(isValue);
  const values = site.operands.filter(isValue);
  const { type, operands } = unifyAny(node, nodes, values);
  if (operands.every(({ program }) => program.kind === 'constant' && program.value === null)) {
    throw typeMismatch(node, [], 'nulls alone have no type; add a value that has one');
  }
  const programs: Program[] = [];
  for (let i = 0; i < last; i += 2) {
    const condition = site.typed(i, { kind: 'bool' });
    if (condition.type.kind !== 'bool') {
      throw typeMismatch(node, describe([node.operands[i]!], [condition]), 'conditions are bools');
    }
    programs.push(condition.program, operands[i / 2]!.program);
  }
  programs.push(operands.at(-1)!.program);
  const nullable = operands.some((operand) => operand.nullable);
  return { program: { kind: 'case', operands: programs, type }, type, nullable };
}

function lowerExtreme(site: CallSite): Typed {
  const { type, operands } = unifyAny(site.node, site.node.operands, site.operands);
  if (operands.every(({ program }) => program.kind === 'constant' && program.value === null)) {
    throw typeMismatch(site.node, [], 'nulls alone have no type; add an operand that has one');
  }
  if (!isCompared(type)) throw site.mismatch('values are compared, which json is not');
  const nullable = operands.every((operand) => operand.nullable);
  return site.call(site.node.fn, operands, { type, nullable, cost: operands.length * 2 });
}

const SCHEMA = { a: 'int32?', b: 'int32' } as const;

/** Functions that choose between values. */
export const CHOICE_FUNCTIONS: readonly FunctionDefinition[] = [
  {
    name: 'case',
    group: 'choice',
    usage: 'when(condition, value).when(condition, value).otherwise(value)',
    types: '(bool, T, …, T) -> T',
    summary:
      'The value of the first branch whose condition is true, of any type; `.end()` in place of ' +
      '`.otherwise` gives null where none is. A value is evaluated only on its rows, so that it ' +
      'cannot fail on others.',
    examples: [
      {
        code: "when(col('b').gt(100), 'big').when(col('b').gt(10), 'middle').otherwise('small')",
        schema: SCHEMA,
        row: { a: null, b: 11 },
        gives: '"middle"',
      },
    ],
    sql: (operands) => {
      const branches: string[] = [];
      for (let i = 0; i + 1 < operands.length; i += 2) {
        branches.push(`WHEN ${operands[i]} THEN ${operands[i + 1]}`);
      }
      return `CASE ${branches.join(' ')} ELSE ${operands.at(-1)} END`;
    },
    lower: lowerCase,
  },
  ...(['least', 'greatest'] as const).map(
    (name): FunctionDefinition => ({
      name,
      group: 'choice',
      usage: `${name}(value, value, …)`,
      types: '(T, T, …) -> T',
      summary:
        `The ${name} of the values that are not null, in the order of \`lt\`; null where all ` +
        'are.',
      examples: [
        {
          code: `${name}(col('a'), col('b'), 5)`,
          schema: SCHEMA,
          row: { a: null, b: 7 },
          gives: name === 'least' ? '5' : '7',
        },
      ],
      sql: (operands) => `${name}(${operands.join(', ')})`,
      lower: lowerExtreme,
    }),
  ),
];
