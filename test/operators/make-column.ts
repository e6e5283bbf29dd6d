/** Columns in linear memory from plain values, for tests. */
import type { DataType } from '../../src/arrow/schema.ts';
import { typeParam } from '../../src/arrow/type-param.ts';
import { COLUMN_BYTES, type ColumnFields, writeColumn } from '../../src/wasm/column.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { entriesOf } from '../ingest/make-column.ts';
import { entryType, type Value } from '../wasm/columns.ts';
import { storeFixed } from '../wasm/fixed-values.ts';

/**
 * A column of these rows. Null slots hold what would fail or compare equal if it were read, and
 * bits behind the last row are ones.
 *
 * @param constant the values are all the same; only one is stored.
 */
export function makeColumn(
  wasm: WasmInstance,
  type: DataType,
  values: readonly Value[],
  { constant = false, at = wasm.arenaAlloc(COLUMN_BYTES) } = {},
): number {
  const stored = constant ? values.slice(0, 1) : values;
  const nullCount = values.filter((value) => value === null).length;
  const validity = nullCount === 0 ? 0 : bitmap(wasm, stored, (value) => value !== null);
  const param = typeParam(type);
  const header = { type: type.kind, param, constant, length: values.length, nullCount, validity };
  writeColumn(wasm, at, { ...header, ...buffers(wasm, type, stored) });
  return at;
}

/** Bytes that no kernel may read as a value: an index with them is outside of everything. */
const UNDER_NULL = 0x7f;

type Buffers = Pick<ColumnFields, 'data' | 'offsets' | 'dataLength' | 'children'>;

function buffers(wasm: WasmInstance, type: DataType, values: readonly Value[]): Buffers {
  const empty = { data: 0, offsets: 0, dataLength: 0, children: [] };
  switch (type.kind) {
    case 'bool':
      return { ...empty, data: bitmap(wasm, values, (value) => value ?? true) };
    case 'struct': {
      const first = wasm.arenaAlloc(COLUMN_BYTES * type.fields.length);
      const children = type.fields.map((field, i) => {
        const members = values.map((value) => memberOf(value, field.name));
        return makeColumn(wasm, field.type, members, { at: first + i * COLUMN_BYTES });
      });
      return { ...empty, children };
    }
    case 'list': {
      const lists = values.map((value) => (value ?? []) as Value[]);
      const offsets = offsetsOf(wasm, lists);
      return { ...empty, offsets, children: [makeColumn(wasm, type.item.type, lists.flat())] };
    }
    case 'map': {
      const maps = values.map(entriesOf);
      const offsets = offsetsOf(wasm, maps);
      return { ...empty, offsets, children: [makeColumn(wasm, entryType(type)!, maps.flat())] };
    }
    case 'dictionary': {
      const texts = [...new Set(values.filter((value) => value !== null))];
      const indices = values.map((value) => (value === null ? null : texts.indexOf(value)));
      const children = [makeColumn(wasm, { kind: 'utf8' }, texts)];
      return { ...empty, ...storeFixed(wasm, type.kind, indices, UNDER_NULL), children };
    }
    case 'null':
      return empty;
    case 'utf8':
    case 'binary':
    case 'json':
      return { ...empty, ...textBuffers(wasm, values) };
    default:
      return { ...empty, ...storeFixed(wasm, type.kind, values, UNDER_NULL) };
  }
}

function memberOf(value: Value, name: string): Value {
  return value === null ? null : (value as Record<string, Value>)[name]!;
}

function textBuffers(wasm: WasmInstance, values: readonly Value[]) {
  const texts = values.map((value) => Buffer.from((value ?? '') as string));
  const offsets = offsetsOf(wasm, texts);
  const bytes = Buffer.concat(texts);
  const data = wasm.arenaAlloc(bytes.length + 16);
  // What follows a text is more of the same, so that a comparison that reads on is found out.
  wasm.u8.fill(0x61, data, data + bytes.length + 16);
  wasm.u8.set(bytes, data);
  return { data, offsets, dataLength: bytes.length };
}

function offsetsOf(wasm: WasmInstance, parts: readonly { readonly length: number }[]): number {
  const offsets = wasm.arenaAlloc((parts.length + 1) * 4);
  let end = 0;
  wasm.i32[offsets / 4] = 0;
  for (const [i, part] of parts.entries()) {
    end += part.length;
    wasm.i32[offsets / 4 + i + 1] = end;
  }
  return offsets;
}

function bitmap(
  wasm: WasmInstance,
  values: readonly Value[],
  isSet: (value: Value) => Value,
): number {
  const bytes = Math.ceil(values.length / 8) + 8;
  const address = wasm.arenaAlloc(bytes);
  wasm.u8.fill(0xff, address, address + bytes);
  for (const [row, value] of values.entries()) {
    if (!isSet(value)) wasm.u8[address + (row >>> 3)]! &= ~(1 << (row & 7));
  }
  return address;
}
