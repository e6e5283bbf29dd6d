/** unnest: what columns there are afterwards, and the rows of a morsel that it makes. */
import type { DataType, Field, Schema } from '../arrow/schema.ts';
import type { ColumnSet, Selection } from '../arrow/selection.ts';
import { MillraceError } from '../errors.ts';
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { nameToString } from './expr-text.ts';
import {
  composeRows,
  repeatRows,
  unnestItems,
  unnestPositions,
  unnestRows,
} from './kernels/unnest.ts';
import type { UnnestColumn, UnnestStep } from './step.ts';
import { unknownColumn } from './unknown-column.ts';

/** A list or map, and the columns that its items become. */
export interface UnnestedList {
  readonly column: string;
  /** Names of the columns of the items; of a map those of key and value. Undefined: not needed. */
  readonly into: readonly (string | undefined)[];
  /** Whether `into` has the members of the items, which are structs, rather than the items. */
  readonly members: boolean;
}

/** A row for each item. */
export interface CompiledUnnest {
  readonly kind: 'unnest';
  readonly lists: readonly UnnestedList[];
  readonly outer: boolean;
  /** Name of the column of places; absent: not needed. */
  readonly index?: string;
  /** Columns that are repeated. */
  readonly keep: readonly string[];
}

const INDEX_TYPE: DataType = { kind: 'int32' };
const KEY: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };

/**
 * The step as it runs, and the columns after it: the items stand in the place of their list, the
 * index right behind the first of them.
 *
 * @throws MillraceError `UNKNOWN_COLUMN`; `TYPE_MISMATCH` where a column is no list and no map;
 *   `INVALID_PLAN` where two columns get one name.
 */
export function compileUnnest(
  step: UnnestStep,
  schema: Schema,
): { readonly compiled: CompiledUnnest; readonly output: Schema } {
  const { columns, outer, index } = step;
  // A list that is shorter than the one beside it is filled up.
  const padded = outer || columns.length > 1;
  const made = new Map(
    columns.map((column) => [column.column, itemsOf(column, schema, padded, step)]),
  );
  const first = schema.fields.find(({ name }) => made.has(name))?.name;
  const fields = schema.fields.flatMap((field) => {
    const items = made.get(field.name)?.fields ?? [field];
    if (index === undefined || field.name !== first) return items;
    return [...items, { name: index, type: INDEX_TYPE, nullable: outer }];
  });
  checkUnique(fields, step);
  const lists = columns.map(({ column }) => made.get(column)!.list);
  const keep = schema.fields.map(({ name }) => name).filter((name) => !made.has(name));
  return {
    compiled: { kind: 'unnest', lists, outer, keep, ...(index === undefined ? {} : { index }) },
    output: { fields },
  };
}

function itemsOf(
  { column, as }: UnnestColumn,
  { fields }: Schema,
  padded: boolean,
  { method }: UnnestStep,
) {
  const field = fields.find(({ name }) => name === column);
  if (field === undefined) throw unknownColumn(column, fields, 'unnest');
  const { type } = field;
  const made = (name: string, item: Field): Field => ({
    ...{ name, type: item.type, nullable: item.nullable || padded },
  });
  if (type.kind === 'map') {
    if (method === 'flatMap') throw mapInFlatMap(column);
    if (typeof as === 'string') throw wrongNames(column, type, "{ as: { key: 'k', value: 'v' } }");
    const { key, value } = as ?? { key: 'key', value: 'value' };
    const list: UnnestedList = { column, into: [key, value], members: true };
    return { list, fields: [made(key, KEY), made(value, type.value)] };
  }
  if (type.kind !== 'list') throw notAList(column, type);
  if (typeof as === 'object') throw wrongNames(column, type, "{ as: 'item' }");
  const name = as ?? column;
  const list: UnnestedList = { column, into: [name], members: false };
  return { list, fields: [made(name, type.item)] };
}

function wrongNames(column: string, { kind }: DataType, write: string): MillraceError {
  const becomes = kind === 'map' ? 'two columns, of keys and of values' : 'one column';
  return new MillraceError(
    `unnest: ${nameToString(column)} is a ${kind}, which becomes ${becomes}; write ` +
      `unnest('${column}', ${write})`,
    { code: 'INVALID_PLAN', context: { column } },
  );
}

function mapInFlatMap(column: string): MillraceError {
  return new MillraceError(
    `flatMap: ${nameToString(column)} is a map, which becomes two columns; give its keys and its ` +
      'values, flatMap({ key: labels.keys(), value: labels.values() }), or use map and unnest',
    { code: 'INVALID_PLAN', context: { column } },
  );
}

function notAList(column: string, { kind }: DataType): MillraceError {
  return new MillraceError(
    `unnest and flatMap take a list or map, and ${nameToString(column)} is ${kind}; a row has ` +
      'one of it',
    { code: 'TYPE_MISMATCH', context: { column, type: kind } },
  );
}

function checkUnique(fields: readonly Field[], { index, method }: UnnestStep): void {
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  throw new MillraceError(
    `${method ?? 'unnest'} makes two columns ${nameToString(twice)}; ` +
      (twice === index
        ? "name the place differently, with index: 'place'"
        : `name the items differently${method === undefined ? ", with as: 'item'" : ''}`),
    { code: 'INVALID_PLAN', context: { step: method ?? 'unnest', column: twice } },
  );
}

/** Rows of a morsel on their way through the steps. */
export interface RowSet {
  readonly columns: ColumnSet;
  readonly selection: Selection;
  /** Rows of every column. */
  readonly rows: number;
  /** Address of `u32[rows]`: the record of each row, ascending; 0: row i is of record i. */
  readonly records: number;
}

/**
 * Runs an unnest. All its rows are selected.
 *
 * @throws ArenaFull
 */
export function unnest(wasm: WasmInstance, step: CompiledUnnest, before: RowSet): RowSet {
  const { lists, outer, index, keep } = step;
  const from = lists.map(({ column }) => before.columns.get(column)!);
  const wanted = { outer, positions: index !== undefined };
  const { count, parents, items, positions } = unnestRows(wasm, from, before.selection, wanted);
  const columns = new Map<string, number>();
  for (const name of keep) {
    columns.set(name, repeatRows(wasm, before.columns.get(name)!, parents, count));
  }
  for (const [k, { into, members }] of lists.entries()) {
    const child = readColumn(wasm, from[k]!).children[0]!;
    const sources = members ? readColumn(wasm, child).children : [child];
    for (const [i, name] of into.entries()) {
      if (name !== undefined) columns.set(name, unnestItems(wasm, sources[i]!, items[k]!, count));
    }
  }
  if (index !== undefined) columns.set(index, unnestPositions(wasm, positions, count));
  const records = composeRows(wasm, before.records, parents, count);
  return { columns, selection: { address: 0, count }, rows: count, records };
}
