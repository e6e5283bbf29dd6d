/** Expressions over structs, lists and maps, several levels of them, against DuckDB. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DataType } from '../../../src/arrow/schema.ts';
import { map, nullable, toSchema } from '../../../src/arrow/schema-literal.ts';
import { compileSteps } from '../../../src/operators/compile.ts';
import { when } from '../../../src/operators/expr/when.ts';
import { coalesce, col, type Expr, greatest, least, struct } from '../../../src/operators/expr.ts';
import { StepRunner } from '../../../src/operators/runner.ts';
import type { Step } from '../../../src/operators/step.ts';
import { take } from '../../../src/operators/take.ts';
import { toSql } from '../../../tools/expressions/to-sql.ts';
import { columnToValues } from '../../wasm/columns.ts';
import { makeInstance, openArena } from '../../wasm/harness.ts';
import { Random, SEED } from '../random.ts';
import { ofDuck, ofMillrace } from './compare.ts';
import { type Columns, openDuck, randomRows, toColumns, toTable } from './table.ts';

const ROWS = 200;
const USES = 25;
const DEPTH = 2;

const ORDER = nullable({ x: 'int32?', y: 'utf8?', z: nullable(['float64?']) });
const ITEMS = nullable([nullable({ sku: 'utf8?', price: 'decimal(9,2)?' })]);
const GRID = nullable([nullable(['int64?'])]);
const COUNTS = nullable(map(nullable(['int32?'])));
const DEEP = nullable({
  m: nullable(map('date?')),
  s: nullable({ w: 'timestamp(us,local)?', f: 'bool?' }),
});

/** Two columns of each type, `a` and `b`, and what picks of them. */
const SCHEMA = toSchema({
  flag: 'bool?',
  place: 'int8?',
  word: 'dictionary?',
  ...{ structA: ORDER, structB: ORDER, itemsA: ITEMS, itemsB: ITEMS, gridA: GRID, gridB: GRID },
  ...{ countsA: COUNTS, countsB: COUNTS, deepA: DEEP, deepB: DEEP },
});
const KINDS = ['struct', 'items', 'grid', 'counts', 'deep'] as const;
type Kind = (typeof KINDS)[number];

const wasm = makeInstance();
let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuck();
});
afterAll(() => connection.closeSync());

/** A value of one of the types, chosen from others of it. */
function valueLike(random: Random, kind: Kind, depth = DEPTH): Expr {
  const part = () => valueLike(random, kind, depth - 1);
  if (depth === 0 || random.next() < 0.2) return col(`${kind}${random.pick(['A', 'B'])}`);
  switch (random.below(5)) {
    case 0:
      return when(col('flag'), part()).otherwise(part());
    case 1:
      return when(col('place').gt(3), part()).when(col('flag'), part()).end();
    case 2:
      return coalesce(part(), part());
    case 3:
      return least(part(), part());
    default:
      return greatest(part(), part(), part());
  }
}

const LISTS: readonly Kind[] = ['items', 'grid'];
const STRUCTS: readonly Kind[] = ['struct', 'deep'];
const MEMBERS: Partial<Record<Kind, readonly string[]>> = {
  struct: ['x', 'y', 'z'],
  deep: ['m', 's'],
};

