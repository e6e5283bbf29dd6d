/** Every method and function of expressions refuses wrong JavaScript types where it is written. */
import { expect, test } from 'vitest';
import { MillraceError } from '../../src/errors.ts';
import { duration } from '../../src/operators/expr/duration.ts';
import { type Case, when } from '../../src/operators/expr/when.ts';
import {
  coalesce,
  col,
  concat,
  Expr,
  greatest,
  header,
  least,
  lit,
  struct,
} from '../../src/operators/expr.ts';
import { distinctStep, unnestStep } from '../../src/stream/row-steps.ts';
import { filterStep, mapStep } from '../../src/stream/steps.ts';

/** Values that fit nothing of a kind. */
const WRONG = {
  operand: [undefined, {}, [], /a/, () => 1, Symbol('s'), new Map(), when(true, 1)],
  optionalOperand: [{}, [], /a/, () => 1],
  literal: [undefined, {}, [col('a')], /a/, () => 1, col('a'), when(true, 1)],
  text: [undefined, null, 5, true, {}, ['a'], /a/, col('a'), '\ud800'],
  optionalText: [null, 5, true, {}, ['a'], /a/, col('a')],
  pattern: [undefined, null, 5, {}, ['a'], col('a')],
  type: [undefined, null, 5, ['utf8'], { a: 'utf8' }, /a/, col('a')],
  integer: ['1', null, 1.5, Number.NaN, 1n, 99_999, { digits: 1 }, col('a')],
  seed: ['1', null, 1.5, Number.NaN, 2n ** 64n, -(2n ** 63n) - 1n, { seed: 1 }, col('a')],
  jsonOptions: [null, 5, 'utf8', ['utf8'], { az: 'utf8' }, { as: ['utf8'] }, { as: null }],
  list: [undefined, null, 'DE', new Set(['DE']), col('a'), [undefined], [{}], [['DE']]],
  members: [undefined, null, 5, 'a', [col('a')], col('a'), new Map(), { a: undefined }],
  length: [undefined, null, 5, [1], new Date(), { hours: '1' }, { hour: 1 }, 'an hour'],
} satisfies Record<string, readonly unknown[]>;

type Kind = keyof typeof WRONG;
/** What each argument is called in messages, of what kind it is, and one that fits. */
type Parameters = readonly (readonly [name: string, kind: Kind, valid: unknown])[];

const NONE: Parameters = [];
const RIGHT: Parameters = [['right', 'operand', 1]];
const TEXT: Parameters = [['characters', 'optionalText', '-']];
const PART: Parameters = [
  ['count', 'operand', 1],
  ['part', 'optionalText', 'month'],
];
const PAD: Parameters = [
  ['length', 'operand', 1],
  ['fill', 'optionalOperand', ' '],
];
const FORMAT: Parameters = [['format', 'text', '%Y']];

const METHODS: Readonly<Record<string, Parameters>> = {
  ...Object.fromEntries(
    ['mul', 'div', 'mod', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'and', 'or'].map((op) => [op, RIGHT]),
  ),
  ...Object.fromEntries(
    ['neg', 'not', 'isNull', 'isNotNull', 'abs', 'floor', 'ceil', 'sqrt', 'ln', 'log10', 'exp']
      .concat([
        'sign',
        'bitNot',
        'murmur2',
        'lower',
        'upper',
        'reverse',
        'length',
        'keys',
        'values',
      ])
      .map((op) => [op, NONE]),
  ),
  add: PART,
  sub: PART,
  in: [['val', 'list', ['DE']]],
  between: [
    ['low', 'operand', 1],
    ['high', 'operand', 2],
  ],
  cast: [['type', 'type', 'int64']],
  tryCast: [['type', 'type', 'int64']],
  round: [['digits', 'integer', 1]],
  pow: [['exponent', 'operand', 2]],
  bitAnd: RIGHT,
  bitOr: RIGHT,
  bitXor: RIGHT,
  shiftLeft: [['bits', 'operand', 1]],
  shiftRight: [['bits', 'operand', 1]],
  xxhash64: [['seed', 'seed', 1n]],
  trim: TEXT,
  trimStart: TEXT,
  trimEnd: TEXT,
  concat: [['value 1', 'operand', 'a']],
  substring: [['start', 'operand', 1]],
  left: [['count', 'operand', 1]],
  right: [['count', 'operand', 1]],
  replace: [
    ['from', 'operand', 'a'],
    ['to', 'operand', 'b'],
  ],
  split: [['separator', 'operand', ',']],
  contains: [['part', 'operand', 'a']],
  startsWith: [['prefix', 'operand', 'a']],
  endsWith: [['suffix', 'operand', 'a']],
  position: [['part', 'operand', 'a']],
  repeat: [['times', 'operand', 2]],
  padStart: PAD,
  padEnd: PAD,
  like: [
    ['pattern', 'text', 'a%'],
    ['escapeWith', 'optionalText', '!'],
  ],
  regexpMatch: [['pattern', 'pattern', /a/]],
  regexpExtract: [
    ['pattern', 'pattern', /a/],
    ['group', 'integer', 0],
  ],
  truncate: [['part', 'text', 'day']],
  extract: [['part', 'text', 'day']],
  diff: [
    ['start', 'operand', new Date(0)],
    ['part', 'text', 'day'],
  ],
  format: FORMAT,
  parseTime: FORMAT,
  tryParseTime: FORMAT,
  fromEpoch: [['unit', 'text', 'ms']],
  toEpoch: [['unit', 'text', 'ms']],
  field: [['name', 'text', 'city']],
  get: [['place', 'operand', 1]],
  jsonPath: [
    ['path', 'text', '$.a'],
    ['', 'jsonOptions', { as: 'int64' }],
  ],
};

