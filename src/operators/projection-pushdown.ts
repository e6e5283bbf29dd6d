/** Leaves out of compiled steps what neither the output nor a later step reads. */
import type { CompiledStep, NamedProgram } from './compile-step.ts';
import { columnsOf } from './program.ts';
import type { CompiledUnnest } from './unnest.ts';

/**
 * Walks from the end back to the beginning.
 *
 * @param wanted names of the columns that are needed behind the last step.
 * @returns the steps without the columns that nothing needs, and without projections that change
 *   nothing; and the names of the columns that are needed before the first.
 */
export function pushDownProjection(
  steps: readonly CompiledStep[],
  wanted: ReadonlySet<string>,
): { readonly steps: readonly CompiledStep[]; readonly reads: ReadonlySet<string> } {
  const needed: CompiledStep[] = [];
  let names = wanted;
  for (const step of [...steps].reverse()) {
    if (step.kind === 'unnest') {
      const used = usedOf(step, names);
      needed.unshift(used);
      names = new Set([...used.keep, ...used.lists.map(({ column }) => column)]);
      continue;
    }
    if (step.kind === 'inline') {
      const after = names;
      const keeps = step.keeps.filter((name) => after.has(name));
      const given = step.hands.fields.map(({ name }) => name);
      needed.unshift({ ...step, keeps });
      names = new Set([...given, ...(step.what === 'map' ? keeps : after)]);
      continue;
    }
    if (step.kind === 'filter') names = new Set([...names, ...columnsOf(step.predicate)]);
    if (step.kind === 'distinct') names = new Set([...names, ...step.columns]);
    if (step.kind !== 'project') {
      needed.unshift(step);
      continue;
    }
    const after = names;
    const columns = step.columns.filter(({ name }) => after.has(name));
    names = new Set(columns.flatMap(({ program }) => [...columnsOf(program)]));
    if (!columns.every(isKept)) needed.unshift({ kind: 'project', columns });
  }
  return { steps: needed, reads: names };
}

/** Every list says how many rows there are, also where its items are not needed. */
function usedOf(step: CompiledUnnest, names: ReadonlySet<string>): CompiledUnnest {
  const { lists, outer, keep, index } = step;
  const used = (name: string | undefined) =>
    name !== undefined && names.has(name) ? name : undefined;
  return {
    kind: 'unnest',
    lists: lists.map((list) => ({ ...list, into: list.into.map(used) })),
    outer,
    keep: keep.filter((name) => names.has(name)),
    ...(used(index) === undefined ? {} : { index: index! }),
  };
}

function isKept({ name, program }: NamedProgram): boolean {
  return program.kind === 'column' && program.name === name;
}
