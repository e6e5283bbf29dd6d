/** Times of every type, here and in DuckDB, and what one expression makes of them in both. */
import {
  DuckDBDateValue,
  DuckDBInstance,
  DuckDBIntervalValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { expect } from 'vitest';
import { parseType } from '../../../src/arrow/scalar-text.ts';
import type { DataType, ScalarDataType, Schema } from '../../../src/arrow/schema.ts';
import { MillraceError } from '../../../src/errors.ts';
import { compileSteps } from '../../../src/operators/compile.ts';
import type { Expr } from '../../../src/operators/expr.ts';
import { exprToString } from '../../../src/operators/expr-text.ts';
import { StepRunner } from '../../../src/operators/runner.ts';
import { take } from '../../../src/operators/take.ts';
import { columnToValues, type Value } from '../../wasm/columns.ts';
import { makeInstance } from '../../wasm/harness.ts';
import { makeSelection } from '../check-expr.ts';
import { makeColumn } from '../make-column.ts';
import { Random, SEED } from '../random.ts';

const DAY = 86_400_000_000n;
/** DuckDB has no earlier timestamp, and takes the two ends of int64 for infinity. */
const FIRST_MICROS = -9_223_372_022_400_000_000n;
const LAST_MICROS = 9_223_372_036_854_775_806n;
const YEAR_1 = -62_135_596_800_000_000n;

/** Instants, in microseconds, where calendars and roundings turn. */
const TURNS = [
  '0000-01-01',
  '0004-02-29',
  '-000043-03-15',
  '1600-02-29',
  '1678-01-01',
  '1899-12-31',
  '1900-03-01',
  '1969-12-28',
  '1969-12-31',
  '1970-01-01',
  '1999-12-31',
  '2000-02-29',
  '2024-01-31',
  '2024-02-29',
  '2024-12-30',
  '2027-01-03',
  '2262-04-11',
  '9999-12-31',
  '+010000-01-01',
].map((day) => BigInt(Date.parse(`${day}T00:00:00Z`)) * 1000n);
const SHIFTS = [0n, -1n, 1n, 500n, -500n, 499_999n, 3_599_999_999n, DAY - 1n, 45_296_789_123n];

/** What patterns of the tests match, and nearly match. */
const TEXTS = [
  '2024-02-29',
  '2023-02-29',
  ' 2024-2-9 ',
  '2024-13-01',
  '2024-00-10',
  '2024-02-09x',
  '2024-02-09 03:04:05.5',
  '2024-02-09   23:59:59.123456',
  '2024-02-09 24:00:00.0',
  '2024-02-09 03:60:05.1',
  '09/Feb/24',
  '9/FEB/68',
  '09/february/69',
  'Friday, February 9 2024',
  'friday, FEBRUARY 09 2024',
  'Fri, Feb 9 2024',
  '03:04 PM',
  '12:00 am',
  '12:00 pm',
  '13:00 PM',
  '0:30 AM',
  '2024 060',
  '2023 366',
  '2024 00',
  '2024 53',
  '2024 05 1',
  '2024 09 7',
  '2020 53 7',
  '2024-02-09 03:04:05 +01:30',
  '2024-02-09 03:04:05 -0800',
  '2024-02-09 03:04:05 +15',
  '2024-02-09 03:04:05 +1',
  '20240209',
  '2024é02',
  '',
  'Infinity is near',
];

/** Columns by name. */
export const TIMES: Readonly<Record<string, string>> = {
  d1: 'date',
  d2: 'date',
  clock: 'time',
  clock2: 'time',
  us: 'timestamp(us,local)',
  us2: 'timestamp(us,local)',
  utc: 'timestamp(us)',
  ms: 'timestamp(ms,local)',
  s: 'timestamp(s,local)',
  ns: 'timestamp(ns,local)',
  ns2: 'timestamp(ns,local)',
  took: 'duration',
  took2: 'duration',
  text: 'utf8',
  n: 'int32',
  x: 'float64',
};

const typeNamed = (text: string): ScalarDataType => parseType(text) as ScalarDataType;

function micros(random: Random, far: boolean): bigint {
  const roll = random.next();
  if (far && roll < 0.1) return FIRST_MICROS + BigInt(random.below(1e9)) * 1000n;
  if (far && roll < 0.2) return LAST_MICROS - BigInt(random.below(1e9)) * 1000n;
  if (far && roll < 0.4) {
    return BigInt(Math.floor((random.next() - 0.5) * 2 ** 33)) * (1n << 30n);
  }
  if (roll < 0.7) return random.pick(TURNS) + random.pick(SHIFTS);
  return BigInt(random.below(80_000) - 30_000) * DAY + BigInt(Math.floor(random.next() * 86.4e9));
}

function randomTime(random: Random, type: ScalarDataType): Value {
  if (random.next() < 0.1) return null;
  switch (type.kind) {
    case 'date': {
      const roll = random.next();
      if (roll < 0.05) return random.below(1000) - 2_147_483_000;
      if (roll < 0.1) return 2_147_483_646 - random.below(1000);
      return Number(micros(random, true) / DAY);
    }
    case 'time':
      return BigInt(Math.floor(random.next() * 86.4e9));
    case 'timestamp': {
      // DuckDB cuts nanoseconds towards 0, not towards the past: with none it is the same.
      if (type.unit === 'ns') {
        const value = micros(random, false) % 9_200_000_000_000_000n;
        return value * 1000n + (value > 0n ? BigInt(random.below(1000)) : 0n);
      }
      const per = { s: 1_000_000n, ms: 1000n, us: 1n }[type.unit];
      if (type.zone === null) return micros(random, true) / per;
      // DuckDB computes with instants in doubles of milliseconds, and counts years by eras.
      return [micros(random, false), 0n].find((value) => value >= YEAR_1)! / per;
    }
    case 'duration':
      if (random.next() < 0.1) return random.pick([LAST_MICROS, -LAST_MICROS, 0n, DAY, -1n]);
      return BigInt(Math.floor((random.next() - 0.5) * 2 ** (10 + random.below(45))));
    case 'utf8':
      return random.pick(TEXTS);
    case 'int32':
      if (random.next() < 0.1) return random.pick([2_147_483_647, -2_147_483_648]);
      return Math.floor((random.next() - 0.5) * 2 ** (2 + random.below(20)));
    default:
      return random.pick([0, 1, -1, 0.5, 1.5, 2.5, -2.5, 1e-7, 1e20, Number.NaN, Infinity]);
  }
}

function toSql(value: Value, type: ScalarDataType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'date':
      return `(DATE '1970-01-01' + (${value}))`;
    case 'time':
      return `(TIME '00:00:00' + to_microseconds(${value}))`;
    case 'duration':
      return `to_microseconds(${value})`;
    case 'timestamp':
      if (type.zone !== null) return `make_timestamptz(${value})`;
      if (type.unit === 'ns') return `make_timestamp_ns(${value})`;
      if (type.unit === 'ms') return `make_timestamp_ms(${value})`;
      if (type.unit === 's') return `make_timestamp_ms(${value}000)::TIMESTAMP_S`;
      return `make_timestamp(${value})`;
    case 'utf8':
      return `'${value}'`;
    case 'float64':
      return `'${value}'::DOUBLE`;
    default:
      return `(${value})`;
  }
}

