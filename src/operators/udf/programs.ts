/** The calls of user functions in compiled steps. */
import type { CompiledSteps } from '../compile.ts';
import type { CompiledStep } from '../compile-step.ts';
import { operandsOf, type Program } from '../program.ts';
import type { UdfProgram } from './node.ts';

/**
 * All calls, in an order that every thread finds alike: a call's place in the list is its number,
 * by which threads speak of it.
 */
export function udfsOf({ steps }: Pick<CompiledSteps, 'steps'>): readonly UdfProgram[] {
  return steps.flatMap(programsOf).flatMap(callsIn);
}

/** The programs of a step. */
export function programsOf(step: CompiledStep): readonly Program[] {
  if (step.kind === 'filter') return [step.predicate];
  return step.kind === 'project' ? step.columns.map(({ program }) => program) : [];
}

function callsIn(program: Program): readonly UdfProgram[] {
  const below = operandsOf(program).flatMap(callsIn);
  return program.kind === 'udf' ? [program, ...below] : below;
}
