/** Bindings of `wasm/kernels-distinct.cpp` and `wasm/kernels-sample.cpp`: which rows stay. */
import type { Selection } from '../../arrow/selection.ts';
import { ArenaFull, type WasmInstance } from '../../wasm/instance.ts';

const NO_ROOM = 0xffffffff;

/**
 * Writes the first row of each tuple of the columns' values to `out`, a `u32[selection.count]`.
 *
 * @param columns addresses, at least one.
 * @param seed of the hashes; it changes nothing of the result.
 * @returns how many rows they are.
 * @throws ArenaFull
 */
export function selectDistinct(
  wasm: WasmInstance,
  columns: readonly number[],
  { address, count }: Selection,
  seed: bigint,
  out: number,
): number {
  const words = wasm.arenaAlloc(columns.length * 4) / 4;
  wasm.u32.set(columns, words);
  const { kernel_distinct } = wasm.exports;
  const found = kernel_distinct(words * 4, columns.length, address, count, seed, out) >>> 0;
  if (found !== NO_ROOM) return found;
  throw new ArenaFull('the lease has no room for the hash table of distinct');
}

/** What rows are known by, see `wasm/kernels-sample.cpp`. */
export interface RowIdentity {
  /** Address of the records' offsets, `i64[records]`; 0: record i has `first + i`. */
  readonly offsets: number;
  readonly first: bigint;
  /** Address of `u32[rows]`: the record of each row; 0: row i is of record i. */
  readonly records: number;
}

/**
 * Writes the rows of the sample to `out`, a `u32[selection.count]`.
 *
 * @param threshold how many of 2^53 pass.
 * @returns how many rows they are.
 */
export function selectSample(
  wasm: WasmInstance,
  { offsets, first, records }: RowIdentity,
  { address, count }: Selection,
  { seed, threshold }: { readonly seed: bigint; readonly threshold: bigint },
  out: number,
): number {
  const { kernel_sample } = wasm.exports;
  return kernel_sample(offsets, first, records, address, count, seed, threshold, out);
}
