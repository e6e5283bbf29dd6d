/** What programs cost per row, to order filters and to decide where rows are left out first. */
import { isFloat } from './common-type.ts';
import { isLossless } from './lossless.ts';
import { operandsOf, type Program } from './program.ts';

/** From here on a program costs more than leaving out the rows that do not need it. */
const NARROWING_COST = 4;

const TEXT_COST = 6;
const SET_COST = 6;
const COMPARE_COSTS = { fixed: 1, bytes: TEXT_COST, nested: 4 * TEXT_COST } as const;
/** Nobody knows; what can be told without it should be. */
const UDF_COST = 100;

/**
 * About how much a program costs per row, where an addition is 1. Measured figures are in the
 * benchmark `operators`; what counts is their order.
 */
export function costOf(program: Program): number {
  return operandsOf(program).reduce((sum, operand) => sum + costOf(operand), ownCost(program));
}

function ownCost(program: Program): number {
  switch (program.kind) {
    case 'column':
    case 'constant':
    case 'field':
    case 'not':
    case 'logic':
    case 'isNull':
      return 0.1;
    case 'arithmetic':
      return program.type.kind === 'decimal' ? 8 : program.op === 'mod' ? 3 : 1;
    case 'compare':
      return COMPARE_COSTS[program.layout];
    case 'in':
      return SET_COST;
    case 'cast':
      return program.from.kind === 'utf8' || program.to.kind === 'utf8' ? 20 : 1;
    case 'coalesce':
    case 'case':
      return 2;
    // The texts of a dictionary are few; dealing the results out is what rows cost.
    case 'lift':
      return 1;
    case 'call':
      return program.cost;
    case 'udf':
      return UDF_COST;
  }
}

/** Whether a program can fail on a row that is selected. */
export function canFail(program: Program): boolean {
  if (program.kind === 'arithmetic' && program.op !== 'div' && !isFloat(program.type.kind)) {
    return true;
  }
  if (program.kind === 'call' && program.canFail) return true;
  if (program.kind === 'udf') return true;
  if (program.kind === 'cast' && program.misfit === 'fail' && !isLossless(program)) return true;
  return operandsOf(program).some(canFail);
}

/**
 * Whether a program should see only the rows that need it: because it can fail on a row (an integer
 * overflow), or because it costs more per row than leaving rows out (texts, sets, functions).
 */
export function isWorthNarrowing(program: Program): boolean {
  return canFail(program) || costOf(program) >= NARROWING_COST;
}
