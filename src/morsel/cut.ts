/** Where a morsel ends early: at the first row that does not decode or evaluate. */
import type { Selection } from '../arrow/selection.ts';
import type { MillraceError } from '../errors.ts';
import type { WasmInstance } from '../wasm/instance.ts';

/** The row at which a morsel is cut; it and all behind it are left out. */
export interface Cut {
  readonly row: number;
  readonly error: MillraceError;
}

/** The rows of a selection that come before `row`; shares its list. */
export function rowsBefore(
  wasm: WasmInstance,
  { address, count }: Selection,
  row: number,
): Selection {
  if (address === 0) return { address, count: Math.min(count, row) };
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (wasm.u32[(address >>> 2) + middle]! < row) low = middle + 1;
    else high = middle;
  }
  return { address, count: low };
}
