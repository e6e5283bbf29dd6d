/** Bindings of `wasm/kernels-json-path.cpp`. */
import type { WasmInstance } from '../../wasm/instance.ts';
import { parseJsonPath } from '../json-path.ts';
import type { CallProgram } from '../program.ts';
import type { Kernel } from './kernel.ts';
import { columnFrom } from './kernel-result.ts';
import { stateBytes } from './text.ts';

/** `PathStep` in the module: four words. */
const STEP_BYTES = 16;

/** A path in the state heap: how many steps, then they. */
function preparePath(wasm: WasmInstance, { options }: CallProgram): number {
  const steps = parseJsonPath(String(options.path));
  // `lower` has refused what is no path.
  if (typeof steps === 'string') throw new TypeError(steps);
  const path = wasm.stateAlloc(STEP_BYTES * (steps.length + 1));
  wasm.u32[path / 4] = steps.length;
  for (const [i, step] of steps.entries()) {
    const word = path / 4 + 4 * (i + 1);
    if (typeof step === 'number') {
      wasm.i32[word + 1] = step;
    } else {
      const name = Buffer.from(step);
      wasm.u32[word] = 1;
      wasm.u32[word + 2] = stateBytes(wasm, name);
      wasm.u32[word + 3] = name.length;
    }
  }
  return path;
}

/** Kernels of JSON by name. */
export const JSON_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  [
    'jsonPath',
    {
      prepare: preparePath,
      run: ({ wasm, program, operands, selection: { address, count }, prepared }) => {
        const isText = program.type.kind === 'utf8' ? 1 : 0;
        const { kernel_json_path } = wasm.exports;
        const path = prepared as number;
        return columnFrom(kernel_json_path(operands[0]!, path, isText, address, count));
      },
    },
  ],
]);
