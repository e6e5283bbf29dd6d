/** A column under another type of the same layout: whole numbers as timestamps, and back. */
import { typeParam } from '../../arrow/type-param.ts';
import { COLUMN_BYTES, readColumn, writeColumn } from '../../wasm/column.ts';
import type { Kernel } from './kernel.ts';

const retype: Kernel = {
  run: ({ wasm, program: { type }, operands }) => {
    const column = wasm.arenaAlloc(COLUMN_BYTES);
    const fields = readColumn(wasm, operands[0]!);
    writeColumn(wasm, column, { ...fields, type: type.kind, param: typeParam(type) });
    return column;
  },
};

/** Kernels that change a type alone, by name. */
export const RETYPE_KERNELS: ReadonlyMap<string, Kernel> = new Map([['retype', retype]]);
