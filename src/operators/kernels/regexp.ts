/**
 * Regular expressions: JavaScript's, run once per distinct text of a morsel. Finding the distinct
 * texts costs about as much as a comparison per row; each of them then becomes a string and costs
 * what its pattern costs, with no limit on time.
 */
import { COLUMN_BYTES, writeColumn } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CallProgram } from '../program.ts';
import { textsOf } from './choose.ts';
import { type DistinctTexts, distinctTexts, isNullConstant } from './distinct-texts.ts';
import type { Kernel } from './kernel.ts';
import { columnFrom } from './kernel-result.ts';
import { nullColumn } from './null-column.ts';

/**
 * A utf8 column of texts in the open lease.
 *
 * @throws ArenaFull
 */
function textColumn(wasm: WasmInstance, texts: readonly string[]): number {
  const offsets = wasm.arenaAlloc((texts.length + 1) * 4);
  const sizes = texts.map((text) => Buffer.byteLength(text));
  const dataLength = sizes.reduce((sum, size) => sum + size, 0);
  const data = wasm.arenaAlloc(dataLength);
  const bytes = Buffer.from(wasm.memory.buffer, data, dataLength);
  let end = 0;
  wasm.i32[offsets / 4] = 0;
  for (const [i, text] of texts.entries()) {
    bytes.write(text, end);
    end += sizes[i]!;
    wasm.i32[offsets / 4 + i + 1] = end;
  }
  const column = wasm.arenaAlloc(COLUMN_BYTES);
  const fields = { type: 'utf8', constant: false, length: texts.length, nullCount: 0, validity: 0 };
  writeColumn(wasm, column, { ...fields, type: 'utf8', data, offsets, dataLength, children: [] });
  return column;
}

function* textsIn(wasm: WasmInstance, column: number, { rows, count }: DistinctTexts) {
  const { u32, i32 } = wasm;
  const data = u32[column / 4 + 4]!;
  const offsets = u32[column / 4 + 5]! / 4;
  const memory = Buffer.from(wasm.memory.buffer);
  for (let i = 0; i < count; i++) {
    // A constant column has one row, and that is row 0.
    const row = u32[rows / 4 + i]!;
    yield memory.toString('utf8', data + i32[offsets + row]!, data + i32[offsets + row + 1]!);
  }
}

function compile(_: WasmInstance, { options }: CallProgram): RegExp {
  return new RegExp(String(options.pattern), String(options.flags));
}

const regexpMatch: Kernel = {
  prepare: compile,
  run: ({ wasm, operands, selection, rows, prepared }) => {
    const column = operands[0]!;
    if (isNullConstant(wasm, column)) return nullColumn(wasm, { kind: 'bool' }, rows);
    const distinct = distinctTexts(wasm, column, selection);
    const flags = wasm.arenaAlloc(distinct.count);
    const pattern = prepared as RegExp;
    let at = flags;
    for (const text of textsIn(wasm, column, distinct)) wasm.u8[at++] = pattern.test(text) ? 1 : 0;
    const { address, count } = selection;
    const { kernel_deal_flags } = wasm.exports;
    return columnFrom(kernel_deal_flags(column, distinct.codes, flags, address, count));
  },
};

const regexpExtract: Kernel = {
  prepare: compile,
  run: ({ wasm, program, operands, selection, rows, prepared }) => {
    const column = operands[0]!;
    if (isNullConstant(wasm, column)) return nullColumn(wasm, { kind: 'utf8' }, rows);
    const distinct = distinctTexts(wasm, column, selection);
    const group = Number(program.options.group);
    const pattern = prepared as RegExp;
    const found: string[] = [];
    for (const text of textsIn(wasm, column, distinct)) {
      found.push(pattern.exec(text)?.[group] ?? '');
    }
    const texts = textColumn(wasm, found);
    const { kernel_deal_texts } = wasm.exports;
    const dictionary = columnFrom(kernel_deal_texts(column, distinct.codes, texts));
    return textsOf(wasm, dictionary, selection);
  },
};

/** Kernels of regular expressions by name. */
export const REGEXP_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ['regexpMatch', regexpMatch],
  ['regexpExtract', regexpExtract],
]);
