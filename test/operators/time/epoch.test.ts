/** `fromEpoch` and `toEpoch`, alone and beside DuckDB. */
import { expect, test } from 'vitest';
import type { TimeUnit } from '../../../src/arrow/schema.ts';
import { typeToString } from '../../../src/arrow/schema-text.ts';
import { col, lit } from '../../../src/operators/expr.ts';
import { typeOf } from '../../../src/operators/lower.ts';
import { toSql } from '../../../tools/expressions/to-sql.ts';
import { makeInstance } from '../../wasm/harness.ts';
import { openDuck } from '../duckdb/table.ts';
import { valuesOf } from '../run-expr.ts';

const wasm = makeInstance({ megabytes: 32 });
const UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];
const COUNTS = [0n, 1n, -1n, 1_714_557_600n, -62_135_596n, 999n, null];

test.for(UNITS)('numbers of %s are timestamps, and back', (unit) => {
  const from = col('n').fromEpoch(unit);
  const schema = { fields: [{ name: 'n', type: { kind: 'int64' }, nullable: true }] } as const;
  const text = unit === 'us' ? 'timestamp' : `timestamp(${unit})`;
  expect(typeToString(typeOf(from.node, schema).type)).toBe(text);
  const columns = { n: ['int64', COUNTS] } as const;
  expect(valuesOf(wasm, from, columns)).toEqual(COUNTS);
  expect(valuesOf(wasm, from.toEpoch(unit), columns)).toEqual(COUNTS);
  expect(valuesOf(wasm, from.toEpoch(unit), columns, { rows: [1, 3] })).toEqual([
    COUNTS[1],
    COUNTS[3],
  ]);
});

test('narrow integers and constants are taken, too', () => {
  expect(valuesOf(wasm, col('n').fromEpoch('s'), { n: ['int32', [5, null]] })).toEqual([5n, null]);
  const day = lit(86_400).fromEpoch('s').cast('date');
  expect(valuesOf(wasm, day, { n: ['int32', [5]] })).toEqual([1]);
  const options = { constant: ['n'] };
  const columns = { n: ['int64', [7n, 7n]] } as const;
  expect(valuesOf(wasm, col('n').fromEpoch('ms'), columns, options)).toEqual([7n, 7n]);
});

test.for(UNITS)('DuckDB has the same of numbers of %s', async (unit) => {
  const connection = await openDuck();
  const { node } = lit(1_714_557_600_123n).fromEpoch(unit);
  // Seconds so far away are beyond DuckDB's timestamps.
  const count = unit === 's' ? 1_714_557_600n : 1_714_557_600_123n;
  const sql = toSql(unit === 's' ? lit(count).fromEpoch(unit).node : node);
  const type = { s: 'S', ms: 'MS', us: '', ns: 'NS' }[unit];
  const utc = unit === 's' ? `(${sql} AT TIME ZONE 'UTC')` : sql;
  const target = type === '' ? 'TIMESTAMP' : `TIMESTAMP_${type}`;
  const back = toSql(col('at').toEpoch(unit).node);
  const query = `SELECT ${back} FROM (SELECT CAST(${utc} AS ${target}) AS at)`;
  const [row] = (await connection.runAndReadAll(query)).getRows();
  expect(row![0]).toBe(count);
});

test('finer units are rounded as a cast rounds them', () => {
  const columns = { at: ['timestamp', [1_500n, 1_499n, -1_500n, null]] } as const;
  expect(valuesOf(wasm, col('at').toEpoch('ms'), columns)).toEqual([2n, 1n, -2n, null]);
});

test('days from nanoseconds to what they do not reach are counted', () => {
  const columns = {
    fine: ['timestamp(ns,local)', [-1n, 0n, null]],
    day: ['date', [-719_528, 2_932_896, -719_528]],
    second: ['timestamp(s,local)', [253_402_300_799n, -62_167_219_200n, 0n]],
  } as const;
  const fine = col('fine');
  expect(valuesOf(wasm, fine.diff(col('day'), 'day'), columns)).toEqual([
    719_527n,
    -2_932_896n,
    null,
  ]);
  expect(valuesOf(wasm, col('second').diff(fine, 'year'), columns)).toEqual([8030n, -1970n, null]);
});

test('what has no cast names the way round', () => {
  const refused = (type: 'int64' | 'date' | 'timestamp', to: 'timestamp' | 'int64' | 'date') => {
    const schema = { fields: [{ name: 'a', type: kindOf(type), nullable: false }] };
    return () => typeOf(col('a').cast(to).node, schema);
  };
  const kindOf = (type: 'int64' | 'date' | 'timestamp') =>
    type === 'timestamp' ? ({ kind: type, unit: 'ms', zone: 'UTC' } as const) : { kind: type };
  expect(refused('int64', 'timestamp')).toThrow("no cast to timestamp; .fromEpoch('ms') takes");
  expect(refused('timestamp', 'int64')).toThrow("no cast to int64; .toEpoch('ms') gives");
  expect(refused('int64', 'date')).toThrow(".fromEpoch('s').cast('date') makes one");
  expect(refused('date', 'int64')).toThrow(".extract('epoch') gives seconds");
});

test('a unit that there is not is refused', () => {
  const schema = { fields: [{ name: 'n', type: { kind: 'int64' }, nullable: true }] } as const;
  expect(() => typeOf(col('n').fromEpoch('m' as 's').node, schema)).toThrow(
    "'m' is no unit of a timestamp; there are s, ms, us, ns",
  );
});
