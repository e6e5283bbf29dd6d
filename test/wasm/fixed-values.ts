/** Values of fixed width in linear memory, for tests: how each type is stored. */
import type { DataType } from '../../src/arrow/schema.ts';
import type { WasmInstance } from '../../src/wasm/instance.ts';
import type { Value } from './columns.ts';

type Store = (view: DataView, at: number, value: number | bigint) => void;
type Load = (view: DataView, at: number) => number | bigint;

interface Fixed {
  readonly width: number;
  readonly store: Store;
  readonly load: Load;
}

const LITTLE = true;

const BYTE: Fixed = {
  width: 1,
  store: (view, at, value) => view.setInt8(at, Number(value)),
  load: (view, at) => view.getInt8(at),
};
const INT32: Fixed = {
  width: 4,
  store: (view, at, value) => view.setInt32(at, Number(value), LITTLE),
  load: (view, at) => view.getInt32(at, LITTLE),
};
const INT64: Fixed = {
  width: 8,
  store: (view, at, value) => view.setBigInt64(at, BigInt(value), LITTLE),
  load: (view, at) => view.getBigInt64(at, LITTLE),
};

/** Types of fixed width but bool; a decimal is its unscaled bigint, a date its days. */
const FIXED: Readonly<Partial<Record<DataType['kind'], Fixed>>> = {
  int8: BYTE,
  int16: {
    width: 2,
    store: (view, at, value) => view.setInt16(at, Number(value), LITTLE),
    load: (view, at) => view.getInt16(at, LITTLE),
  },
  int32: INT32,
  int64: INT64,
  uint8: { ...BYTE, load: (view, at) => view.getUint8(at) },
  uint16: {
    width: 2,
    store: (view, at, value) => view.setUint16(at, Number(value), LITTLE),
    load: (view, at) => view.getUint16(at, LITTLE),
  },
  uint32: { ...INT32, load: (view, at) => view.getUint32(at, LITTLE) },
  uint64: { ...INT64, load: (view, at) => view.getBigUint64(at, LITTLE) },
  float32: {
    width: 4,
    store: (view, at, value) => view.setFloat32(at, Number(value), LITTLE),
    load: (view, at) => view.getFloat32(at, LITTLE),
  },
  float64: {
    width: 8,
    store: (view, at, value) => view.setFloat64(at, Number(value), LITTLE),
    load: (view, at) => view.getFloat64(at, LITTLE),
  },
  decimal: {
    width: 16,
    store: (view, at, value) => {
      view.setBigInt64(at, BigInt.asIntN(64, BigInt(value)), LITTLE);
      view.setBigInt64(at + 8, BigInt(value) >> 64n, LITTLE);
    },
    load: (view, at) => (view.getBigInt64(at + 8, LITTLE) << 64n) | view.getBigUint64(at, LITTLE),
  },
  date: INT32,
  dictionary: INT32,
  time: INT64,
  duration: INT64,
  timestamp: INT64,
};

/** Reads row `row` of the values at `data`; undefined for types that are not of fixed width. */
export function fixedReader(
  wasm: WasmInstance,
  kind: DataType['kind'],
  data: number,
): ((row: number) => number | bigint) | undefined {
  const fixed = FIXED[kind];
  if (fixed === undefined) return undefined;
  const view = new DataView(wasm.memory.buffer);
  return (row) => fixed.load(view, data + row * fixed.width);
}

/**
 * Stores values in the open lease, one behind the other.
 *
 * @param underNull what lies under a null: every byte of it.
 */
export function storeFixed(
  wasm: WasmInstance,
  kind: DataType['kind'],
  values: readonly Value[],
  underNull = 0,
): { readonly data: number; readonly dataLength: number } {
  const { width, store } = FIXED[kind]!;
  const dataLength = values.length * width;
  const data = wasm.arenaAlloc(dataLength);
  wasm.u8.fill(underNull, data, data + dataLength);
  const view = new DataView(wasm.memory.buffer);
  for (const [i, value] of values.entries()) {
    if (value !== null) store(view, data + i * width, value as number | bigint);
  }
  return { data, dataLength };
}
