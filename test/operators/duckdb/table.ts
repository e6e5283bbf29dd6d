/** The same random rows in a table of DuckDB and in columns of linear memory. */
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { scalarToString } from '../../../src/arrow/scalar-text.ts';
import type { DataType, ScalarDataType, Schema } from '../../../src/arrow/schema.ts';
import { duckType } from '../../../src/operators/functions/cast.ts';
import type { WasmInstance } from '../../../src/wasm/instance.ts';
import type { Value } from '../../wasm/columns.ts';
import { makeColumn } from '../make-column.ts';
import type { Random } from '../random.ts';
import { decimalToString } from './decimal-text.ts';
import { poolOf } from './pools.ts';

/** Columns by name and type. */
export const TABLE_SCHEMA: Schema = {
  fields: [
    ...(
      ['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'] as const
    ).map((kind) => ({ name: kind, type: { kind }, nullable: true })),
    { name: 'other', type: { kind: 'int32' }, nullable: true },
    { name: 'float32', type: { kind: 'float32' }, nullable: true },
    { name: 'float64', type: { kind: 'float64' }, nullable: true },
    { name: 'share', type: { kind: 'float64' }, nullable: true },
    { name: 'money', type: { kind: 'decimal', precision: 9, scale: 2 }, nullable: true },
    { name: 'exact', type: { kind: 'decimal', precision: 30, scale: 6 }, nullable: true },
    { name: 'text', type: { kind: 'utf8' }, nullable: true },
    { name: 'word', type: { kind: 'dictionary' }, nullable: true },
    { name: 'bytes', type: { kind: 'binary' }, nullable: true },
    { name: 'document', type: { kind: 'json' }, nullable: true },
    { name: 'day', type: { kind: 'date' }, nullable: true },
    { name: 'clock', type: { kind: 'time' }, nullable: true },
    { name: 'took', type: { kind: 'duration' }, nullable: true },
    { name: 'second', type: { kind: 'timestamp', unit: 's', zone: null }, nullable: true },
    { name: 'milli', type: { kind: 'timestamp', unit: 'ms', zone: null }, nullable: true },
    { name: 'nano', type: { kind: 'timestamp', unit: 'ns', zone: null }, nullable: true },
    { name: 'wall', type: { kind: 'timestamp', unit: 'us', zone: null }, nullable: true },
    { name: 'at', type: { kind: 'timestamp', unit: 'us', zone: 'UTC' }, nullable: true },
    {
      name: 'list',
      type: { kind: 'list', item: { name: 'item', type: { kind: 'int32' }, nullable: true } },
      nullable: true,
    },
    {
      name: 'words',
      type: { kind: 'list', item: { name: 'item', type: { kind: 'utf8' }, nullable: true } },
      nullable: true,
    },
    {
      name: 'counts',
      type: { kind: 'map', value: { name: 'value', type: { kind: 'int32' }, nullable: true } },
      nullable: true,
    },
    {
      name: 'part',
      type: {
        kind: 'struct',
        fields: [
          { name: 'x', type: { kind: 'int32' }, nullable: true },
          { name: 'y', type: { kind: 'utf8' }, nullable: true },
        ],
      },
      nullable: true,
    },
  ],
};

/** The rows in linear memory. */
export interface Columns {
  readonly columns: ReadonlyMap<string, number>;
  readonly rows: number;
}

/** Random rows, a column at a time. */
export type Rows = ReadonlyMap<string, readonly Value[]>;

/** Values of each column out of its type's pool, null in one of six. */
export function randomRows(random: Random, rows: number, schema = TABLE_SCHEMA): Rows {
  return new Map(
    schema.fields.map(({ name, type }) => {
      const pool = poolOf(type, name);
      const value = () => (random.next() < 1 / 6 ? null : pool(random));
      return [name, Array.from({ length: rows }, value)];
    }),
  );
}

