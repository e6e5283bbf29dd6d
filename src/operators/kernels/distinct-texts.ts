/** Bindings of `wasm/kernels-text-distinct.cpp`. */
import type { Selection } from '../../arrow/selection.ts';
import { COLUMN_CONSTANT } from '../../wasm/column.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';
import { columnFrom } from './kernel-result.ts';
import { nullColumn } from './null-column.ts';

/** The distinct texts of the selected rows. */
export interface DistinctTexts {
  /** Address of `u32[rows]`: the place of each selected row's text. */
  readonly codes: number;
  /** Address of `u32[count]`: a row of each, ascending. */
  readonly rows: number;
  readonly count: number;
}

// Senders of messages must not know it: they could choose texts whose hashes collide.
const SEED = BigInt(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));

/** So many texts show whether a column's texts repeat: about a tenth of those of a morsel. */
const TRIAL_TEXTS = 1024;

/**
 * The texts of a utf8 column on the selected rows, each once, nulls left out.
 *
 * @param often `'always'` finds every text that comes again. `'ifMany'` gives up where fewer than
 *   one in four of the first texts does: then a text may be there several times.
 * @throws ArenaFull
 */
export function distinctTexts(
  wasm: WasmInstance,
  column: number,
  { address, count }: Selection,
  often: 'always' | 'ifMany',
): DistinctTexts {
  const trial = often === 'ifMany' ? TRIAL_TEXTS : 0;
  const found = wasm.exports.kernel_text_distinct(column, address, count, SEED, trial);
  if (found === 0) throw new ArenaFull('the lease has no room for a hash table of texts');
  const word = found / 4;
  const { u32 } = wasm;
  return { count: u32[word]!, rows: u32[word + 1]!, codes: u32[word + 2]! };
}

/**
 * The texts of a utf8 column, each once, as a dictionary column of as many rows.
 *
 * @throws ArenaFull
 */
export function dictionaryOf(wasm: WasmInstance, column: number, rows: Selection): number {
  if (isNullConstant(wasm, column)) {
    return nullColumn(wasm, { kind: 'dictionary' }, wasm.u32[column / 4 + 1]!);
  }
  const distinct = distinctTexts(wasm, column, rows, 'always');
  const { kernel_take, kernel_deal_texts } = wasm.exports;
  // A constant column has one row, however many it stands for.
  const texts = columnFrom(kernel_take(column, distinct.rows, distinct.count));
  return columnFrom(kernel_deal_texts(column, distinct.codes, texts));
}

/** Whether a column is one null for all rows. */
export function isNullConstant(wasm: WasmInstance, column: number): boolean {
  return (wasm.u8[column + 1]! & COLUMN_CONSTANT) !== 0 && wasm.u32[column / 4 + 2] !== 0;
}
