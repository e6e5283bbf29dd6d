/**
 * What the WebAssembly module exports, by the source file that has it. Addresses and sizes are
 * bytes in linear memory; they stay below 2 GiB (`MAX_MEMORY_BYTES`), so none comes out negative.
 */

/** `arena.cpp`. */
export interface ArenaExports {
  /** Zeroed bytes that live as long as the instance; 0 when the state heap is full. */
  state_alloc(bytes: number): number;
  /** Forgets every program and learned shape. */
  state_reset(): void;
  /** Works in the lease `[begin, end)` from now on. */
  arena_open(begin: number, end: number): void;
  /** Bytes in the open lease; 0 when it is full. */
  arena_alloc(bytes: number): number;
  arena_mark(): number;
  arena_rewind(mark: number): void;
}

/** Everything the module exports. */
export interface WasmExports extends ArenaExports {}
