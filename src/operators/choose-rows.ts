/** distinct and sample: which rows of a morsel stay. */
import type { Selection } from '../arrow/selection.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import { type RowIdentity, selectDistinct, selectSample } from './kernels/row-choice.ts';
import type { RowSet } from './unnest.ts';

const ROW_BYTES = 4;

/** The first row of each tuple. */
export interface CompiledDistinct {
  readonly kind: 'distinct';
  readonly columns: readonly string[];
}

/** Rows by chance, the same each time. */
export interface CompiledSample {
  readonly kind: 'sample';
  readonly seed: number;
  /** How many of 2^53 pass. */
  readonly threshold: number;
  /** How many samples stand before it: each draws anew, also where seeds are alike. */
  readonly ordinal: number;
}

/** What the rows of a morsel come from: the same rows are known by the same, in every run. */
export interface RowOrigin extends Omit<RowIdentity, 'records'> {
  /** Stands for the source partition. */
  readonly salt: bigint;
}

const ORDINAL_STEP = 0x9e3779b97f4a7c15n;

/**
 * The first row of each tuple among the selected rows.
 *
 * @param seed of the hashes; of no consequence for the result.
 * @throws ArenaFull
 */
export function distinctRows(
  wasm: WasmInstance,
  { columns }: CompiledDistinct,
  before: RowSet,
  seed: bigint,
): Selection {
  const addresses = columns.map((name) => before.columns.get(name)!);
  return chosen(wasm, before.selection, (out) =>
    selectDistinct(wasm, addresses, before.selection, seed, out),
  );
}

/**
 * The selected rows that are in a sample.
 *
 * @throws ArenaFull
 */
export function sampleRows(
  wasm: WasmInstance,
  { seed, threshold, ordinal }: CompiledSample,
  { selection, records }: RowSet,
  { offsets, first, salt }: RowOrigin,
): Selection {
  const mixed = BigInt.asUintN(64, BigInt(seed) + salt + BigInt(ordinal) * ORDINAL_STEP);
  const rule = { seed: mixed, threshold: BigInt(threshold) };
  return chosen(wasm, selection, (out) =>
    selectSample(wasm, { offsets, first, records }, selection, rule, out),
  );
}

// As `filterRows`: what choosing took of the lease is given back, and the end of a short list.
function chosen(
  wasm: WasmInstance,
  selection: Selection,
  choose: (out: number) => number,
): Selection {
  const mark = wasm.exports.arena_mark();
  const address = wasm.arenaAlloc(selection.count * ROW_BYTES);
  const count = choose(address);
  wasm.exports.arena_rewind(mark);
  if (count === selection.count) return selection;
  return { address: wasm.arenaAlloc(count * ROW_BYTES), count };
}

/**
 * A number of 64 bits that stands for a text: FNV-1a.
 *
 * See http://www.isthe.com/chongo/tech/comp/fnv/.
 */
export function saltOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}
