/**
 * Rewrites typed programs so that they give the same and cost less: constants are computed once,
 * what runs over a dictionary runs over its texts, and of several conditions the cheap ones go
 * first.
 */
import type { CompiledStep } from './compile-step.ts';
import { canFail } from './cost.ts';
import { foldConstants } from './fold-constants.ts';
import { liftDictionaries } from './lift-dictionaries.ts';
import { moveFilters } from './move-filters.ts';
import { orderConjuncts } from './order-conjuncts.ts';
import type { Program } from './program.ts';

/**
 * The steps with optimised programs. Filters go in front of what they spare (see `moveFilters`);
 * those next to each other become one, and one that every row passes is left out.
 */
export function optimizeSteps(steps: readonly CompiledStep[]): readonly CompiledStep[] {
  const folded = steps.map(foldStep);
  const merged: CompiledStep[] = [];
  for (const step of moveFilters(folded)) {
    if (step.kind === 'filter') addFilter(merged, step.predicate);
    else merged.push(step);
  }
  return merged.map(optimizeStep);
}

function foldStep(step: CompiledStep): CompiledStep {
  return overPrograms(step, foldConstants);
}

function optimizeStep(step: CompiledStep): CompiledStep {
  return overPrograms(step, (program) => orderConjuncts(liftDictionaries(program)));
}

function overPrograms(step: CompiledStep, change: (program: Program) => Program): CompiledStep {
  if (step.kind === 'filter') return { kind: 'filter', predicate: change(step.predicate) };
  if (step.kind !== 'project') return step;
  const columns = step.columns.map(({ name, program }) => ({ name, program: change(program) }));
  return { kind: 'project', columns };
}

function addFilter(steps: CompiledStep[], predicate: Program): void {
  if (predicate.kind === 'constant' && predicate.value === true) return;
  const before = steps.at(-1);
  // `and` looks at its right side also where the left is null, which a filter would have dropped.
  if (before?.kind !== 'filter' || canFail(predicate)) {
    steps.push({ kind: 'filter', predicate });
    return;
  }
  const left = before.predicate;
  const both: Program = { kind: 'logic', op: 'and', left, right: predicate, narrows: true };
  steps[steps.length - 1] = { kind: 'filter', predicate: both };
}

/** A program that gives the same on every row that has a result, at less cost. */
export function optimizeProgram(program: Program): Program {
  return orderConjuncts(liftDictionaries(foldConstants(program)));
}
