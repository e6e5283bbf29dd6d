/**
 * Regular expressions: JavaScript's, run once per distinct text of a morsel where texts repeat,
 * else once a row. Each becomes a string and costs what its pattern costs, with no limit on time.
 */
import { COLUMN_CONSTANT } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CallProgram } from '../program.ts';
import { textsOf } from './choose.ts';
import { type DistinctTexts, distinctTexts, isNullConstant } from './distinct-texts.ts';
import type { Kernel } from './kernel.ts';
import { columnFrom } from './kernel-result.ts';
import { nullColumn } from './null-column.ts';
import { stringsIn, TextsWriter } from './text-strings.ts';

// The texts as a column of their own; the column itself where it has no others.
function textsAt(wasm: WasmInstance, column: number, { rows, count }: DistinctTexts): number {
  const isConstant = (wasm.u8[column + 1]! & COLUMN_CONSTANT) !== 0;
  if (!isConstant && count === wasm.u32[column / 4 + 1]) return column;
  return columnFrom(wasm.exports.kernel_take(column, rows, count));
}

function compile(_: WasmInstance, { options }: CallProgram): RegExp {
  return new RegExp(String(options.pattern), String(options.flags));
}

const regexpMatch: Kernel = {
  prepare: compile,
  run: ({ wasm, operands, selection, rows, prepared }) => {
    const column = operands[0]!;
    if (isNullConstant(wasm, column)) return nullColumn(wasm, { kind: 'bool' }, rows);
    const distinct = distinctTexts(wasm, column, selection, 'ifMany');
    const flags = wasm.arenaAlloc(distinct.count);
    const pattern = prepared as RegExp;
    let at = flags;
    for (const texts of stringsIn(wasm, textsAt(wasm, column, distinct))) {
      for (const text of texts) wasm.u8[at++] = pattern.test(text) ? 1 : 0;
    }
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
    const distinct = distinctTexts(wasm, column, selection, 'ifMany');
    const group = Number(program.options.group);
    const pattern = prepared as RegExp;
    const writer = new TextsWriter(wasm, distinct.count);
    const source = textsAt(wasm, column, distinct);
    for (const texts of stringsIn(wasm, source)) {
      // In place: another array would cost a tenth of the whole.
      for (let i = 0; i < texts.length; i++) texts[i] = pattern.exec(texts[i]!)?.[group] ?? '';
      writer.push(texts);
    }
    const found = writer.finish();
    // A text for each row, in their order.
    if (source === column) return found;
    const { kernel_deal_texts } = wasm.exports;
    const dictionary = columnFrom(kernel_deal_texts(column, distinct.codes, found));
    return textsOf(wasm, dictionary, selection);
  },
};

/** Kernels of regular expressions by name. */
export const REGEXP_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ['regexpMatch', regexpMatch],
  ['regexpExtract', regexpExtract],
]);
