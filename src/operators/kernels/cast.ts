/** Bindings of `wasm/kernels-cast.cpp`, `kernels-cast-text.cpp`, `kernels-cast-time.cpp`. */
import type { ScalarDataType } from '../../arrow/schema.ts';
import type { Selection } from '../../arrow/selection.ts';
import { typeParam } from '../../arrow/type-param.ts';
import { TYPE_ID } from '../../wasm/column.ts';
import type { WasmInstance } from '../../wasm/instance.ts';
import type { CastProgram } from '../program.ts';
import { textsOf } from './choose.ts';
import { dictionaryOf } from './distinct-texts.ts';
import { columnFrom, KERNEL_FAILED } from './kernel-result.ts';
import { nullColumn } from './null-column.ts';

const TEXTS: ReadonlySet<string> = new Set(['utf8', 'binary', 'json']);

const TIMES: readonly string[] = ['date', 'time', 'timestamp', 'duration'];

/**
 * A column as one of another type.
 *
 * @returns the new column, or `undefined` where a value of a selected row does not fit and that
 *   fails the row.
 * @throws ArenaFull
 */
export function cast(
  wasm: WasmInstance,
  column: number,
  { from, to, misfit }: Pick<CastProgram, 'from' | 'to' | 'misfit'>,
  { address, count }: Selection,
): number | undefined {
  if (from.kind === 'null') return nullColumn(wasm, to, wasm.u32[column / 4 + 1]!);
  if (from.kind === 'dictionary') return textsOf(wasm, column, { address, count });
  if (to.kind === 'dictionary') return dictionaryOf(wasm, column, { address, count });
  const nulls = misfit === 'null' ? 1 : 0;
  const kernel = kernelFor(wasm, from, to);
  const result = kernel(column, TYPE_ID[to.kind], typeParam(to), nulls, address, count);
  return result === KERNEL_FAILED ? undefined : columnFrom(result);
}

function kernelFor(wasm: WasmInstance, from: ScalarDataType, to: ScalarDataType) {
  const { kernel_cast, kernel_cast_text, kernel_cast_time } = wasm.exports;
  if (TEXTS.has(from.kind) || to.kind === 'utf8') return kernel_cast_text;
  return TIMES.includes(from.kind) ? kernel_cast_time : kernel_cast;
}
