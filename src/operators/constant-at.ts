/** One value of a column as a constant of a plan. */
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';
import type { ConstantValue } from './program.ts';

/** The value in `row` of a column; undefined where a constant cannot hold it. */
export function constantAt(
  wasm: WasmInstance,
  column: number,
  row: number,
): ConstantValue | undefined {
  const { type, constant, data, offsets, validity } = readColumn(wasm, column);
  const i = constant ? 0 : row;
  const bit = (bits: number) => ((wasm.u8[bits + (i >> 3)]! >> (i & 7)) & 1) === 1;
  if (validity !== 0 && !bit(validity)) return null;
  const view = new DataView(wasm.memory.buffer);
  switch (type) {
    case 'bool':
      return bit(data);
    case 'int8':
      return view.getInt8(data + i);
    case 'uint8':
      return view.getUint8(data + i);
    case 'int16':
      return view.getInt16(data + 2 * i, true);
    case 'uint16':
      return view.getUint16(data + 2 * i, true);
    case 'int32':
    case 'date':
      return view.getInt32(data + 4 * i, true);
    case 'uint32':
      return view.getUint32(data + 4 * i, true);
    case 'float32':
      return view.getFloat32(data + 4 * i, true);
    case 'float64':
      return view.getFloat64(data + 8 * i, true);
    case 'uint64':
      return view.getBigUint64(data + 8 * i, true);
    case 'int64':
    case 'timestamp':
    case 'time':
    case 'duration':
      return view.getBigInt64(data + 8 * i, true);
    case 'decimal': {
      const low = view.getBigUint64(data + 16 * i, true);
      return (view.getBigInt64(data + 16 * i + 8, true) << 64n) | low;
    }
    case 'utf8':
    case 'json': {
      const begin = view.getInt32(offsets + 4 * i, true);
      const end = view.getInt32(offsets + 4 * i + 4, true);
      return Buffer.from(wasm.u8.subarray(data + begin, data + end)).toString();
    }
    default:
      return undefined;
  }
}