/** What is made of values of these types. */
const USE: Readonly<Record<string, (random: Random) => Expr>> = {
  'a choice': (random) => valueLike(random, random.pick(KINDS)),
  'a comparison': (random) => {
    const kind = random.pick(KINDS);
    const op = random.pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const);
    return valueLike(random, kind)[op](valueLike(random, kind, 1));
  },
  isNull: (random) => valueLike(random, random.pick(KINDS)).isNull(),
  field: (random) => {
    const kind = random.pick(STRUCTS);
    return valueLike(random, kind).field(random.pick(MEMBERS[kind]!));
  },
  'field of field': (random) =>
    valueLike(random, 'deep')
      .field('s')
      .field(random.pick(['w', 'f'])),
  'get of a list': (random) =>
    valueLike(random, random.pick(LISTS)).get(random.pick([1, -1, 2, col('place')])),
  'get of a map': (random) => valueLike(random, 'counts').get(random.pick(['red', col('word')])),
  'get of get': (random) => valueLike(random, 'grid').get(1).get(col('place')),
  contains: (random) => {
    const kind = random.pick(LISTS);
    return valueLike(random, kind, 1).contains(valueLike(random, kind, 1).get(random.pick([1, 2])));
  },
  keys: (random) =>
    random.pick([valueLike(random, 'counts'), valueLike(random, 'deep').field('m')]).keys(),
  values: (random) => valueLike(random, 'counts').values(),
  length: (random) => valueLike(random, random.pick(LISTS)).length(),
  struct: (random) =>
    struct({
      p: valueLike(random, random.pick(KINDS)),
      q: random.pick([col('word'), valueLike(random, 'grid').get(1)]),
    }),
};

function freshData(random: Random): { data: Columns; load: () => Promise<void> } {
  openArena(wasm);
  wasm.exports.state_reset();
  const rows = randomRows(random, ROWS, SCHEMA);
  return { data: toColumns(wasm, rows, SCHEMA), load: () => toTable(connection, rows, SCHEMA) };
}

function run(
  { columns, rows }: Columns,
  steps: readonly Step[],
): { type: DataType; values: string[] } {
  // As a worker gets them.
  const compiled = structuredClone(compileSteps(steps, SCHEMA));
  const { name, type } = compiled.output.fields[0]!;
  const result = new StepRunner(wasm, compiled).run(columns, { address: 0, count: rows });
  const column = take(wasm, result.columns.get(name)!, result.selection);
  return { type, values: columnToValues(wasm, column, type).map((v) => ofMillrace(v, type)) };
}

// The least and the greatest that are chosen there have 0 for -0.
function withoutSign(text: string): string {
  return text.replaceAll(/(?<=^|[[=,])-0(?=$|[\],}])/g, '0');
}

async function compareWithDuck(mine: ReturnType<typeof run>, sql: string): Promise<void> {
  const reader = await connection.runAndReadAll(sql);
  const duck = reader.getRows().map(([value]) => ofDuck(value!, mine.type));
  expect(mine.values.length, sql).toBe(duck.length);
  for (const [row, expected] of duck.entries()) {
    const given = `row ${row}: ${withoutSign(mine.values[row]!)}`;
    expect(given, `${sql} (seed ${SEED})`).toBe(`row ${row}: ${withoutSign(expected)}`);
  }
}

test.for(Object.keys(USE))('%s of nested values', async (name) => {
  const random = new Random(SEED + name.length);
  const { data, load } = freshData(random);
  await load();
  for (let i = 0; i < USES; i++) {
    const { node } = USE[name]!(random);
    const mine = run(data, [{ kind: 'select', columns: [{ name: 'result', expr: node }] }]);
    await compareWithDuck(mine, `SELECT ${toSql(node)} FROM t ORDER BY "row"`);
  }
});

test('unnest of chosen lists', async () => {
  const random = new Random(SEED);
  const { data, load } = freshData(random);
  await load();
  for (let i = 0; i < USES; i++) {
    const { node } = valueLike(random, random.pick(LISTS));
    const mine = run(data, [
      { kind: 'select', columns: [{ name: 'list', expr: node }] },
      { kind: 'unnest', columns: [{ column: 'list', as: 'item' }], outer: false },
    ]);
    const lists = `SELECT "row", ${toSql(node)} AS list FROM t`;
    const places = 'unnest(range(1, len(list) + 1)) AS place';
    const items = `SELECT "row", unnest(list) AS item, ${places} FROM (${lists})`;
    await compareWithDuck(mine, `SELECT item FROM (${items}) ORDER BY "row", place`);
  }
});