/** A value of DuckDB in the unit of `type`. */
function fromDuck(value: DuckDBValue, type: DataType): Value {
  if (value instanceof DuckDBDateValue) {
    return type.kind === 'timestamp' ? BigInt(value.days) * DAY : value.days;
  }
  if (value instanceof DuckDBTimeValue) return value.micros;
  if (value instanceof DuckDBIntervalValue) {
    expect(value.months).toBe(0);
    return value.micros + BigInt(value.days) * DAY;
  }
  const nanos = nanosOf(value);
  if (nanos === undefined) return value as Value;
  if (type.kind === 'date') return Number(nanos / 1000n / DAY);
  const unit = type.kind === 'timestamp' ? type.unit : 'us';
  return nanos / { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n }[unit];
}

function nanosOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue) return value.micros * 1000n;
  if (value instanceof DuckDBTimestampTZValue) return value.micros * 1000n;
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.nanos;
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1_000_000n;
  if (value instanceof DuckDBTimestampSecondsValue) return value.seconds * 1_000_000_000n;
  return undefined;
}

/** Random rows of {@link TIMES} in a table of DuckDB, and in columns of linear memory. */
export class DuckTimes {
  readonly wasm = makeInstance();
  readonly #schema: Schema;
  readonly #rows: number;
  readonly #connection;
  #columns: ReadonlyMap<string, number> = new Map();

