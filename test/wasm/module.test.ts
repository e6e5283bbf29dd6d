import { afterEach, describe, expect, it, vi } from 'vitest';
import { ARENA_BASE, createMemory, hasSimd } from '../../src/wasm/module.ts';

// Each test loads the file anew: the compiled module is kept for the life of the process.
async function fresh() {
  vi.resetModules();
  return import('../../src/wasm/module.ts');
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.doUnmock('node:fs');
});

describe('loadModule', () => {
  it('compiles the module once', async () => {
    const { loadModule } = await fresh();
    expect(loadModule()).toBe(loadModule());
    expect(hasSimd()).toBe(true);
  });

  it('says clearly that an engine without SIMD will not do', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);
    const { loadModule } = await fresh();
    expect(loadModule).toThrow(
      expect.objectContaining({ code: 'NO_SIMD', message: expect.stringContaining('22.22') }),
    );
  });

  it('says clearly that an engine without shared memory will not do', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const { loadModule } = await fresh();
    expect(loadModule).toThrow(expect.objectContaining({ code: 'NO_SIMD' }));
  });

  it('says how to make a module that was not built', async () => {
    vi.doMock('node:fs', async (original) => ({
      ...(await original<typeof import('node:fs')>()),
      existsSync: () => false,
    }));
    const { loadModule } = await fresh();
    expect(loadModule).toThrow(
      expect.objectContaining({
        code: 'MISSING_BUILD',
        message: expect.stringContaining('npm run build'),
      }),
    );
  });
});

describe('createMemory', () => {
  it('gives a shared memory that cannot grow', () => {
    const { buffer } = createMemory(ARENA_BASE + 1);
    expect(buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(buffer.byteLength).toBe(ARENA_BASE + 65_536);
  });

  it('refuses a size without an arena, and one whose addresses would be negative', () => {
    const refused = expect.objectContaining({ code: 'INVALID_OPTION' });
    expect(() => createMemory(ARENA_BASE)).toThrow(refused);
    expect(() => createMemory(2 ** 31)).toThrow(refused);
    expect(() => createMemory(Number.NaN)).toThrow(refused);
  });
});
