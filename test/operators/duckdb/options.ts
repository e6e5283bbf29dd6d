/** How many operands a function takes in a random expression, and random options for it. */
import type { Random } from '../random.ts';

/** What a call is made of. */
export interface CallShape {
  readonly count: number;
  /** Whether the second operand says how long the result is. Default false. */
  readonly isLength?: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Types to cast to. */
export const CASTS = [
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
  'utf8',
  'dictionary',
  'date',
  'time',
  'timestamp(us,local)',
  'timestamp',
  'timestamp(ms,local)',
  'timestamp(s,local)',
  'timestamp(ns,local)',
  'json',
];
const PATTERNS = ['%', 'a%', '%a', '%b%', '_', '%é', 'a!%b!_c', '%_,%', '%SIXTEEN%MORE%', ''];
const REGEXPS = ['a', '^[A-Z]', '\\d+', '(\\w)\\s(\\w)', '[äöü]', 'x|y|(z)', '^$', '.{3}$'];
const PATHS = ['$', '$.a', '$.a[0]', '$.a[-1]', '$.b.c', '$["key x"]', '$[1]', '$.b.c[2]'];

function regexp(random: Random): { readonly pattern: string; readonly flags: string } {
  return { pattern: random.pick(REGEXPS), flags: random.pick(['u', 'iu']) };
}

function trim(random: Random): CallShape {
  const characters = random.pick([undefined, ' ', 'aA', 'äß€ ', '']);
  return { count: 1, options: { characters } };
}

const PARTS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'];
const UNITS = ['s', 'ms', 'us', 'ns'];
const FORMATS = ['%Y-%m-%d', '%Y-%m-%d %H:%M:%S.%f', '%a %-d %B %y', '%Y %j', '%I:%M %p'];

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
  concat: (random) => ({ count: 1 + random.below(3), options: {} }),
  trim,
  trimStart: trim,
  trimEnd: trim,
  substring: (random) => ({ count: 2 + random.below(2), options: {} }),
  left: () => ({ count: 2, options: {} }),
  right: () => ({ count: 2, options: {} }),
  replace: () => ({ count: 3, options: {} }),
  split: () => ({ count: 2, options: {} }),
  contains: () => ({ count: 2, options: {} }),
  startsWith: () => ({ count: 2, options: {} }),
  endsWith: () => ({ count: 2, options: {} }),
  position: () => ({ count: 2, options: {} }),
  like: (random) => ({ count: 1, options: { pattern: random.pick(PATTERNS), escape: '!' } }),
  regexpMatch: (random) => ({ count: 1, options: regexp(random) }),
  regexpExtract: (random) => ({ count: 1, options: { ...regexp(random), group: 0 } }),
  jsonPath: (random) => ({
    count: 1,
    options: { path: random.pick(PATHS), as: random.pick([undefined, 'utf8', ...CASTS]) },
  }),
  get: () => ({ count: 2, options: {} }),
  truncate: (random) => ({ count: 1, options: { part: random.pick(PARTS) } }),
  extract: (random) => ({ count: 1, options: { part: random.pick([...PARTS, 'isoYear']) } }),
  diff: (random) => ({ count: 2, options: { part: random.pick(PARTS) } }),
  add: (random) => ({ count: 2, options: { part: random.pick(PARTS) } }),
  sub: (random) => ({ count: 2, options: { part: random.pick(PARTS) } }),
  format: (random) => ({ count: 1, options: { format: random.pick(FORMATS) } }),
  parseTime: (random) => ({ count: 1, options: { format: random.pick(FORMATS) } }),
  tryParseTime: (random) => ({ count: 1, options: { format: random.pick(FORMATS) } }),
  repeat: () => ({ count: 2, isLength: true, options: {} }),
  padStart: () => ({ count: 3, isLength: true, options: {} }),
  padEnd: () => ({ count: 3, isLength: true, options: {} }),
  fromEpoch: (random) => ({ count: 1, options: { unit: random.pick(UNITS) } }),
  toEpoch: (random) => ({ count: 1, options: { unit: random.pick(UNITS) } }),
  struct: () => ({ count: 2, options: { names: ['p', 'q'] } }),
};

/** The shape of a call of `fn`. */
export function optionsOf(fn: string, random: Random): CallShape {
  return SHAPES[fn]?.(random) ?? { count: 1, options: {} };
}
