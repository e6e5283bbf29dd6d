/** The first rows of a selection. */
import type { Selection } from '../arrow/selection.ts';
import type { WasmInstance } from '../wasm/instance.ts';

/** What passed a limit. */
export interface Limited {
  readonly selection: Selection;
  /** How many rows passed. */
  readonly passed: number;
  /** The last row that passed, or its record behind an unnest; -1 where none did. */
  readonly lastRow: number;
}

/** The first `limit` rows of a selection; shares its list. */
export function limitRows(
  wasm: WasmInstance,
  { address, count }: Selection,
  limit: number,
): Limited {
  const passed = Math.min(count, limit);
  const last = address === 0 ? passed - 1 : wasm.u32[(address >>> 2) + passed - 1]!;
  const lastRow = passed === 0 ? -1 : last;
  return { selection: { address, count: passed }, passed, lastRow };
}
