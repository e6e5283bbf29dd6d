/** Leaves out of compiled steps what neither the output nor a later step reads. */
import type { CompiledStep, NamedProgram } from './compile-step.ts';
import { type Need, type Needs, needsBefore } from './member-needs.ts';
import { operandsOf, type Program, withOperands } from './program.ts';
import type { CompiledUnnest } from './unnest.ts';

/**
 * Walks from the end back to the beginning.
 *
 * @param wanted what is needed behind the last step.
 * @returns the steps without the columns and members that nothing needs, and without projections
 *   that change nothing; and what is needed before the first.
 */
export function pushDownProjection(
  steps: readonly CompiledStep[],
  wanted: Needs,
): { readonly steps: readonly CompiledStep[]; readonly reads: Needs } {
  const needed: CompiledStep[] = [];
  let needs = wanted;
  for (const step of [...steps].reverse()) {
    const used = usedOf(step, needs);
    if (used.kind !== 'project' || !used.columns.every(isKept)) needed.unshift(used);
    needs = needsBefore(used, needs);
  }
  return { steps: needed, reads: needs };
}

function usedOf(step: CompiledStep, after: Needs): CompiledStep {
  switch (step.kind) {
    case 'project': {
      const columns = step.columns.flatMap(({ name, program }) => {
        const need = after.get(name);
        return need === undefined ? [] : [{ name, program: withMembers(program, need) }];
      });
      return { kind: 'project', columns };
    }
    case 'unnest':
      return usedUnnest(step, after);
    case 'inline':
      return { ...step, keeps: step.keeps.filter((name) => after.has(name)) };
    default:
      return step;
  }
}

/** Every list says how many rows there are, also where its items are not needed. */
function usedUnnest(step: CompiledUnnest, after: Needs): CompiledUnnest {
  const { lists, outer, keep, index } = step;
  const used = (name: string | undefined) =>
    name !== undefined && after.has(name) ? name : undefined;
  return {
    kind: 'unnest',
    lists: lists.map((list) => ({ ...list, into: list.into.map(used) })),
    outer,
    keep: keep.filter((name) => after.has(name)),
    ...(used(index) === undefined ? {} : { index: index! }),
  };
}

/** A program of which some members are read: of structs that it makes, others are null. */
function withMembers(program: Program, need: Need): Program {
  if (need === 'all') return program;
  if (program.kind === 'field') {
    const operand = withMembers(program.operand, new Map([[program.name, need]]));
    return withOperands(program, [operand]);
  }
  if (program.kind !== 'call' || program.kernel !== 'struct') return program;
  const names = program.options.names as readonly string[];
  const operands = operandsOf(program).map((operand, i) => {
    const member = need.get(names[i]!);
    return member === undefined ? UNREAD : withMembers(operand, member);
  });
  return withOperands(program, operands);
}

// It keeps the place of a member that nobody reads.
const UNREAD: Program = { kind: 'constant', type: { kind: 'null' }, value: null };

function isKept({ name, program }: NamedProgram): boolean {
  return program.kind === 'column' && program.name === name;
}
