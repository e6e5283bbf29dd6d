/** Which members of nested columns the steps of a tree read, from the ends back to the input. */
import type { CompiledBranch } from './compile.ts';
import type { CompiledStep } from './compile-step.ts';
import { type CallProgram, operandsOf, type Program } from './program.ts';
import type { CompiledUnnest } from './unnest.ts';

/**
 * What is needed of a column: all of it, or some members of a struct (by name), of a list's items
 * or a map's values (by {@link ITEM}). Of an empty one no more than whether it is null, and how
 * many items it has.
 */
export type Need = 'all' | ReadonlyMap<string, Need>;

/** The needs of columns by name; what is not among them is not needed. */
export type Needs = ReadonlyMap<string, Need>;

/** Stands for the items of a list, and the values of a map, among the members. */
export const ITEM = '[]';

/** The need of no member. */
export const NO_MEMBER: Need = new Map();

/** All of these columns. */
export function allOf(names: Iterable<string>): Needs {
  return new Map([...names].map((name): [string, Need] => [name, 'all']));
}

/** What a tree needs of its input's columns. */
export function needsOfTree({ steps, branches, end }: CompiledBranch): Needs {
  let needs = end === undefined ? mergeNeeds(branches.map(needsOfTree)) : allOf(end.needs);
  for (const step of [...steps].reverse()) needs = needsBefore(step, needs);
  return needs;
}

/** What is needed in front of a step of which `after` is needed behind it. */
export function needsBefore(step: CompiledStep, after: Needs): Needs {
  switch (step.kind) {
    case 'filter':
      return mergeNeeds([after, needsOfProgram(step.predicate, 'all')]);
    case 'distinct':
      return mergeNeeds([after, allOf(step.columns)]);
    case 'project':
      return mergeNeeds(
        step.columns.map(({ name, program }) => needsOfProgram(program, after.get(name) ?? 'all')),
      );
    case 'unnest': {
      const kept = step.keep.map((name): [string, Need] => [name, after.get(name) ?? 'all']);
      return mergeNeeds([new Map(kept), ...step.lists.map((list) => needOfList(list, after))]);
    }
    case 'inline': {
      const kept = step.what === 'map' ? keptOf(after, step.keeps) : after;
      return mergeNeeds([kept, allOf(step.hands.fields.map(({ name }) => name))]);
    }
    default:
      return after;
  }
}

const keptOf = (after: Needs, names: readonly string[]): Needs =>
  new Map([...after].filter(([name]) => names.includes(name)));

// Where the items are not read, their number is all the same.
function needOfList({ column, into }: CompiledUnnest['lists'][number], after: Needs): Needs {
  const name = into.at(-1);
  const item = name === undefined ? NO_MEMBER : (after.get(name) ?? 'all');
  return new Map([[column, item === 'all' ? 'all' : new Map([[ITEM, item]])]]);
}

function needsOfProgram(program: Program, need: Need): Needs {
  switch (program.kind) {
    case 'column':
      return new Map([[program.name, need]]);
    case 'field':
      return needsOfProgram(program.operand, new Map([[program.name, need]]));
    // Whether there is a value says nothing of its members.
    case 'isNull':
      return needsOfProgram(program.operand, NO_MEMBER);
    case 'call':
      return mergeNeeds(
        program.operands.map((operand, i) =>
          needsOfProgram(operand, needOfOperand(program, i, need)),
        ),
      );
    default:
      return mergeNeeds(operandsOf(program).map((operand) => needsOfProgram(operand, 'all')));
  }
}

/** What a call of which `need` is read needs of an operand. */
function needOfOperand({ kernel, options }: CallProgram, i: number, need: Need): Need {
  if (kernel === 'struct') {
    return need === 'all' ? 'all' : (need.get((options.names as string[])[i]!) ?? NO_MEMBER);
  }
  if (i > 0) return 'all';
  switch (kernel) {
    case 'listLength':
    case 'keys':
      return NO_MEMBER;
    case 'listGet':
    case 'mapGet':
      return need === 'all' ? 'all' : new Map([[ITEM, need]]);
    // The items of the list are the values of the map.
    case 'values':
      return need;
    default:
      return 'all';
  }
}

/** What is needed of one or the other. */
export function mergeNeeds(all: readonly Needs[]): Needs {
  const merged = new Map<string, Need>();
  for (const needs of all) {
    for (const [name, need] of needs) {
      const other = merged.get(name);
      merged.set(name, other === undefined ? need : merge(other, need));
    }
  }
  return merged;
}

function merge(a: Need, b: Need): Need {
  return a === 'all' || b === 'all' ? 'all' : mergeNeeds([a, b]);
}
