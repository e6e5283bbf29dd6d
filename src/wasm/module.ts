/** Finds, checks and compiles the WebAssembly module; makes the memories that it works in. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MillraceError } from '../errors.ts';

/** First byte of a worker's memory that leases may use; `ARENA_BASE` in `wasm/abi.h`. */
export const ARENA_BASE = 16 * 1024 * 1024;
/** Bytes behind every buffer that SIMD loads and stores may touch; `PADDING` in `wasm/abi.h`. */
export const PADDING = 64;

const PAGE_BYTES = 65_536;
// Below 2 GiB an address is never negative as a signed i32, which is how it comes out.
const MAX_MEMORY_BYTES = 2 * 1024 * 1024 * 1024 - PAGE_BYTES;

// (module (func (result v128) i32.const 0 i8x16.splat)): 30 bytes that only SIMD engines accept.
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15,
  11,
]);

let compiled: WebAssembly.Module | undefined;

/** Whether this engine runs WebAssembly SIMD. */
export function hasSimd(): boolean {
  return WebAssembly.validate(SIMD_PROBE);
}

/**
 * The compiled module, compiled once per thread; post it to workers instead of calling this there.
 *
 * @throws MillraceError `NO_SIMD` where the engine lacks SIMD or shared memory; `MISSING_BUILD`
 *   where the module was not built.
 */
export function loadModule(): WebAssembly.Module {
  if (compiled !== undefined) return compiled;
  if (!hasSimd() || typeof SharedArrayBuffer === 'undefined') {
    throw new MillraceError(
      `Millrace needs WebAssembly SIMD and shared memory, which Node ${process.version} on ` +
        `${process.arch} does not offer; use Node 22.22 or later on x64 or arm64`,
      { code: 'NO_SIMD', context: { node: process.version, arch: process.arch } },
    );
  }
  compiled = new WebAssembly.Module(readFileSync(findModule()));
  return compiled;
}

// In the repository the build lies in build/, in the package beside dist/'s folders.
function findModule(): string {
  const places = ['../../build/millrace.wasm', '../millrace.wasm'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new MillraceError('the WebAssembly module is not there; run `npm run build`', {
    code: 'MISSING_BUILD',
    context: { searched: places.join(', ') },
  });
}

/**
 * A shared memory of fixed size: it never grows, so views on it stay valid, and pages that nothing
 * touches take no room.
 *
 * @param byteLength size in bytes, state heap included; rounded up to 64 KiB, below 2 GiB.
 */
export function createMemory(byteLength: number): WebAssembly.Memory {
  if (!(byteLength > ARENA_BASE && byteLength <= MAX_MEMORY_BYTES)) {
    throw new MillraceError(
      `a worker's memory must have more than ${ARENA_BASE} and at most ${MAX_MEMORY_BYTES} ` +
        `bytes, not ${byteLength}`,
      { code: 'INVALID_OPTION', context: { byteLength } },
    );
  }
  const pages = Math.ceil(byteLength / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}
