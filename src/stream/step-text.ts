/** The steps of a plan as text for people. */
import { exprToString, nameToString } from '../operators/expr-text.ts';
import { inlineText } from '../operators/inline/inline-step.ts';
import type { NamedExpr, Step, UnnestStep } from '../operators/step.ts';
import type { StepBranch } from '../operators/step-tree.ts';

/**
 * A tree of steps in lines; steps are numbered along each way.
 *
 * @param sinks how many the plan has: of several, each way says in which it ends.
 */
export function treeToLines(branch: StepBranch, sinks: number): string[] {
  const lines = branchLines(branch, sinks > 1, 1);
  return lines.length === 0 ? ['none'] : lines;
}

function branchLines(
  { steps, branches, end }: StepBranch,
  named: boolean,
  first: number,
): string[] {
  const own = steps.map((step, i) => `${first + i}. ${stepToString(step)}`);
  const below = branches.flatMap((branch, i) => [
    `branch ${i + 1}`,
    ...branchLines(branch, named, first + steps.length).map((line) => `  ${line}`),
  ]);
  return [...own, ...below, ...(end && named ? [`to sink ${end.sink + 1}`] : [])];
}

/** One step, as it is written in a plan's text. */
export function stepToString(step: Step): string {
  switch (step.kind) {
    case 'filter':
      return `filter ${exprToString(step.predicate)}`;
    case 'map':
    case 'select':
      return `${step.kind} ${step.columns.map(namedToString).join(', ')}`;
    case 'drop':
      return `drop ${step.columns.map(nameToString).join(', ')}`;
    case 'rename': {
      const pairs = Object.entries(step.names).map((pair) => pair.map(nameToString).join(' to '));
      return `rename ${pairs.join(', ')}`;
    }
    case 'limit':
      return `limit ${step.rows}`;
    case 'unnest':
      return unnestToString(step);
    case 'distinct': {
      const names = step.columns.map(nameToString).join(', ') || 'all columns';
      return `distinct ${names}, within each batch`;
    }
    case 'sample':
      return `sample ${step.fraction}, seed ${step.seed}`;
    case 'inline':
      return `${inlineText(step)}, on the main thread, batch by batch`;
    case 'exchange':
      return `exchange by ${step.by.map(nameToString).join(', ')}`;
  }
}

function namedToString({ name, expr }: NamedExpr): string {
  if (expr.kind === 'column' && expr.name === name) return nameToString(name);
  return `${nameToString(name)} = ${exprToString(expr)}`;
}

function unnestToString({ columns, outer, index }: UnnestStep): string {
  const lists = columns.map(({ column, as }) => {
    if (as === undefined || as === column) return nameToString(column);
    const names = typeof as === 'string' ? [as] : [as.key, as.value];
    return `${nameToString(column)} as ${names.map(nameToString).join(', ')}`;
  });
  const place = index === undefined ? '' : `, index ${nameToString(index)}`;
  return `unnest ${lists.join(', ')}${outer ? ', outer' : ''}${place}`;
}
