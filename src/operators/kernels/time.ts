/** Bindings of `wasm/kernels-time*.cpp`. */
import { typeParam } from '../../arrow/type-param.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { ExtractPart } from '../expr/time.ts';
import type { CallProgram } from '../program.ts';
import { compilePattern } from '../time-pattern.ts';
import type { Kernel } from './kernel.ts';
import { columnFrom, KERNEL_FAILED } from './kernel-result.ts';

/** `TimePart` in `wasm/kernels-time.h`. */
const PARTS: Readonly<Record<ExtractPart, number>> = {
  year: 0,
  quarter: 1,
  month: 2,
  week: 3,
  day: 4,
  hour: 5,
  minute: 6,
  second: 7,
  millisecond: 8,
  microsecond: 9,
  dayOfWeek: 10,
  isoDayOfWeek: 11,
  dayOfYear: 12,
  isoYear: 13,
  epoch: 14,
};

/** `SumOp` in `wasm/kernels-time-sum.cpp`, by the kernel's name. */
const SUMS = {
  timestampSum: 0,
  dateSum: 1,
  timeSum: 2,
  dateDifference: 3,
  timestampDifference: 4,
  durationProduct: 5,
  durationFloatProduct: 6,
  monthSum: 7,
  durationQuotient: 8,
} as const;

/** A sum or difference of times, by its kernel. */
export type TimeSum = keyof typeof SUMS;

const partOf = ({ options }: CallProgram): number => PARTS[options.part as ExtractPart];

function result(address: number): number {
  return address === KERNEL_FAILED ? address : columnFrom(address);
}

const extract: Kernel = {
  run: ({ wasm, program, operands, selection: { address, count } }) =>
    result(wasm.exports.kernel_time_extract(partOf(program), operands[0]!, address, count)),
};

const truncate: Kernel = {
  run: ({ wasm, program, operands, selection: { address, count } }) => {
    const { kernel_time_truncate } = wasm.exports;
    const param = typeParam(program.type);
    return result(kernel_time_truncate(partOf(program), operands[0]!, param, address, count));
  },
};

const diff: Kernel = {
  run: ({ wasm, program, operands, selection: { address, count } }) => {
    const [start, end] = operands as readonly [number, number];
    return result(wasm.exports.kernel_time_diff(partOf(program), start, end, address, count));
  },
};

// `factor` of the options is what the right operand is taken times.
function sumKernel(op: number): Kernel {
  return {
    run: ({ wasm, program, operands, selection: { address, count } }) => {
      const { type, options } = program;
      const [left, right] = operands as readonly [number, number];
      const factor = (options.factor as bigint | undefined) ?? 1n;
      const { kernel_time_sum } = wasm.exports;
      const id = TYPE_ID[type.kind];
      const param = typeParam(type);
      return result(kernel_time_sum(op, left, right, factor, id, param, address, count));
    },
  };
}

/** A pattern in the state heap. */
interface Prepared {
  readonly address: number;
  /** Bytes that a text by it has at most. */
  readonly most: number;
}

function prepare(wasm: WasmInstance, { options }: CallProgram): Prepared {
  const { bytes, most } = compilePattern(String(options.format));
  const address = wasm.stateAlloc(bytes.length);
  wasm.u8.set(bytes, address);
  return { address, most };
}

const format: Kernel = {
  prepare,
  run: ({ wasm, operands, prepared, selection: { address, count } }) => {
    const { address: pattern, most } = prepared as Prepared;
    const { kernel_time_format } = wasm.exports;
    // The first byte is for parsing.
    return result(kernel_time_format(operands[0]!, pattern + 1, most, address, count));
  },
};

function parseKernel(misfit: 0 | 1): Kernel {
  return {
    prepare,
    run: ({ wasm, program, operands, prepared, selection: { address, count } }) => {
      const { address: pattern } = prepared as Prepared;
      const param = typeParam(program.type);
      const { kernel_time_parse } = wasm.exports;
      return result(kernel_time_parse(operands[0]!, pattern, param, misfit, address, count));
    },
  };
}

/** Kernels of dates and times by name. */
export const TIME_KERNELS: ReadonlyMap<string, Kernel> = new Map<string, Kernel>([
  ['extract', extract],
  ['truncate', truncate],
  ['diff', diff],
  ['format', format],
  ['parseTime', parseKernel(0)],
  ['tryParseTime', parseKernel(1)],
  ...Object.entries(SUMS).map(([name, op]) => [name, sumKernel(op)] as const),
]);
