/**
 * JSON texts that came as Arrow: writers copy them as they are, so whoever takes them in looks at
 * each, as the reader of messages does.
 */
import type { DataType, Field, Schema } from '../arrow/schema.ts';
import type { ColumnSet } from '../arrow/selection.ts';
import { MillraceError, printable } from '../errors.ts';
import { readColumn, TYPE_ID } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { columnFrom, KERNEL_FAILED } from './kernels/kernel-result.ts';

const MAX_SHOWN = 40;

/** The columns of a schema in which there are JSON texts, at whatever depth. */
export function jsonFields({ fields }: Schema): readonly Field[] {
  return fields.filter(({ type }) => hasJson(type));
}

function hasJson(type: DataType): boolean {
  return type.kind === 'json' || childrenOf(type).some((child) => hasJson(child.type));
}

function childrenOf(type: DataType): readonly Field[] {
  switch (type.kind) {
    case 'struct':
      return type.fields;
    case 'list':
      return [type.item];
    case 'map':
      return [entryOf(type.value)];
    default:
      return [];
  }
}

const KEY: Field = { name: 'key', type: { kind: 'utf8' }, nullable: false };

function entryOf(value: Field): Field {
  return { name: 'entry', type: { kind: 'struct', fields: [KEY, value] }, nullable: false };
}

/**
 * Checks all rows of columns; what it takes of the open arena it gives back.
 *
 * @param fields those of `jsonFields`.
 * @throws ArenaFull; MillraceError `INVALID_SCHEMA` where a text is no JSON value.
 */
export function checkJson(wasm: WasmInstance, fields: readonly Field[], columns: ColumnSet): void {
  for (const field of fields) checkColumn(wasm, field.type, columns.get(field.name)!, field.name);
}

function checkColumn(wasm: WasmInstance, type: DataType, column: number, path: string): void {
  if (type.kind === 'json') checkTexts(wasm, column, path);
  if (!hasJson(type)) return;
  const { children } = readColumn(wasm, column);
  for (const [i, child] of childrenOf(type).entries()) {
    checkColumn(wasm, child.type, children[i]!, `${path}.${child.name}`);
  }
}

function checkTexts(wasm: WasmInstance, column: number, path: string): void {
  const { exports } = wasm;
  const { length, offsets, data } = readColumn(wasm, column);
  const mark = exports.arena_mark();
  const result = exports.kernel_cast_text(column, TYPE_ID.json, 0, 0, 0, length);
  exports.arena_rewind(mark);
  if (result !== KERNEL_FAILED) {
    columnFrom(result);
    return;
  }
  const row = exports.kernel_failed_row();
  const [begin, end] = [wasm.i32[offsets / 4 + row]!, wasm.i32[offsets / 4 + row + 1]!];
  const text = Buffer.from(wasm.memory.buffer, data + begin, end - begin).toString();
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  throw new MillraceError(
    `column '${path}' has '${printable(shown)}', which is not the JSON value that its type says; ` +
      'give the column as plain text, without the extension type arrow.json',
    { code: 'INVALID_SCHEMA', context: { column: path } },
  );
}
