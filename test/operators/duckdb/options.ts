/** How many operands a function takes in a random expression, and random options for it. */
import type { Random } from '../random.ts';

/** What a call is made of. */
export interface CallShape {
  readonly count: number;
  readonly options: Readonly<Record<string, unknown>>;
}

const CASTS = [
  'bool',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float32',
  'float64',
  'decimal(9,2)',
  'decimal(20,5)',
  'decimal(12,0)',
];

/** Functions of other than one operand, or with options. */
const SHAPES: Readonly<Record<string, (random: Random) => CallShape>> = {
  case: (random) => ({ count: random.next() < 0.5 ? 3 : 5, options: {} }),
  least: (random) => ({ count: 2 + random.below(2), options: {} }),
  greatest: (random) => ({ count: 2 + random.below(2), options: {} }),
  cast: (random) => ({ count: 1, options: { type: random.pick(CASTS) } }),
  tryCast: (random) => ({ count: 1, options: { type: random.pick(CASTS) } }),
  round: (random) => ({ count: 1, options: { digits: random.below(7) - 3 } }),
  pow: () => ({ count: 2, options: {} }),
  bitAnd: () => ({ count: 2, options: {} }),
  bitOr: () => ({ count: 2, options: {} }),
  bitXor: () => ({ count: 2, options: {} }),
  shiftLeft: () => ({ count: 2, options: {} }),
  shiftRight: () => ({ count: 2, options: {} }),
  get: () => ({ count: 2, options: {} }),
  struct: () => ({ count: 2, options: { names: ['p', 'q'] } }),
};

/** The shape of a call of `fn`. */
export function optionsOf(fn: string, random: Random): CallShape {
  return SHAPES[fn]?.(random) ?? { count: 1, options: {} };
}
