/**
 * Rewrites typed programs so that they give the same and cost less: constants are computed once,
 * what runs over a dictionary runs over its texts, and of several conditions the cheap ones go
 * first.
 */
import type { CompiledStep } from './compile-step.ts';
import { canFail } from './cost.ts';
import { foldConstants } from './fold-constants.ts';
import { liftDictionaries } from './lift-dictionaries.ts';
import { orderConjuncts } from './order-conjuncts.ts';
import type { Program } from './program.ts';

/**
 * The steps with optimised programs. Filters next to each other become one; a filter that every
 * row passes is left out.
 */
export function optimizeSteps(steps: readonly CompiledStep[]): readonly CompiledStep[] {
  const optimized: CompiledStep[] = [];
  for (const step of steps) {
    if (step.kind === 'project') {
      const columns = step.columns.map(({ name, program }) => ({
        name,
        program: optimizeProgram(program),
      }));
      optimized.push({ kind: 'project', columns });
    } else if (step.kind === 'filter') {
      addFilter(optimized, foldConstants(step.predicate));
    } else {
      optimized.push(step);
    }
  }
  return optimized.map((step) =>
    step.kind === 'filter' ? { kind: 'filter', predicate: optimizeProgram(step.predicate) } : step,
  );
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
