/** Moves filters in front of steps whose work they spare. */
import type { CompiledFilter, CompiledProjection, CompiledStep } from './compile-step.ts';
import { canFail, costOf } from './cost.ts';
import { columnsOf, operandsOf, type Program, withOperands } from './program.ts';
import type { CompiledUnnest } from './unnest.ts';

/**
 * The steps with each condition of their filters as early as it may be: in front of projections,
 * where it reads only columns that they pass on, and in front of `unnest`, where it reads no item
 * and no index. Every other step stays where it is among the filters, and so does a projection that
 * calls a user function that is not pure.
 *
 * Rows that a filter leaves out cannot fail in what stands behind it, so that fewer rows may fail
 * than would in the order of the steps. No row fails that would not: a condition that can fail
 * itself goes past no condition and no `unnest`, which may leave its row out.
 */
export function moveFilters(steps: readonly CompiledStep[]): readonly CompiledStep[] {
  const placed: CompiledStep[] = [];
  for (const step of steps) {
    if (step.kind !== 'filter') placed.push(step);
    else for (const part of conjunctsOf(step.predicate)) place(placed, part);
  }
  return placed;
}

// Both sides of an `and` are true where it is. Without recursion: a chain may be long.
function conjunctsOf(predicate: Program): readonly Program[] {
  const parts: Program[] = [];
  const open = [predicate];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (part.kind === 'logic' && part.op === 'and') open.push(part.right, part.left);
    else parts.push(part);
  }
  return parts;
}

function place(steps: CompiledStep[], predicate: Program): void {
  let best = steps.length;
  let filter: CompiledFilter = { kind: 'filter', predicate };
  let moved = predicate;
  // What the steps cost that it would go past, since the last place that was worth it.
  let spared = 0;
  let passed = false;
  for (let at = steps.length - 1; at >= 0; at--) {
    const step = steps[at]!;
    const before = pastStep(step, moved);
    if (before === undefined) break;
    moved = before;
    spared += stepCost(step);
    passed ||= step.kind === 'filter';
    // A place right behind a filter is none of its own: what is there is ordered by cost.
    if (step.kind === 'filter' || (passed && costOf(moved) > spared)) continue;
    best = at;
    filter = { kind: 'filter', predicate: moved };
    spared = 0;
    passed = false;
  }
  steps.splice(best, 0, filter);
}

/** The condition as it reads in front of a step; undefined where it cannot go there. */
function pastStep(step: CompiledStep, predicate: Program): Program | undefined {
  switch (step.kind) {
    case 'filter':
      return canFail(predicate) ? undefined : predicate;
    case 'project':
      return pastProjection(step, predicate);
    case 'unnest':
      return canFail(predicate) || !readsKeptAlone(step, predicate) ? undefined : predicate;
    default:
      return undefined;
  }
}

function pastProjection({ columns }: CompiledProjection, predicate: Program): Program | undefined {
  if (columns.some(({ program }) => hasEffects(program))) return undefined;
  const made = new Map(columns.map(({ name, program }) => [name, program]));
  const read = [...columnsOf(predicate)].map((name) => made.get(name));
  return read.every((program) => program !== undefined && isPath(program))
    ? withColumns(predicate, made)
    : undefined;
}

// Reading a member costs nothing to speak of, and cannot fail.
function isPath(program: Program): boolean {
  return program.kind === 'field' ? isPath(program.operand) : program.kind === 'column';
}

function withColumns(program: Program, made: ReadonlyMap<string, Program>): Program {
  if (program.kind === 'column') return made.get(program.name)!;
  const operands = operandsOf(program).map((operand) => withColumns(operand, made));
  return withOperands(program, operands);
}

function readsKeptAlone({ keep }: CompiledUnnest, predicate: Program): boolean {
  return [...columnsOf(predicate)].every((name) => keep.includes(name));
}

/** Whether it is of consequence which rows a program is called for. */
function hasEffects(program: Program): boolean {
  if (program.kind === 'udf' && !program.udf.pure) return true;
  return operandsOf(program).some(hasEffects);
}

function stepCost(step: CompiledStep): number {
  if (step.kind === 'filter') return costOf(step.predicate);
  if (step.kind !== 'project') return Number.POSITIVE_INFINITY;
  return step.columns.reduce((sum, { program }) => sum + costOf(program), 0);
}
