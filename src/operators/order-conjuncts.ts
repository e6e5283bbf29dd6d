/** Puts the cheap ones of several conditions first. */
import { canFail, costOf, isWorthNarrowing } from './cost.ts';
import type { LogicalOp } from './expr/node.ts';
import { operandsOf, type Program, withOperands } from './program.ts';

const MAX_CHAIN = 64;

/**
 * `a and b and c` in the order of what they cost, and so `or`. A condition that can fail on a row
 * stays behind those that stood before it, which may guard it; all others may go before it.
 */
export function orderConjuncts(program: Program): Program {
  if (program.kind !== 'logic') {
    return withOperands(program, operandsOf(program).map(orderConjuncts));
  }
  const parts: Program[] = [];
  collectParts(program, program.op, parts);
  return joined(program.op, order(parts.map(orderConjuncts)));
}

function collectParts(program: Program, op: LogicalOp, to: Program[]): void {
  if (program.kind !== 'logic' || program.op !== op) {
    to.push(program);
    return;
  }
  collectParts(program.left, op, to);
  collectParts(program.right, op, to);
}

// Each around all before it; thousands in groups, so that no worker recurses thousands deep.
function joined(op: LogicalOp, parts: readonly Program[]): Program {
  if (parts.length <= MAX_CHAIN) return chain(op, parts);
  const groups: Program[] = [];
  for (let i = 0; i < parts.length; i += MAX_CHAIN) {
    groups.push(chain(op, parts.slice(i, i + MAX_CHAIN)));
  }
  return joined(op, groups);
}

function chain(op: LogicalOp, parts: readonly Program[]): Program {
  return parts.reduce((left, right) => {
    return { kind: 'logic', op, left, right, narrows: isWorthNarrowing(right) };
  });
}

/** Stable: equal costs keep their order. */
function order(parts: readonly Program[]): readonly Program[] {
  const ordered: { readonly part: Program; readonly cost: number }[] = [];
  for (const part of parts) {
    const cost = costOf(part);
    let place = ordered.length;
    if (!canFail(part)) {
      while (place > 0 && ordered[place - 1]!.cost > cost) place -= 1;
    }
    ordered.splice(place, 0, { part, cost });
  }
  return ordered.map(({ part }) => part);
}
