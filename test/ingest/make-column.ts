/** Columns in linear memory from plain JavaScript values, for tests and benchmarks of writers. */
import type { DataType, Schema } from '../../src/arrow/schema.ts';
import { typeParam } from '../../src/arrow/type-param.ts';
import { COLUMN_BYTES, writeColumn } from '../../src/wasm/column.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import { entryType, type Value } from '../wasm/columns.ts';
import { storeFixed } from '../wasm/fixed-values.ts';

/** The columns of `rows`, one per field; a member that is missing is null. */
export function makeColumns(
  wasm: WasmInstance,
  schema: Schema,
  rows: readonly Readonly<Record<string, Value>>[],
): Map<string, number> {
  return new Map(
    schema.fields.map(({ name, type }) => {
      const address = wasm.arenaAlloc(COLUMN_BYTES);
      const values = rows.map((row) => row[name] ?? null);
      fillColumn(wasm, address, type, values);
      return [name, address];
    }),
  );
}

/** One column; `constant` keeps the first row for all. */
export function makeColumn(
  wasm: WasmInstance,
  type: DataType,
  values: readonly Value[],
  { constant = false } = {},
): number {
  const address = wasm.arenaAlloc(COLUMN_BYTES);
  fillColumn(wasm, address, type, constant ? values.slice(0, 1) : values);
  if (constant) {
    wasm.u8[address + 1] = 1;
    wasm.u32[address / 4 + 1] = values.length;
  }
  return address;
}

function fillColumn(
  wasm: WasmInstance,
  address: number,
  type: DataType,
  values: readonly Value[],
): void {
  const nullCount = values.filter((value) => value === null).length;
  const base = { constant: false, length: values.length, nullCount };
  const validity = nullCount === 0 ? 0 : bitmap(wasm, values, (value) => value !== null);
  const none = { data: 0, offsets: 0, dataLength: 0, children: [] as number[] };
  const fields = { ...base, ...none, validity, type: type.kind, param: typeParam(type) };
  if (type.kind === 'struct') {
    const children = childColumns(wasm, type.fields.length);
    for (const [i, field] of type.fields.entries()) {
      const members = values.map((value) => (value as Record<string, Value>)?.[field.name] ?? null);
      fillColumn(wasm, children[i]!, field.type, members);
    }
    writeColumn(wasm, address, { ...fields, children });
  } else if (type.kind === 'list') {
    const children = childColumns(wasm, 1);
    const lists = values.map((value) => (value ?? []) as Value[]);
    fillColumn(wasm, children[0]!, type.item.type, lists.flat());
    const offsets = lengthsToOffsets(
      wasm,
      lists.map((list) => list.length),
    );
    writeColumn(wasm, address, { ...fields, offsets, children });
  } else if (type.kind === 'map') {
    const children = childColumns(wasm, 1);
    const maps = values.map((value) => entriesOf(value));
    fillColumn(wasm, children[0]!, entryType(type)!, maps.flat());
    const offsets = lengthsToOffsets(
      wasm,
      maps.map((map) => map.length),
    );
    writeColumn(wasm, address, { ...fields, offsets, children });
  } else if (type.kind === 'dictionary') {
    const children = childColumns(wasm, 1);
    const texts = [...new Set(values.filter((value) => value !== null))];
    fillColumn(wasm, children[0]!, { kind: 'utf8' }, texts);
    const indices = values.map((value) => (value === null ? null : texts.indexOf(value)));
    writeColumn(wasm, address, { ...fields, ...storeFixed(wasm, type.kind, indices), children });
  } else if (type.kind === 'null') {
    writeColumn(wasm, address, fields);
  } else if (type.kind === 'utf8' || type.kind === 'binary' || type.kind === 'json') {
    const bytes = values.map((value) => Buffer.from((value ?? '') as string | Uint8Array));
    const whole = Buffer.concat(bytes);
    const data = wasm.arenaAlloc(whole.length);
    wasm.u8.set(whole, data);
    const offsets = lengthsToOffsets(
      wasm,
      bytes.map((one) => one.length),
    );
    writeColumn(wasm, address, { ...fields, data, offsets, dataLength: whole.length });
  } else if (type.kind === 'bool') {
    const data = bitmap(wasm, values, (value) => value === true);
    writeColumn(wasm, address, { ...fields, data });
  } else {
    writeColumn(wasm, address, { ...fields, ...storeFixed(wasm, type.kind, values) });
  }
}

/** The entries of a map, which may be given as an object, as structs. */
export function entriesOf(value: Value): Value[] {
  const entries = value instanceof Map ? value : Object.entries((value ?? {}) as object);
  return Array.from(entries, ([key, member]) => ({ key, value: member }));
}

function bitmap(
  wasm: WasmInstance,
  values: readonly Value[],
  test: (value: Value) => boolean,
): number {
  const address = wasm.arenaAlloc(values.length / 8 + 1);
  wasm.u8.fill(0, address, address + values.length / 8 + 1);
  for (const [i, value] of values.entries()) {
    if (test(value)) wasm.u8[address + (i >> 3)]! |= 1 << (i & 7);
  }
  return address;
}

function lengthsToOffsets(wasm: WasmInstance, lengths: readonly number[]): number {
  const address = wasm.arenaAlloc((lengths.length + 1) * 4);
  let end = 0;
  wasm.i32[address / 4] = 0;
  for (const [i, length] of lengths.entries()) {
    end += length;
    wasm.i32[address / 4 + i + 1] = end;
  }
  return address;
}

// Children must lie one behind the other.
function childColumns(wasm: WasmInstance, count: number): number[] {
  const first = wasm.arenaAlloc(count * COLUMN_BYTES);
  return Array.from({ length: count }, (_, i) => first + i * COLUMN_BYTES);
}
