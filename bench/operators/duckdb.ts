/** DuckDB on the table, with one thread. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { COUNTRIES, type TableRow, tableRowText } from '../data/table.ts';
import type { Contender } from '../measure.ts';
import type { OperatorCase } from './case.ts';
import { outcome } from './outcome.ts';

const TYPES = {
  w: 'INTEGER',
  a: 'DOUBLE',
  b: 'DOUBLE',
  n: 'DOUBLE',
  i: 'BIGINT',
  j: 'BIGINT',
  k: 'INTEGER',
  p: 'DECIMAL(12,2)',
  q: 'DECIMAL(12,2)',
  f: 'FLOAT',
  g: 'FLOAT',
  z: 'DOUBLE',
  country: 'VARCHAR',
  note: 'VARCHAR',
  loose: 'VARCHAR',
  digits: 'VARCHAR',
  price: 'VARCHAR',
  moment: 'VARCHAR',
  at: 'TIMESTAMP',
  due: 'TIMESTAMP',
  tags: 'INTEGER[]',
  part: 'STRUCT(x INTEGER, y VARCHAR)',
  attributes: 'MAP(VARCHAR, INTEGER)',
  document: 'JSON',
  headers: 'STRUCT(key VARCHAR, value VARCHAR)[]',
};

/** A connection to a database in memory that has the rows as table `t`. */
export async function rowsToDuckDb(rows: readonly TableRow[]): Promise<DuckDBConnection> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const file = join(folder, 'rows.json');
  try {
    await pipeline(Readable.from(linesOf(rows)), createWriteStream(file));
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const types = Object.entries(TYPES).map(([name, type]) => `'${name}': '${type}'`);
    const words = COUNTRIES.map((country) => `'${country}'`);
    await connection.run(`CREATE TYPE word AS ENUM (${words.join(', ')})`);
    await connection.run(
      'CREATE TABLE t AS SELECT * EXCLUDE headers, country::word AS word, ' +
        'list_transform(headers, ' +
        'lambda h: {key: h.key, value: from_base64(h.value)}) AS headers, ' +
        'r.at::DATE AS day, r.at::TIME AS clock, due - r.at AS took, ' +
        'p::DECIMAL(30,2) AS wideP, q::DECIMAL(30,2) AS wideQ ' +
        `FROM read_json('${file}', format = 'newline_delimited', ` +
        `columns = {${types.join(', ')}}) r`,
    );
    return connection;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* linesOf(rows: readonly TableRow[]): Generator<string> {
  for (let from = 0; from < rows.length; from += 1000) {
    yield `${rows
      .slice(from, from + 1000)
      .map(tableRowText)
      .join('\n')}\n`;
  }
}

/** Aggregates that cost little and cannot be had without every value. */
const AGGREGATES = {
  number: (sql: string) => `SELECT max(${sql}) FROM t`,
  bool: (sql: string) => `SELECT bool_or(${sql}) FROM t`,
  text: (sql: string) => `SELECT max(strlen(${sql})) FROM t`,
  time: (sql: string) => `SELECT max(${sql}) FROM t`,
  struct: (sql: string) => `SELECT bit_xor(hash(${sql})) FROM t`,
  rows: (sql: string) => `SELECT max(a), max(w) FROM t WHERE ${sql}`,
};

/** The expression within an aggregate: computed, and not kept. */
export async function duckDb(
  connection: DuckDBConnection,
  definition: OperatorCase,
): Promise<Contender | undefined> {
  const { gives, made } = definition;
  const sql = made === undefined ? definition.sql : made.sql;
  if (sql === null) return undefined;
  const statement = await connection.prepare(
    made === undefined ? AGGREGATES[gives](sql) : `SELECT max(value), max(w) FROM (${sql})`,
  );
  return {
    engine: 'duckdb',
    run: () => statement.run(),
    result: () => resultOf(connection, definition, sql),
  };
}

/** The expression as a new table of one column, or the kept rows of two. */
export async function duckDbStored(
  connection: DuckDBConnection,
  definition: OperatorCase,
): Promise<Contender | undefined> {
  const { gives, made } = definition;
  const sql = made === undefined ? definition.sql : made.sql;
  if (sql === null) return undefined;
  const values = gives === 'rows' ? `a, w FROM t WHERE ${sql}` : `${sql} AS value FROM t`;
  const query = made === undefined ? values : `value, w FROM (${sql})`;
  const statement = await connection.prepare(
    `CREATE OR REPLACE TEMP TABLE made AS SELECT ${query}`,
  );
  return {
    engine: 'duckdb, stored',
    run: () => statement.run(),
    result: () => resultOf(connection, definition, sql),
  };
}

const SIZES = {
  number: 'v::DOUBLE',
  bool: 'v::DOUBLE',
  text: 'strlen(v) * 1000 + if(strlen(v) = 0, 0, unicode(v))',
  time: 'epoch_ms(v)::DOUBLE',
  struct: 'v.x + v.y',
  rows: 'v::DOUBLE',
};

async function resultOf(connection: DuckDBConnection, { gives, made }: OperatorCase, sql: string) {
  const values = gives === 'rows' ? `a AS v, w FROM t WHERE ${sql}` : `${sql} AS v, w FROM t`;
  const value = made === undefined ? values : `value AS v, w FROM (${sql})`;
  const size = SIZES[gives];
  const reader = await connection.runAndReadAll(
    `SELECT count(v)::DOUBLE, sum(${size})::DOUBLE, sum((${size}) * w)::DOUBLE ` +
      `FROM (SELECT ${value})`,
  );
  const [count, sum, weighted] = reader.getRows()[0] as number[];
  return outcome(count!, sum!, weighted!);
}
