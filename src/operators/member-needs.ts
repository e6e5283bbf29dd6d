/** Which members of nested columns the steps of a tree read, from the ends back to the input. */
import type { CompiledBranch } from './compile.ts';
import type { CompiledStep } from './compile-step.ts';
import { operandsOf, type Program } from './program.ts';

/**
 * What is needed of a column: all of it, or some members of a struct (by name) or of a list's items
 * (by {@link ITEM}).
 */
export type Need = 'all' | ReadonlyMap<string, Need>;

/** The needs of columns by name. */
export type Needs = ReadonlyMap<string, Need>;

/** Stands for the items of a list among the members. */
export const ITEM = '[]';

/** What a tree needs of its input's columns. */
export function needsOfTree({ steps, branches, end }: CompiledBranch): Needs {
  const parts: Needs[] =
    end === undefined
      ? branches.map(needsOfTree)
      : [new Map(end.needs.map((name): [string, Need] => [name, 'all']))];
  let needs = mergeAll(parts);
  for (const step of [...steps].reverse()) needs = needsBefore(step, needs);
  return needs;
}

function needsBefore(step: CompiledStep, after: Needs): Needs {
  switch (step.kind) {
    case 'filter':
      return mergeAll([after, needsOfProgram(step.predicate, 'all')]);
    case 'distinct':
      return mergeAll([after, new Map(step.columns.map((name): [string, Need] => [name, 'all']))]);
    case 'project':
      return mergeAll(
        step.columns.map(({ name, program }) => needsOfProgram(program, after.get(name) ?? 'all')),
      );
    case 'unnest': {
      const kept = step.keep.map((name): [string, Need] => [name, after.get(name) ?? 'all']);
      const lists = step.lists.map(({ column, into, members }): [string, Need] => {
        const [name] = into;
        if (members || into.length !== 1) return [column, 'all'];
        // Where the items are not read, their number is all the same.
        const item = name === undefined ? new Map() : (after.get(name) ?? 'all');
        return [column, item === 'all' ? 'all' : new Map([[ITEM, item]])];
      });
      return mergeAll([new Map(kept), new Map(lists)]);
    }
    default:
      return after;
  }
}

function needsOfProgram(program: Program, need: Need): Needs {
  if (program.kind === 'column') return new Map([[program.name, need]]);
  if (program.kind === 'field') {
    return needsOfProgram(program.operand, new Map([[program.name, need]]));
  }
  // Whether there is a value says nothing of its members.
  if (program.kind === 'isNull') return needsOfProgram(program.operand, new Map());
  return mergeAll(operandsOf(program).map((operand) => needsOfProgram(operand, 'all')));
}

function mergeAll(all: readonly Needs[]): Needs {
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
  return a === 'all' || b === 'all' ? 'all' : mergeAll([a, b]);
}
