/** What kernels answer, see `wasm/kernels.h`. */
import { ArenaFull } from '../../wasm/instance.ts';

const KERNEL_FULL = 0;

/** `KERNEL_FAILED` in `wasm/kernels.h`: a selected row has no result. */
export const KERNEL_FAILED = 1;

/**
 * The address of the column that a kernel made.
 *
 * @throws ArenaFull
 */
export function columnFrom(result: number): number {
  if (result !== KERNEL_FULL) return result;
  throw new ArenaFull('the lease has no room for a column of an expression');
}
