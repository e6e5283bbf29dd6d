/** Typed programs as text, for `explain()`: what really runs, casts and constants and all. */

import { scalarToString } from '../arrow/scalar-text.ts';
import { callToString } from './call-text.ts';
import { nameToString, symbolOf } from './expr-text.ts';
import { type ConstantProgram, DICTIONARY_VALUES, type Program } from './program.ts';
import { valueToString } from './value-text.ts';

const TIMES: readonly string[] = ['date', 'time', 'timestamp', 'duration'];

// Ada's words for operators whose right side is evaluated only where the left does not decide.
const NARROWED = { and: 'and then', or: 'or else' } as const;

/** Values of one `in` that are printed. */
const MAX_VALUES_SHOWN = 10;

/**
 * `(amount * 0.92) > 1000`; a dictionary's texts are printed as `each text of country`. The right
 * side of `and then` and `or else` is evaluated on the rows that the left side leaves open, and not
 * at all where it leaves none; that of `and` and `or` is on all rows.
 */
export function programToString(program: Program): string {
  return print(program, undefined);
}

function print(program: Program, dictionary: string | undefined): string {
  const inner = (operand: Program) => bracketed(operand, dictionary);
  switch (program.kind) {
    case 'column':
      if (program.name === DICTIONARY_VALUES && dictionary !== undefined) return dictionary;
      return nameToString(program.name);
    case 'constant':
      return constantToString(program);
    case 'arithmetic':
    case 'compare':
      return `${inner(program.left)} ${symbolOf(program.op)} ${inner(program.right)}`;
    case 'logic': {
      const op = program.narrows ? NARROWED[program.op] : program.op;
      return `${inner(program.left)} ${op} ${inner(program.right)}`;
    }
    case 'not':
      return `not ${inner(program.operand)}`;
    case 'isNull':
      return `${inner(program.operand)} is ${program.wanted ? '' : 'not '}null`;
    case 'in': {
      const { type } = program;
      const shown = program.values
        .slice(0, MAX_VALUES_SHOWN)
        .map((value) => constantToString({ kind: 'constant', type, value }));
      const hidden = program.values.length - shown.length;
      const rest = [
        ...(hidden > 0 ? [`… ${hidden} more`] : []),
        ...(program.hasNull ? ['null'] : []),
      ];
      return `${inner(program.operand)} in (${[...shown, ...rest].join(', ')})`;
    }
    case 'cast': {
      const name = program.misfit === 'null' ? 'tryCast' : 'cast';
      return `${name}(${print(program.operand, dictionary)}, ${scalarToString(program.to)})`;
    }
    case 'field':
      return `${inner(program.operand)}.${nameToString(program.name)}`;
    case 'lift':
      return print(program.over, `each text of ${print(program.operand, dictionary)}`);
    case 'coalesce':
    case 'case': {
      const operands = program.operands.map((operand) => print(operand, dictionary));
      return callToString(program.kind, operands, {}, nameToString);
    }
    case 'call': {
      const { shown } = program;
      if (shown.kind === 'operator') {
        const [left, right] = program.operands as readonly [Program, Program];
        return `${inner(left)} ${symbolOf(shown.op)} ${inner(right)}`;
      }
      const operands = program.operands.map((operand) => print(operand, dictionary));
      return callToString(shown.name, operands, shown.options, nameToString);
    }
    case 'udf': {
      const operands = program.operands.map((operand) => print(operand, dictionary));
      return `${nameToString(program.udf.name)}(${operands.join(', ')})`;
    }
  }
}

const BARE: readonly Program['kind'][] = [
  ...(['column', 'constant', 'call', 'coalesce', 'case', 'cast', 'field', 'udf'] as const),
];

function bracketed(program: Program, dictionary: string | undefined): string {
  const text = print(program, dictionary);
  const isOperator = program.kind === 'call' && program.shown.kind === 'operator';
  return BARE.includes(program.kind) && !isOperator ? text : `(${text})`;
}

// Dates and times say what they are, as SQL's constants do.
function constantToString({ type, value }: ConstantProgram): string {
  if (value === null) return 'null';
  const text = valueToString(value, type);
  if (TIMES.includes(type.kind)) return `${scalarToString(type)} '${text}'`;
  return typeof value === 'string' ? `'${text.replaceAll("'", "''")}'` : text;
}
