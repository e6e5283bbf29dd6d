/** Bindings of `wasm/kernels-text-*.cpp` and `wasm/kernels-like.cpp`. */
import { MillraceError } from '../../errors.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CallProgram } from '../program.ts';
import type { Kernel, KernelCall } from './kernel.ts';
import { columnFrom } from './kernel-result.ts';
import { compileLike } from './like-pattern.ts';

/** `CaseOp` in `wasm/kernels-text-case.cpp`. */
const CASE_OPS = { lower: 0, upper: 1 } as const;
/** `TrimSides` in `wasm/kernels-text-case.cpp`. */
const TRIM_SIDES = { trimStart: 1, trimEnd: 2, trim: 3 } as const;
/** `FindOp` in `wasm/kernels-text-find.cpp`. */
const FIND_OPS = { contains: 0, startsWith: 1, endsWith: 2 } as const;

/** What DuckDB trims where nothing else is said: Unicode's space separators. */
const SPACES =
  ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a' +
  '\u202f\u205f\u3000';

/**
 * Bytes of a text in the state heap.
 *
 * @throws MillraceError `INVALID_PLAN` where that is full.
 */
export function stateBytes(wasm: WasmInstance, bytes: Uint8Array): number {
  const address = wasm.stateAlloc(bytes.length);
  wasm.u8.set(bytes, address);
  return address;
}

/** What a constructor in the module answered, where 0 says that the state heap is full. */
export function stateObject(address: number, text: string): number {
  if (address !== 0) return address;
  throw new MillraceError(`${text} is too long for a worker`, {
    code: 'INVALID_PLAN',
    context: { expression: text },
  });
}

type Run = (call: KernelCall, address: number, count: number) => number;

// `TEXT_TOO_LONG` in `wasm/text-writer.h`, the only failure of these kernels.
function whyTooLong({ wasm }: KernelCall, row: number): string {
  const most = wasm.u8.length / 2;
  return `would make a text of more than ${most} bytes in row ${row}, which no worker can hold`;
}

function kernel(run: Run, prepare?: Kernel['prepare']): Kernel {
  return {
    ...(prepare === undefined ? {} : { prepare }),
    run: (call) => columnFrom(run(call, call.selection.address, call.selection.count)),
    why: whyTooLong,
  };
}

function trimSet(wasm: WasmInstance, { options, text }: CallProgram): number {
  const bytes = Buffer.from((options.characters as string | undefined) ?? SPACES);
  const address = stateBytes(wasm, bytes);
  return stateObject(wasm.exports.trim_set_new(address, bytes.length), text);
}

function likePattern(wasm: WasmInstance, { options, text }: CallProgram): number {
  const compiled = compileLike(String(options.pattern), options.escape as string | undefined);
  if (typeof compiled === 'string') {
    throw new MillraceError(`${text}: ${compiled}`, {
      code: 'INVALID_PLAN',
      context: { expression: text },
    });
  }
  const bytes = stateBytes(wasm, compiled.bytes);
  const kinds = stateBytes(wasm, compiled.kinds);
  return stateObject(wasm.exports.like_new(bytes, kinds, compiled.bytes.length), text);
}

const concat = kernel(({ wasm, operands }, address, count) => {
  const list = wasm.arenaAlloc(operands.length * 4);
  wasm.u32.set(operands, list / 4);
  return wasm.exports.kernel_text_concat(list, operands.length, address, count);
});

const substring = kernel(({ wasm, operands: [text, start, length = 0] }, address, count) =>
  wasm.exports.kernel_text_substring(text!, start!, length, address, count),
);

function padKernel(atStart: number): Kernel {
  return kernel(({ wasm, operands: [text, length, fill] }, address, count) =>
    wasm.exports.kernel_text_pad(atStart, text!, length!, fill!, address, count),
  );
}

function sideKernel(atStart: number): Kernel {
  return kernel(({ wasm, operands: [text, characters] }, address, count) =>
    wasm.exports.kernel_text_side(atStart, text!, characters!, address, count),
  );
}

function binary(name: 'kernel_text_position' | 'kernel_text_repeat' | 'kernel_text_split'): Kernel {
  return kernel(({ wasm, operands: [left, right] }, address, count) =>
    wasm.exports[name](left!, right!, address, count),
  );
}

const entries = <Name extends string>(
  ops: Readonly<Record<Name, number>>,
  make: (op: number) => Kernel,
): (readonly [string, Kernel])[] =>
  Object.entries<number>(ops).map(([name, op]) => [name, make(op)] as const);

/** Kernels of texts by name. */
export const TEXT_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ...entries(CASE_OPS, (op) =>
    kernel(({ wasm, operands }, address, count) =>
      wasm.exports.kernel_text_case(op, operands[0]!, address, count),
    ),
  ),
  ...entries(TRIM_SIDES, (sides) =>
    kernel(
      ({ wasm, operands, prepared }, address, count) =>
        wasm.exports.kernel_text_trim(sides, operands[0]!, prepared as number, address, count),
      trimSet,
    ),
  ),
  ...entries(FIND_OPS, (op) =>
    kernel(({ wasm, operands: [text, part] }, address, count) =>
      wasm.exports.kernel_text_find(op, text!, part!, address, count),
    ),
  ),
  [
    'textLength',
    kernel(({ wasm, operands }, address, count) =>
      wasm.exports.kernel_text_length(operands[0]!, address, count),
    ),
  ],
  ['concat', concat],
  ['substring', substring],
  [
    'reverse',
    kernel(({ wasm, operands }, address, count) =>
      wasm.exports.kernel_text_reverse(operands[0]!, address, count),
    ),
  ],
  ['left', sideKernel(1)],
  ['right', sideKernel(0)],
  [
    'replace',
    kernel(({ wasm, operands: [text, from, to] }, address, count) =>
      wasm.exports.kernel_text_replace(text!, from!, to!, address, count),
    ),
  ],
  ['split', binary('kernel_text_split')],
  ['position', binary('kernel_text_position')],
  ['repeat', binary('kernel_text_repeat')],
  ['padStart', padKernel(1)],
  ['padEnd', padKernel(0)],
  [
    'like',
    kernel(
      ({ wasm, operands, prepared }, address, count) =>
        wasm.exports.kernel_like(operands[0]!, prepared as number, address, count),
      likePattern,
    ),
  ],
]);
