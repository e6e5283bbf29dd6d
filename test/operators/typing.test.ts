import { expect, test } from 'vitest';
import { type Schema, TIMESTAMP } from '../../src/arrow/schema.ts';
import { typeToString } from '../../src/arrow/schema-text.ts';
import { when } from '../../src/operators/expr/when.ts';
import {
  coalesce,
  col,
  type Expr,
  greatest,
  least,
  lit,
  struct,
} from '../../src/operators/expr.ts';
import { exprToString } from '../../src/operators/expr-text.ts';
import { typeOf } from '../../src/operators/lower.ts';
import { parseTemporal } from '../../src/operators/temporal-literal.ts';

const city = { name: 'city', type: { kind: 'utf8' }, nullable: false } as const;
const HOME = { name: 'item', type: { kind: 'struct', fields: [city] }, nullable: false } as const;
const DOCUMENT = { name: 'item', type: { kind: 'json' }, nullable: true } as const;
const SCHEMA: Schema = {
  fields: [
    { name: 'small', type: { kind: 'int32' }, nullable: false },
    { name: 'id', type: { kind: 'int64' }, nullable: false },
    { name: 'amount', type: { kind: 'float64' }, nullable: true },
    { name: 'status', type: { kind: 'utf8' }, nullable: false },
    { name: 'raw', type: { kind: 'binary' }, nullable: false },
    { name: 'at', type: TIMESTAMP, nullable: false },
    { name: 'paid', type: { kind: 'bool' }, nullable: false },
    { name: 'home', type: { kind: 'struct', fields: [city] }, nullable: true },
    { name: 'homes', type: { kind: 'list', item: HOME }, nullable: false },
    { name: 'documents', type: { kind: 'list', item: DOCUMENT }, nullable: false },
    { name: 'fine', type: { ...TIMESTAMP, unit: 'ns' }, nullable: false },
    { name: 'clock', type: { kind: 'time' }, nullable: false },
    { name: 'big', type: { kind: 'uint64' }, nullable: false },
  ],
};

const TYPES: readonly [Expr, string][] = [
  [col('small').add(1), 'int32'],
  [col('small').add(1n), 'int64'],
  [col('small').add(3_000_000_000), 'int64'],
  [col('small').add(col('id')), 'int64'],
  [col('id').mul(0.5), 'float64'],
  [col('id').add(col('amount')), 'float64?'],
  [col('small').div(2), 'float64'],
  [col('id').mod(7), 'int64'],
  [col('id').mod(0), 'int64?'],
  [col('id').mod(col('small')), 'int64?'],
  [col('small').neg(), 'int32'],
  [col('small').add(lit(0).neg()), 'int32'],
  [col('amount').gt(5), 'bool?'],
  [col('at').gt('2024-05-01'), 'bool'],
  [col('at').le(new Date()), 'bool'],
  [col('raw').eq('x'), 'bool'],
  [col('raw').eq(col('status')), 'bool'],
  [col('amount').isNull(), 'bool'],
  [coalesce(col('amount'), 0), 'float64'],
  [coalesce(col('home'), struct({ city: col('status') })), '{city utf8}'],
  [when(col('paid'), col('home')).end(), '{city utf8}?'],
  [when(col('paid'), struct({ city: 'x' })).otherwise(struct({ city: lit('y') })), '{city utf8}'],
  [greatest(col('homes'), col('homes')), '[{city utf8}]'],
  [col('home').eq(struct({ city: 'x' })), 'bool?'],
  [col('homes').contains(col('home')), 'bool?'],
  [col('homes').contains(null), 'bool?'],
  [col('home').isNull(), 'bool'],
  [coalesce(col('amount'), null), 'float64?'],
  [coalesce(col('small'), col('id')), 'int64'],
  [col('id').in([1, null]), 'bool?'],
  [col('amount').in([]), 'bool'],
  [col('home').field('city'), 'utf8?'],
  [col('at').sub(col('at')), 'duration'],
  [col('at').sub('2024-05-01'), 'duration'],
  [col('at').sub('PT1H'), 'timestamp'],
  [lit(5), 'int32'],
  [lit(5e10), 'int64'],
  [lit(5n), 'int64'],
  [lit(0.5), 'float64'],
  [lit(new Date(0)), 'timestamp'],
];

test.for(TYPES.map(([expr, type]) => [exprToString(expr.node), expr, type] as const))(
  '%s has its type',
  ([, expr, expected]) => {
    const { type, nullable } = typeOf(expr.node, SCHEMA);
    expect(typeToString(type, nullable)).toBe(expected);
  },
);

