/** Columns of nulls. */
import type { DataType } from '../../arrow/schema.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { COLUMN_BYTES, readColumn, TYPE_ID, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import { columnFrom } from './kernel-result.ts';

/**
 * A constant null of a type, as a column; members are constant nulls, too, and there are no items.
 *
 * @throws ArenaFull
 */
export function nullColumn(wasm: WasmInstance, type: DataType, rows: number): number {
  const column = columnFrom(wasm.exports.kernel_null(TYPE_ID[type.kind], rows, typeParam(type)));
  const parts = partsOf(type);
  if (parts.length === 0) return column;
  const first = wasm.arenaAlloc(parts.length * COLUMN_BYTES);
  const children = parts.map((part, i) => {
    const child = nullColumn(wasm, part, type.kind === 'struct' ? rows : 0);
    wasm.u8.copyWithin(first + i * COLUMN_BYTES, child, child + COLUMN_BYTES);
    return first + i * COLUMN_BYTES;
  });
  const fields = readColumn(wasm, column);
  // Where the zeroes lie that stand for a value, no item lies between two of them.
  const offsets = type.kind === 'struct' ? 0 : fields.data;
  writeColumn(wasm, column, { ...fields, data: 0, offsets, children });
  return column;
}

function partsOf(type: DataType): readonly DataType[] {
  if (type.kind === 'struct') return type.fields.map((field) => field.type);
  if (type.kind === 'list') return [type.item.type];
  if (type.kind !== 'map') return [];
  const key = { name: 'key', type: { kind: 'utf8' }, nullable: false } as const;
  return [{ kind: 'struct', fields: [key, type.value] }];
}
