import { beforeEach, expect, test } from 'vitest';
import type { DataType, Field, Schema } from '../../src/arrow/schema.ts';
import { type RowOrigin, saltOf } from '../../src/operators/choose-rows.ts';
import { compileSteps } from '../../src/operators/compile.ts';
import { col, toNode } from '../../src/operators/expr.ts';
import { StepRunner } from '../../src/operators/runner.ts';
import type { Step } from '../../src/operators/step.ts';
import { columnToValues, type Value } from '../wasm/columns.ts';
import { makeInstance, openArena } from '../wasm/harness.ts';
import { makeColumn } from './make-column.ts';
import { Random, SEED } from './random.ts';

const wasm = makeInstance({ megabytes: 64 });
beforeEach(() => openArena(wasm));

const field = (name: string, type: DataType): Field => ({ name, type, nullable: true });
const SCHEMA: Schema = {
  fields: [
    field('n', { kind: 'int64' }),
    field('i', { kind: 'int32' }),
    field('x', { kind: 'float64' }),
    field('t', { kind: 'utf8' }),
    field('b', { kind: 'bool' }),
    field('s', { kind: 'struct', fields: [field('a', { kind: 'utf8' })] }),
    field('l', { kind: 'list', item: field('item', { kind: 'int32' }) }),
    field('f', { kind: 'float32' }),
    field('y', { kind: 'int8' }),
    field('h', { kind: 'uint16' }),
    field('d', { kind: 'decimal', precision: 30, scale: 3 }),
    field('w', { kind: 'dictionary' }),
    field('j', { kind: 'json' }),
    field('m', { kind: 'map', value: field('value', { kind: 'bool' }) }),
    field('z', { kind: 'null' }),
  ],
};
type Row = Record<string, Value>;

function columnsOf(rows: readonly Row[], schema = SCHEMA) {
  return new Map(
    schema.fields.map(({ name, type }) => [
      name,
      makeColumn(
        wasm,
        type,
        rows.map((row) => row[name] ?? null),
      ),
    ]),
  );
}

/** Numbers of the rows that pass. */
function passing(rows: readonly Row[], steps: readonly Step[], origin?: RowOrigin): number[] {
  const runner = new StepRunner(wasm, structuredClone(compileSteps(steps, SCHEMA)));
  const count = rows.length;
  const options = origin === undefined ? {} : { origin };
  const { selection } = runner.run(columnsOf(rows), { address: 0, count }, options);
  return Array.from({ length: selection.count }, (_, i) =>
    selection.address === 0 ? i : wasm.u32[selection.address / 4 + i]!,
  );
}

const distinct = (...columns: string[]): Step => ({ kind: 'distinct', columns });
const sample = (fraction: number, seed = 0): Step => ({ kind: 'sample', fraction, seed });
const filter = (name: string, least: number): Step => ({
  kind: 'filter',
  predicate: toNode(col(name).ge(least)),
});

// -0 and 0, and all NaNs, are one value each.
const keyOf = (row: Row, names: readonly string[]) =>
  JSON.stringify(
    names.map((name) => [row[name] ?? null]),
    (_, value) => {
      if (typeof value === 'bigint') return `${value}n`;
      if (value instanceof Map) return [...value];
      if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
      return Object.is(value, -0) ? 0 : value;
    },
  );

function firstOfEach(rows: readonly Row[], names: readonly string[]): number[] {
  const seen = new Set<string>();
  return rows.flatMap((row, i) => {
    const key = keyOf(row, names);
    if (seen.has(key)) return [];
    seen.add(key);
    return [i];
  });
}