const REFUSED: readonly [Expr, string][] = [
  [
    col('amuont').gt(1),
    'no column amuont for an expression; there are amount, small, id, status, raw, at, paid, home',
  ],
  [
    col('amount').mul(col('status')),
    'amount * status: amount is float64, status is utf8; arithmetic takes numbers',
  ],
  [
    col('status').eq(5),
    'status = 5: status is utf8, 5 is int32; values of one type are compared, or numbers; ' +
      "write .cast('float64') or .cast('decimal(18,2)') behind",
  ],
  [
    col('id').gt('100'),
    "id > '100': id is int64, '100' is utf8; values of one type are compared, or numbers; " +
      'write 100 without quotes',
  ],
  [
    col('at').gt(5),
    'at > 5: at is timestamp, 5 is int32; ' +
      'a timestamp is compared with a timestamp or date: a Date, or an ISO 8601 text',
  ],
  [
    when(col('paid'), col('status').cast('json')).otherwise('x'),
    "cast(status, 'json') is json, 'x' is utf8; the values to choose from have one type; " +
      ".cast('utf8') makes a text of a json",
  ],
  [
    col('at').cast('timestamp(ns)').lt(new Date('9999-12-31')),
    '9999-12-31 is beyond timestamp(ns), which holds 1677-09-21 to 2262-04-11',
  ],
  [
    col('at').gt('yesterday'),
    "at > 'yesterday': 'yesterday' is no timestamp; " +
      "write an ISO 8601 text such as '2024-05-01T12:00:00Z', or a Date",
  ],
  [
    col('fine').lt('9999-12-31'),
    "'9999-12-31' is beyond timestamp(ns), which holds 1677-09-21 to 2262-04-11",
  ],
  [col('fine').lt('9999-12-31T00:00:00.5Z'), 'is beyond timestamp(ns)'],
  [col('fine').lt('yesterday'), "'yesterday' is no timestamp"],
  [
    col('big').shiftLeft(col('small')),
    "shiftLeft takes integers, and no integer holds both of these; .cast('int64') one",
  ],
  [col('clock').sub(col('clock')), "between times write end.diff(start, 'second')"],
  [
    col('at').add(col('at')),
    'at + at: at is timestamp, at is timestamp; dates, times and timestamps take durations',
  ],
  [
    col('paid').and(col('id')),
    'paid and id: paid is bool, id is int64; and, or, not take bools; ' +
      'compare id: .gt(…), .eq(…) or .isNotNull()',
  ],
  [
    col('home').eq('x'),
    "home = 'x': home is struct, 'x' is utf8; structs, lists and maps stand beside others of the " +
      'same members and items only; take a member: .field(name)',
  ],
  [
    coalesce(col('home'), struct({ city: col('id') })),
    'not {city utf8} beside {city int64}; take members with .field(name) or .get(place), cast',
  ],
  [
    when(col('paid'), col('home')).otherwise(col('documents')),
    'not {city utf8} beside [json?]; take members',
  ],
  [col('documents').eq(col('documents')), 'json is not compared'],
  [least(col('documents'), col('documents')), 'values are compared, which json is not'],
  [col('documents').contains('x'), 'items are compared, which json is not'],
  [col('homes').contains(col('documents')), 'it takes an item with the same members and items'],
  [
    col('id').eq(2 ** 60),
    'id = 1152921504606847000: 1152921504606846976 is beyond the whole numbers a number ' +
      'holds; write 1152921504606846976n',
  ],
  [
    col('amount').eq(9007199254740993n),
    'amount = 9007199254740993: float64 does not hold 9007199254740993 exactly; ' +
      'write 9007199254740992',
  ],
  [
    coalesce(null, null),
    'coalesce(null, null): nulls alone have no type; add an operand that has one',
  ],
  [col('home').field('town'), 'no column town for home.town; there are city'],
  [col('id').field('x'), 'id.x: id is int64; only a struct has members'],
];

test.for(REFUSED.map(([expr, message]) => [message, expr] as const))('%s', ([message, expr]) => {
  expect(() => typeOf(expr.node, SCHEMA)).toThrow(message);
});

test('an expression that is too deep is refused, not a stack overflow', () => {
  let expr = col('paid');
  for (let i = 0; i < 5000; i++) expr = expr.not();
  expect(() => typeOf(expr.node, SCHEMA)).toThrow(
    'more than 500 levels of operators within operators; compute',
  );
});

test.for([
  ['2024-05-01', 1_714_521_600_000_000n],
  ['2024-05-01T12:30', 1_714_566_600_000_000n],
  ['2024-05-01 12:30:15.123456Z', 1_714_566_615_123_456n],
  ['2024-05-01T12:30:15.5+02:00', 1_714_559_415_500_000n],
  ['1969-12-31T23:59:59.999999Z', -1n],
  ['2024-02-30', undefined],
  ['2024-05-01T25:00', undefined],
  ['1 May 2024', undefined],
] as const)('the timestamp %s', ([text, micros]) => {
  expect(parseTemporal(text, TIMESTAMP)).toBe(micros);
});