  private constructor(connection: Awaited<ReturnType<DuckDBInstance['connect']>>, rows: number) {
    this.#connection = connection;
    this.#rows = rows;
    this.#schema = {
      fields: Object.entries(TIMES).map(([name, text]) => ({
        name,
        type: typeNamed(text),
        nullable: true,
      })),
    };
  }

  static async open(rows: number): Promise<DuckTimes> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run("SET TimeZone = 'UTC'");
    // It would fail on what it can say of all rows, which `try` does not catch.
    await connection.run('PRAGMA disable_optimizer');
    const times = new DuckTimes(connection, rows);
    const random = new Random(SEED);
    const { fields } = times.#schema;
    const values = fields.map(({ type }) =>
      Array.from({ length: rows }, () => randomTime(random, type as ScalarDataType)),
    );
    times.#columns = new Map(
      fields.map(({ name, type }, i) => [name, makeColumn(times.wasm, type, values[i]!)]),
    );
    const lines = Array.from({ length: rows }, (_, row) =>
      fields.map(({ type }, i) => toSql(values[i]![row]!, type as ScalarDataType)).join(', '),
    );
    await connection.run(
      `CREATE TABLE t AS SELECT * FROM (VALUES ${lines
        .map((line, row) => `(${row}, ${line})`)
        .join(', ')}) AS v("row", ${fields.map(({ name }) => `"${name}"`).join(', ')})`,
    );
    return times;
  }

  close(): void {
    this.#connection.closeSync();
  }

  /** The result of every row and its type; `fails` where a row has none. */
  evaluate(expr: Expr): { readonly values: (Value | 'fails')[]; readonly type: DataType } {
    const { wasm } = this;
    const step = { kind: 'select', columns: [{ name: 'result', expr: expr.node }] } as const;
    const compiled = compileSteps([step], this.#schema);
    const { type } = compiled.output.fields[0]!;
    const runner = new StepRunner(wasm, compiled);
    const values = new Array<Value | 'fails'>(this.#rows).fill('fails');
    const mark = wasm.exports.arena_mark();
    let open = values.map((_, row) => row);
    for (;;) {
      wasm.exports.arena_rewind(mark);
      try {
        const result = runner.run(this.#columns, makeSelection(wasm, open, this.#rows));
        const column = take(wasm, result.columns.get('result')!, result.selection);
        for (const [i, value] of columnToValues(wasm, column, type).entries()) {
          values[open[i]!] = value;
        }
        wasm.exports.arena_rewind(mark);
        return { values, type };
      } catch (error) {
        if (!(error instanceof MillraceError) || error.code !== 'EVALUATION_FAILED') throw error;
        const { row } = error.context;
        expect(open, error.message).toContain(row);
        open = open.filter((candidate) => candidate !== row);
      }
    }
  }

  /**
   * Checks that an expression gives here what `sql` gives there, or fails on the same rows.
   *
   * @param narrow DuckDB fails on the way to what it has room for: only what it gives is compared.
   */
  async check(expr: Expr, sql: string, { narrow = false } = {}): Promise<void> {
    const { values, type } = this.evaluate(expr);
    const query = `SELECT TRY(${sql}), ${Object.keys(TIMES).join(', ')} FROM t ORDER BY "row"`;
    const reader = await this.#connection.runAndReadAll(query);
    for (const [row, [raw, ...inputs]] of reader.getRows().entries()) {
      const there = fromDuck(raw ?? null, type);
      const here = values[row]!;
      const isSame = isNanos(type, there)
        ? sameMicros(here, there)
        : here === 'fails'
          ? there === null
          : same(here, there);
      if (isSame || (there === null && (narrow || isBeyondDuck(here, type)))) continue;
      const given = Object.keys(TIMES)
        .filter((name) => new RegExp(`\\b${name}\\b`).test(sql))
        .map((name) => `${name} = ${inputs[Object.keys(TIMES).indexOf(name)]}`);
      const text = `${exprToString(expr.node)} (seed ${SEED}), ${sql} of ${given.join(', ')}`;
      expect(here, text).toEqual(there);
    }
  }
}

// Sums of nanoseconds are microseconds in DuckDB, which has room for more of them.
function isNanos(type: DataType, there: Value): there is bigint {
  return type.kind === 'timestamp' && type.unit === 'ns' && typeof there === 'bigint';
}

function sameMicros(here: Value | 'fails', there: bigint): boolean {
  const isTooMuch = BigInt.asIntN(64, there) !== there;
  if (here === 'fails') return isTooMuch;
  const more = (here as bigint) - there;
  return !isTooMuch && more >= 0n && more < 1000n;
}

function same(here: Value, there: Value): boolean {
  if (typeof here === 'bigint' || typeof there === 'bigint') {
    return here !== null && there !== null && BigInt(here as bigint) === BigInt(there as bigint);
  }
  if (typeof here === 'number' && typeof there === 'number') {
    // DuckDB adds the seconds of a duration's days to the rest, which rounds twice.
    return Object.is(here, there) || Math.abs(here - there) <= 1e-12 * Math.abs(here);
  }
  return here === there;
}

/** What DuckDB has no room for, but int64 and int32 have. */
function isBeyondDuck(value: Value, type: DataType): boolean {
  if (type.kind === 'timestamp') {
    const per = { s: 1_000_000n, ms: 1000n, us: 1n, ns: 1n }[type.unit];
    const micros = (value as bigint) * per;
    return micros < FIRST_MICROS || micros > LAST_MICROS;
  }
  return type.kind === 'date' && Math.abs(Number(value)) >= 2_147_483_000;
}
