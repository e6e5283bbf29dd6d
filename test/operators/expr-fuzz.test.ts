import { expect, test } from 'vitest';
import type { DataType, ScalarType, Schema } from '../../src/arrow/schema.ts';
import { coalesce, col, type Expr, lit } from '../../src/operators/expr.ts';
import type { Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { checkExpr, makeSelection } from './check-expr.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';

const ROUNDS = 400;
const MAX_DEPTH = 5;

type Kind = 'bool' | 'int32' | 'int64' | 'float64' | 'utf8';

const LITERALS: Readonly<Record<Kind, readonly (boolean | number | bigint | string)[]>> = {
  bool: [true, false],
  int32: [0, 1, -3, 100],
  int64: [0n, 5n, 5_000_000_000, -1n],
  float64: [0.5, -1.25, 1e10],
  utf8: ['', 'paid', 'open', 'a text of twenty by', 'zz'],
};
const VALUES: Readonly<Record<Kind, readonly Value[]>> = {
  bool: [true, false],
  int32: [0n, 1n, 7n, -3n, 50_000n, 2_147_483_647n],
  int64: [0n, 1n, -5n, 5n, 5_000_000_000n, 0x7fffffffffffffffn],
  float64: [0, 0.5, -1.25, 1e10, Number.NaN, Number.POSITIVE_INFINITY],
  utf8: ['', 'paid', 'open', 'a text of twenty by', 'zz', 'ü'],
};
const KINDS = Object.keys(VALUES) as Kind[];
const NUMBERS = ['int32', 'int64', 'float64'] as const;

/** Columns `<kind>0` with nulls, `<kind>1` without, `<kind>2` constant. */
const FIELDS = KINDS.flatMap((kind) =>
  [0, 1, 2].map((i) => ({
    name: `${kind}${i}`,
    type: { kind: kind as ScalarType } as DataType,
    nullable: i !== 1,
  })),
);
const SCHEMA: Schema = { fields: FIELDS };

function randomExpr(random: Random, kind: Kind, depth: number): Expr {
  const below = (of: Kind) => randomExpr(random, of, depth - 1);
  if (depth === 0 || random.next() < 0.2) {
    return random.next() < 0.25
      ? lit(random.pick(LITERALS[kind]))
      : col(`${kind}${random.below(3)}`);
  }
  if (random.next() < 0.2) return coalesce(below(kind), below(kind));
  if (kind === 'utf8') return col(`utf8${random.below(3)}`);
  if (kind !== 'bool') {
    const left = below(kind);
    if (random.next() < 0.1) return left.neg();
    const op = kind === 'float64' ? random.pick(['add', 'mul', 'div'] as const) : 'add';
    return left[random.pick([op, 'sub', 'mul', 'mod'] as const)](below(kind));
  }
  switch (random.below(6)) {
    case 0:
      return below('bool').not();
    case 1:
      return below('bool').and(below('bool'));
    case 2:
      return below('bool').or(below('bool'));
    case 3:
      return below(random.pick(KINDS))[random.pick(['isNull', 'isNotNull'] as const)]();
    case 4: {
      const of = random.pick(KINDS);
      return below(of).in([random.pick(LITERALS[of]), random.pick(LITERALS[of])]);
    }
    default: {
      const of = random.pick(KINDS);
      const other = NUMBERS.includes(of as (typeof NUMBERS)[number]) ? random.pick(NUMBERS) : of;
      const op = random.pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const);
      return below(of)[op](below(other));
    }
  }
}

function randomData(wasm: ReturnType<typeof makeInstance>, random: Random, length: number) {
  const data = FIELDS.map(({ name, type }, i) => {
    const kind = type.kind as Kind;
    const value = () => (i % 3 !== 1 && random.next() < 0.3 ? null : random.pick(VALUES[kind]));
    const constant = value();
    const values = Array.from({ length }, () => (i % 3 === 2 ? constant : value()));
    return { name, type, values, constant: i % 3 === 2 && length > 0 };
  });
  const columns = new Map(
    data.map(({ name, type, values, constant }) => [
      name,
      makeColumn(wasm, type, values, { constant }),
    ]),
  );
  const rows = Array.from({ length }, (_, row) =>
    Object.fromEntries(data.map(({ name, values }) => [name, values[row]!])),
  );
  return { schema: SCHEMA, columns, rows };
}

test('random expressions agree with row by row evaluation', () => {
  const wasm = makeInstance({ megabytes: 32 });
  const random = new Random(SEED);
  let checked = 0;
  for (let round = 0; round < ROUNDS; round++) {
    openArena(wasm);
    wasm.exports.state_reset();
    const length = random.pick([1, 8, 63, 64, 65, 150]);
    const data = randomData(wasm, random, length);
    const part = random.pick([1, 0.7, 0.1]);
    const rows = data.rows.map((_, row) => row).filter(() => random.next() < part);
    const selection = makeSelection(wasm, part === 1 ? undefined : rows, length);
    for (let i = 0; i < 5; i++, checked++) {
      const { node } = randomExpr(random, random.pick(KINDS), MAX_DEPTH);
      try {
        checkExpr(wasm, node, data, selection);
      } catch (error) {
        throw new Error(`seed ${SEED}, round ${round}: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
  expect(checked).toBe(ROUNDS * 5);
});
