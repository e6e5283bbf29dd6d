/** Bindings of `wasm/kernels-math.cpp`, `wasm/kernels-bits.cpp`, `wasm/kernels-hash.cpp`. */
import { typeParam } from '../../arrow/type-param.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import { layoutOf } from '../common-type.ts';
import { chooseColumns, coalesceColumns } from './choose.ts';
import { compare } from './compare.ts';
import type { Kernel } from './kernel.ts';
import { columnFrom, KERNEL_FAILED } from './kernel-result.ts';

/** `MathOp` in `wasm/kernels-math.cpp`. */
const MATH_OPS = {
  abs: 0,
  sign: 1,
  floor: 2,
  ceil: 3,
  round: 4,
  sqrt: 5,
  ln: 6,
  log10: 7,
  exp: 8,
} as const;

/** `BitOp` in `wasm/kernels-bits.cpp`. */
const BIT_OPS = { bitAnd: 0, bitOr: 1, bitXor: 2, shiftLeft: 3, shiftRight: 4 } as const;

/** `HashOp` in `wasm/kernels-hash.cpp`. */
const HASH_OPS = { murmur2: 0, xxhash64: 1 } as const;

function result(address: number): number {
  return address === KERNEL_FAILED ? address : columnFrom(address);
}

function mathKernel(op: number): Kernel {
  return {
    run: ({ wasm, program, operands, selection: { address, count } }) => {
      const { type, options } = program;
      const digits = Number(options.digits ?? 0);
      const { kernel_math } = wasm.exports;
      const id = TYPE_ID[type.kind];
      return result(kernel_math(op, operands[0]!, id, typeParam(type), digits, address, count));
    },
  };
}

function bitKernel(op: number): Kernel {
  return {
    run: ({ wasm, operands, selection: { address, count } }) =>
      result(wasm.exports.kernel_bits(op, operands[0]!, operands[1]!, address, count)),
  };
}

function hashKernel(op: number): Kernel {
  return {
    run: ({ wasm, program, operands, selection: { address, count } }) => {
      const seed = BigInt.asIntN(64, BigInt((program.options.seed as bigint | undefined) ?? 0));
      return result(wasm.exports.kernel_hash(op, operands[0]!, seed, address, count));
    },
  };
}

const power: Kernel = {
  run: ({ wasm, operands, selection: { address, count } }) =>
    result(wasm.exports.kernel_power(operands[0]!, operands[1]!, address, count)),
};

// The comparison is null where a value is, and takes the left then; coalesce brings in the other.
function extremeKernel(isGreatest: boolean): Kernel {
  return {
    run: ({ wasm, program, operands, selection }) => {
      const layout = layoutOf(program.type);
      // The first of equals stays: of zeros with two signs, as in DuckDB.
      const op = isGreatest ? 'lt' : 'gt';
      return operands.reduce((best, next) => {
        const moves = compare(wasm, op, layout, best, next, selection);
        const chosen = chooseColumns(wasm, moves, [next, best], selection);
        return coalesceColumns(wasm, chosen, next, selection);
      });
    },
  };
}

/** Kernels of numbers by name. */
export const MATH_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ...Object.entries(MATH_OPS).map(([name, op]) => [name, mathKernel(op)] as const),
  ...Object.entries(BIT_OPS).map(([name, op]) => [name, bitKernel(op)] as const),
  ...Object.entries(HASH_OPS).map(([name, op]) => [name, hashKernel(op)] as const),
  ['pow', power],
  ['least', extremeKernel(false)],
  ['greatest', extremeKernel(true)],
]);
