/** Rows and columns in a worker's linear memory, between decoder, operators and encoder. */

/**
 * The columns of one morsel by name, each the address of a `Column` (see `wasm/abi.h`). All have
 * the same number of rows; row i of every column belongs to record i of the morsel. Borrowed from
 * the morsel's lease.
 */
export type ColumnSet = ReadonlyMap<string, number>;

/**
 * The rows of a morsel that are still in play, in ascending order. `address` is a `u32[count]` of
 * row indices, or 0 where they are rows 0 to count - 1.
 */
export interface Selection {
  readonly address: number;
  readonly count: number;
}