test(`distinct keeps the first row of each tuple, as a set of texts does (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const names = SCHEMA.fields.map(({ name }) => name);
  const few = (most: number) => Math.floor(random.next() * most);
  const maybe = <T>(value: T) => (random.next() < 0.2 ? null : value);
  for (let round = 0; round < 200; round++) {
    openArena(wasm);
    const rows: Row[] = Array.from({ length: few(400) }, () => ({
      n: maybe(BigInt(few(5)) * 2n ** 61n),
      i: maybe(few(6)),
      x: maybe([0, -0, Number.NaN, 1.5, Number.POSITIVE_INFINITY][few(5)]!),
      t: maybe('x'.repeat(few(4) * 7) + few(3)),
      b: maybe(random.next() < 0.5),
      s: maybe({ a: maybe(`s${few(3)}`) }),
      l: maybe(Array.from({ length: few(3) }, () => maybe(few(2)))),
      f: maybe([0, -0, Number.NaN, 1.5][few(4)]!),
      y: maybe(few(3) - 1),
      h: maybe(few(3) * 30_000),
      d: maybe(BigInt(few(3)) * 10n ** 25n),
      w: maybe(['x', 'y', ''][few(3)]!),
      j: maybe(['1', '1.0', '{}'][few(3)]!),
      m: maybe(new Map(few(2) === 0 ? [] : [['k', maybe(true)]])),
      z: null,
    }));
    const chosen = names.filter(() => random.next() < 0.4);
    const wanted = firstOfEach(rows, chosen.length === 0 ? names : chosen);
    expect(passing(rows, [distinct(...chosen)]), `round ${round}`).toEqual(wanted);
  }
});

test('distinct sees only the rows that are in play', () => {
  const rows: Row[] = [
    { i: 0, t: 'a' },
    { i: 1, t: 'b' },
    { i: 2, t: 'a' },
    { i: 3, t: 'a' },
  ];
  expect(passing(rows, [filter('i', 1), distinct('t')])).toEqual([1, 2]);
  expect(passing([], [distinct('t')])).toEqual([]);
});

test('distinct gives back what it took of the lease', () => {
  const rows: Row[] = Array.from({ length: 10_000 }, (_, i) => ({ n: BigInt(i % 10) }));
  const columns = columnsOf(rows);
  const runner = new StepRunner(wasm, compileSteps([distinct('n')], SCHEMA));
  const before = wasm.exports.arena_mark();
  const { selection } = runner.run(columns, { address: 0, count: rows.length });
  expect(selection.count).toBe(10);
  expect(wasm.exports.arena_mark() - before).toBeLessThan(1_000);
});

test('distinct over all columns leaves out those that no step named', () => {
  const schema = { fields: SCHEMA.fields.slice(0, 5) };
  const hidden = (steps: Step[]) =>
    compileSteps(steps, schema, ['x', 't']).steps.find(({ kind }) => kind === 'distinct');
  expect(hidden([distinct()])).toMatchObject({ columns: ['n', 'i', 'b'] });
  const rename: Step = { kind: 'rename', names: { t: 'text' } };
  expect(hidden([rename, distinct()])).toMatchObject({ columns: ['n', 'i', 'text', 'b'] });
  expect(() => compileSteps([distinct('nn')], SCHEMA)).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_COLUMN' }),
  );
});

const MANY: Row[] = Array.from({ length: 20_000 }, (_, i) => ({ i }));
const from = (first: number, text = 'orders-3'): RowOrigin => ({
  ...{ offsets: 0, first: BigInt(first), salt: saltOf(text) },
});

test.each([0, 0.01, 0.25, 0.5, 1])('a sample has its share: %f', (fraction) => {
  const { length } = passing(MANY, [sample(fraction)], from(0));
  const deviation = Math.sqrt(MANY.length * fraction * (1 - fraction));
  expect(Math.abs(length - fraction * MANY.length)).toBeLessThanOrEqual(5 * deviation);
});

test('a sample has the same rows, wherever a morsel begins', () => {
  const whole = passing(MANY, [sample(0.3)], from(1_000));
  const part = passing(MANY.slice(777), [sample(0.3)], from(1_777));
  expect(part.map((row) => row + 777)).toEqual(whole.filter((row) => row >= 777));
  // A filter in front changes nothing for the rows that it lets through.
  const filtered = passing(MANY, [filter('i', 500), sample(0.3)], from(1_000));
  expect(filtered).toEqual(whole.filter((row) => row >= 500));
});

test('seeds, partitions and places in the plan draw independently', () => {
  const draws = [
    passing(MANY, [sample(0.5)], from(0)),
    passing(MANY, [sample(0.5, 1)], from(0)),
    passing(MANY, [sample(0.5)], from(0, 'orders-4')),
  ];
  for (const [k, one] of draws.entries()) {
    for (const other of draws.slice(k + 1)) {
      const both = one.filter((row) => other.includes(row)).length;
      expect(Math.abs(both - 5_000)).toBeLessThan(400);
    }
  }
  const { length } = passing(MANY, [sample(0.5), sample(0.5)], from(0));
  expect(Math.abs(length - 5_000)).toBeLessThan(400);
});

test('the rows of one seed are not those of another in another order', () => {
  const rows = MANY.slice(0, 16_384);
  const zero = new Set(passing(rows, [sample(0.1)], from(0)));
  const perBlock = (drawn: Iterable<number>) => {
    const counts = Array.from({ length: 32 }, () => 0);
    for (const row of drawn) counts[Math.floor(row / 512)]! += 1;
    return counts;
  };
  for (const seed of [1, 2, 3, 512, 4_096]) {
    const drawn = passing(rows, [sample(0.1, seed)], from(0));
    expect(perBlock(drawn), `seed ${seed}`).not.toEqual(perBlock(zero));
    const shifted = [1, seed].flatMap((by) => [
      drawn.filter((row) => zero.has(row ^ by)).length,
      drawn.filter((row) => zero.has(row + by)).length,
    ]);
    for (const both of shifted) expect(both, `seed ${seed}`).toBeLessThan(drawn.length / 4);
  }
});

test('a sample of unnested rows knows each by its record and its place there', () => {
  const rows: Row[] = Array.from({ length: 400 }, (_, i) => ({
    i,
    l: Array.from({ length: i % 5 }, (__, k) => k),
  }));
  const unnest: Step = {
    ...{ kind: 'unnest', columns: [{ column: 'l', as: undefined }], outer: false },
  };
  const steps = [unnest, sample(0.5)];
  const drawn = (part: readonly Row[], first: number) => {
    const runner = new StepRunner(wasm, compileSteps(steps, SCHEMA));
    const options = { origin: from(first) };
    const all = { address: 0, count: part.length };
    const { columns, selection } = runner.run(columnsOf(part), all, options);
    const [ids, places] = ['i', 'l'].map((name) => columnToValues(wasm, columns.get(name)!));
    return Array.from({ length: selection.count }, (_, n) => {
      const row = wasm.u32[selection.address / 4 + n]!;
      return `${ids![row]}/${places![row]}`;
    });
  };
  const whole = drawn(rows, 0);
  const late = whole.filter((name) => Number(name.split('/')[0]) >= 123);
  expect(drawn(rows.slice(123), 123)).toEqual(late);
  expect(whole.length).toBeGreaterThan(300);
  expect(whole.length).toBeLessThan(500);
});
