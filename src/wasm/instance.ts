/** One instance of the module on one memory, with the views and the arena that go with it. */
import { MillraceError } from '../errors.ts';
import type { WasmExports } from './exports.ts';

/** The lease was too small: run the morsel again with a larger one. Never leaves the worker. */
export class ArenaFull extends Error {
  override readonly name = 'ArenaFull';
  /** The call that was being computed, where it was one. */
  expression?: string;
}

/**
 * An instance of the module. Exactly one may live on a memory at a time (statics and stack lie in
 * it), and one thread may call it. The views never detach: the memory has a fixed size.
 */
export class WasmInstance {
  readonly exports: WasmExports;
  readonly memory: WebAssembly.Memory;
  /** The whole memory as bytes, words, and so on; index = address / element size. */
  readonly u8: Uint8Array<ArrayBufferLike>;
  readonly u16: Uint16Array<ArrayBufferLike>;
  readonly u32: Uint32Array<ArrayBufferLike>;
  readonly i32: Int32Array<ArrayBufferLike>;
  readonly i64: BigInt64Array<ArrayBufferLike>;
  readonly f64: Float64Array<ArrayBufferLike>;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    (exports._initialize as () => void)();
    this.exports = exports as unknown as WasmExports;
    this.memory = memory;
    this.u8 = new Uint8Array(memory.buffer);
    this.u16 = new Uint16Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
    this.i64 = new BigInt64Array(memory.buffer);
    this.f64 = new Float64Array(memory.buffer);
  }

  /**
   * Bytes of the open lease, 16-byte aligned, valid until the lease is given back.
   *
   * @throws ArenaFull
   */
  arenaAlloc(bytes: number): number {
    const address = this.exports.arena_alloc(bytes);
    if (address === 0) throw new ArenaFull(`the lease has no ${bytes} bytes left`);
    return address;
  }

  /**
   * Zeroed bytes that live as long as this instance, for a program.
   *
   * @throws MillraceError `INVALID_PLAN` where the state heap is full: the plan is too large.
   */
  stateAlloc(bytes: number): number {
    const address = this.exports.state_alloc(bytes);
    if (address !== 0) return address;
    throw new MillraceError(`the plan needs ${bytes} more bytes of program than a worker has`, {
      code: 'INVALID_PLAN',
      context: { bytes },
    });
  }
}
