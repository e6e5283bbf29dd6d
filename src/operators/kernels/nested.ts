/** Bindings of `wasm/kernels-nested.cpp`. */
import { parseType } from '../../arrow/scalar-text.ts';
import type { ScalarDataType } from '../../arrow/schema.ts';
import { COLUMN_BYTES, readColumn, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { cast } from './cast.ts';
import type { Kernel, KernelCall } from './kernel.ts';
import { columnFrom } from './kernel-result.ts';

// Offsets say how long bytes are, as they do of lists.
const listLength: Kernel = {
  run: ({ wasm, operands, selection: { address, count } }) =>
    columnFrom(wasm.exports.kernel_list_length(operands[0]!, address, count)),
};

const listContains: Kernel = {
  run: ({ wasm, operands, selection: { address, count } }) =>
    columnFrom(wasm.exports.kernel_list_contains(operands[0]!, operands[1]!, address, count)),
};

// Items of rows that are not selected, too: what has no value of the wider type equals none there.
const castItems: Kernel = {
  run: ({ wasm, program, operands }) => {
    const list = operands[0]!;
    const column = readColumn(wasm, list);
    const [items] = column.children;
    if (items === undefined) return list;
    const { type, length } = readColumn(wasm, items);
    const from = { kind: type } as ScalarDataType;
    const to = parseType(String(program.options.type)) as ScalarDataType;
    const all = { address: 0, count: length };
    const child = cast(wasm, items, { from, to, misfit: 'null' }, all);
    const at = wasm.arenaAlloc(COLUMN_BYTES);
    writeColumn(wasm, at, { ...column, children: [child!] });
    return at;
  },
};

const listGet: Kernel = {
  run: ({ wasm, operands, selection: { address, count }, rows }) => {
    const [list, index] = operands as readonly [number, number];
    const places = columnFrom(wasm.exports.kernel_list_places(list, index, address, count));
    const [items] = readColumn(wasm, list).children;
    return columnFrom(wasm.exports.unnest_items(items!, places, rows));
  },
};

// A map, or a list of structs of key and value, as message headers are.
const mapGet: Kernel = {
  run: ({ wasm, operands, selection: { address, count }, rows }) => {
    const [map, key] = operands as readonly [number, number];
    const places = columnFrom(wasm.exports.kernel_map_places(map, key, address, count));
    return columnFrom(wasm.exports.unnest_items(valuesOf(wasm, map), places, rows));
  },
};

function valuesOf(wasm: WasmInstance, map: number): number {
  const [entries] = readColumn(wasm, map).children;
  return readColumn(wasm, entries!).children[0]! + COLUMN_BYTES;
}

function mapMember(index: number): Kernel {
  return {
    run: ({ wasm, operands }) => columnFrom(wasm.exports.kernel_map_member(operands[0]!, index)),
  };
}

const struct: Kernel = {
  run: ({ wasm, operands, rows }: KernelCall) => {
    const list = wasm.arenaAlloc(operands.length * 4);
    wasm.u32.set(operands, list / 4);
    return columnFrom(wasm.exports.kernel_struct(list, operands.length, rows));
  },
};

/** Kernels of lists, maps and structs by name. */
export const NESTED_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ['listLength', listLength],
  ['bytesLength', listLength],
  ['listContains', listContains],
  ['castItems', castItems],
  ['listGet', listGet],
  ['mapGet', mapGet],
  ['keys', mapMember(0)],
  ['values', mapMember(1)],
  ['struct', struct],
]);