/** Puts rows into the open lease. */
export function toColumns(wasm: WasmInstance, rows: Rows, schema = TABLE_SCHEMA): Columns {
  const columns = new Map(
    schema.fields.map(({ name, type }) => [
      name,
      makeColumn(wasm, type, rows.get(name)!) as number,
    ]),
  );
  return { columns, rows: rows.get(schema.fields[0]!.name)!.length };
}

/** A connection to a database in memory, whose time zone is UTC. */
export async function openDuck(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  // It would compute less than what is written: an overflow in what it can decide otherwise.
  await connection.run('PRAGMA disable_optimizer');
  return connection;
}

/** Puts rows into the table `t`, which has their number in `row`. */
export async function toTable(
  connection: DuckDBConnection,
  rows: Rows,
  { fields } = TABLE_SCHEMA,
): Promise<void> {
  const names = fields.map(({ name }) => name);
  const types = fields.map(({ name, type }) => `"${name}" ${sqlType(type)}`);
  await connection.run(`CREATE OR REPLACE TABLE t ("row" INTEGER, ${types.join(', ')})`);
  const lines = rows.get(names[0]!)!.map((_, row) => {
    const values = names.map((name, i) => valueSql(rows.get(name)![row]!, fields[i]!.type));
    return `(${row}, ${values.join(', ')})`;
  });
  await connection.run(`INSERT INTO t VALUES ${lines.join(', ')}`);
}

/** DuckDB's name of a type. */
export function sqlType(type: DataType): string {
  switch (type.kind) {
    case 'list':
      return `${sqlType(type.item.type)}[]`;
    case 'map':
      return `MAP(VARCHAR, ${sqlType(type.value.type)})`;
    case 'struct': {
      const members = type.fields.map((field) => `${field.name} ${sqlType(field.type)}`);
      return `STRUCT(${members.join(', ')})`;
    }
    default:
      return duckType(scalarToString(type as ScalarDataType))!;
  }
}

function valueSql(value: Value, type: DataType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'list':
      return `[${(value as Value[]).map((item) => valueSql(item, type.item.type)).join(', ')}]`;
    case 'map': {
      const entries = [...(value as Map<string, Value>)];
      const keys = entries.map(([key]) => `'${key}'`).join(', ');
      const values = entries.map(([, item]) => valueSql(item, type.value.type)).join(', ');
      return entries.length === 0 ? 'MAP {}' : `MAP([${keys}], [${values}])`;
    }
    case 'struct': {
      const members = value as Record<string, Value>;
      const parts = type.fields.map(
        ({ name, type }) => `${name}: ${valueSql(members[name]!, type)}`,
      );
      return `{${parts.join(', ')}}`;
    }
    case 'utf8':
    case 'dictionary':
    case 'json':
      return `'${String(value).replaceAll("'", "''")}'`;
    case 'binary':
      return `from_hex('${Buffer.from(value as Uint8Array).toString('hex')}')`;
    case 'decimal':
      return `'${decimalToString(value as bigint, type.scale)}'::${sqlType(type)}`;
    case 'date':
      return `(DATE '1970-01-01' + ${value})`;
    case 'time':
      return `(TIME '00:00:00' + INTERVAL (${value}) MICROSECONDS)`;
    case 'duration':
      return `to_microseconds(${value})`;
    case 'timestamp':
      if (type.unit === 'ns') return `make_timestamp_ns(${value})`;
      if (type.unit !== 'us') {
        const micros = (value as bigint) * (type.unit === 's' ? 1_000_000n : 1_000n);
        return `CAST(make_timestamp(${micros}) AS ${sqlType(type)})`;
      }
      return type.zone === null ? `make_timestamp(${value})` : `make_timestamptz(${value})`;
    case 'float32':
    case 'float64':
      // DuckDB reads the text -0 as 0.
      return Object.is(value, -0) ? "(-'0'::DOUBLE)" : `'${value}'::DOUBLE`;
    default:
      return String(value);
  }
}
