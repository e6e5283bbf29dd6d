/** Puts the cheap ones of several conditions first. */
import { canFail, costOf, isWorthNarrowing } from './cost.ts';
import { operandsOf, type Program, withOperands } from './program.ts';

/**
 * `a and b and c` in the order of what they cost, and so `or`. A condition that can fail on a row
 * stays behind those that stood before it, which may guard it; all others may go before it.
 */
export function orderConjuncts(program: Program): Program {
  const operands = operandsOf(program).map(orderConjuncts);
  const ordered = withOperands(program, operands);
  if (ordered.kind !== 'logic') return ordered;
  const { op } = ordered;
  const parts = partsOf(ordered, op);
  const [first, ...others] = order(parts) as [Program, ...Program[]];
  return others.reduce<Program>(
    (left, right) => ({ kind: 'logic', op, left, right, narrows: isWorthNarrowing(right) }),
    first,
  );
}

function partsOf(program: Program, op: 'and' | 'or'): readonly Program[] {
  if (program.kind !== 'logic' || program.op !== op) return [program];
  return [...partsOf(program.left, op), ...partsOf(program.right, op)];
}

/** Stable: equal costs keep their order. */
function order(parts: readonly Program[]): readonly Program[] {
  const ordered: Program[] = [];
  for (const part of parts) {
    let place = ordered.length;
    if (!canFail(part)) {
      const cost = costOf(part);
      while (place > 0 && costOf(ordered[place - 1]!) > cost) place -= 1;
    }
    ordered.splice(place, 0, part);
  }
  return ordered;
}
