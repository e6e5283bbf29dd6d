/** What runs a call: one kernel over whole columns. */
import type { Selection } from '../../arrow/selection.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CallProgram } from '../program.ts';

/** A call as its kernel sees it. */
export interface KernelCall {
  readonly wasm: WasmInstance;
  readonly program: CallProgram;
  /** Addresses of the operands' columns; what they hold on rows not selected is not defined. */
  readonly operands: readonly number[];
  /** The rows that need a result. */
  readonly selection: Selection;
  /** Rows of every column. */
  readonly rows: number;
  /** What `prepare` made of the program on this instance. */
  readonly prepared: unknown;
}

/** A kernel by its name in `CallProgram.kernel`. */
export interface Kernel {
  /** Makes what lives as long as the instance, such as a pattern in the state heap. */
  prepare?(wasm: WasmInstance, program: CallProgram): unknown;
  /**
   * The result as a column of `rows` rows.
   *
   * @returns its address, or `KERNEL_FAILED` with `kernel_failed_row` set.
   * @throws ArenaFull
   */
  run(call: KernelCall): number;
  /** What is wrong with the failed row, for its error; default: that it has no result. */
  why?(call: KernelCall, row: number): string;
}