type Call = (...args: readonly never[]) => unknown;
const VALUE: Parameters = [['value 1', 'operand', 1]];
const FREE: Readonly<Record<string, readonly [Call, Parameters]>> = {
  col: [col, [['name', 'text', 'a']]],
  lit: [lit, [['value', 'literal', 1]]],
  coalesce: [coalesce, VALUE],
  least: [least, VALUE],
  greatest: [greatest, VALUE],
  concat: [concat, VALUE],
  struct: [struct, [['', 'members', { a: 1 }]]],
  header: [header, [['name', 'text', 'trace']]],
  duration: [duration, [['', 'length', { hours: 1 }]]],
  when: [
    when,
    [
      ['condition', 'operand', true],
      ['value', 'operand', 1],
    ],
  ],
  otherwise: [(...args) => ending.otherwise(...(args as [never])), [['value', 'operand', 1]]],
  filter: [filterStep, [['predicate', 'operand', true]]],
  map: [mapStep, [['', 'members', { a: 1 }]]],
  unnest: [(name) => unnestStep(name as string, {}), [['column', 'text', 'tags']]],
  distinct: [(name) => distinctStep([name as string]), [['column', 'text', 'tags']]],
};
const ending: Case = when(true, 1);

/** Of the machinery. */
const INNER = ['constructor', 'derive', 'call', 'unary', 'binary'];

function methodNames(): readonly string[] {
  const names = new Set<string>();
  for (let at: object = Expr.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names].filter((name) => !INNER.includes(name));
}

const CALLS = [
  ...Object.entries(METHODS)
    .filter(([name]) => methodNames().includes(name))
    .map(([name, parameters]): readonly [string, Call, Parameters] => {
      const method = (col('a') as unknown as Record<string, Call>)[name]!;
      return [name, (...args) => method.apply(col('a'), args as never), parameters];
    }),
  ...Object.entries(FREE).map(([name, [call, parameters]]) => [name, call, parameters] as const),
];

test('every method is in the table', () => {
  expect(methodNames().filter((name) => !Object.hasOwn(METHODS, name))).toEqual([]);
});

test.for(CALLS)('%s names the argument and the way out', ([name, call, parameters]) => {
  const valid = parameters.map(([, , value]) => value);
  expect(() => call(...(valid as never[]))).not.toThrow();
  for (const [i, [argument, kind]] of parameters.entries()) {
    for (const value of WRONG[kind]) {
      let error: unknown;
      try {
        call(...(valid.with(i, value) as never[]));
      } catch (caught) {
        error = caught;
      }
      const given = `${name} with ${String(argument)} = ${String(typeof value)}`;
      expect(error, given).toBeInstanceOf(MillraceError);
      const { code, message } = error as MillraceError;
      expect(['INVALID_OPTION', 'INVALID_PLAN'], `${given}: ${message}`).toContain(code);
      expect(message, given).toContain(argument);
      expect(message, given).toMatch(/; (give|name|write|end|a lone|did you mean|it has)|takes/);
    }
  }
});

test.for([
  [
    () => col('a').in('DE' as never),
    "in: values is 'DE'; give a list: in(['DE', 'FR']), or in([...set])",
  ],
  [() => least(...([] as unknown as [number])), 'least: value 1 is missing; give an expression'],
  [
    () => col('a').round({ digitz: 1 } as never),
    'round: digits is { digitz: 1 }; give a whole number from -38 to 38',
  ],
  [
    () => col('a').jsonPath('$', { az: 'int64' } as never),
    "jsonPath has no option 'az'; it has as",
  ],
  [
    () => col('a').like(col('b') as never),
    "like: pattern is the expression b; give a text: like('A%')",
  ],
  [
    () => col('a').mul(when(true, 1) as never),
    'mul: right is a when() without an end; end it with .otherwise(value) or .end()',
  ],
  [() => duration({ hour: 1 } as never), "duration has no part 'hour'; did you mean 'hours'?"],
  [() => duration({ hours: '1' } as never), "duration: hours is '1'; give a number"],
] as const)('says what is wrong: %1', ([call, message]) => {
  expect(call).toThrow(message);
});
