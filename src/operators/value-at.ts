/** One value of a column as text, for the error of a row. */
import { readColumn } from '../wasm/column.ts';
import type { WasmInstance } from '../wasm/instance.ts';

/** Bytes of a text that are printed. */
const MAX_TEXT_BYTES = 60;

/** What stands in `row` of a column, for people. */
export function valueAt(wasm: WasmInstance, column: number, row: number): string {
  const { type, constant, data, offsets, validity, children, param = 0 } = readColumn(wasm, column);
  const i = constant ? 0 : row;
  if (validity !== 0 && ((wasm.u8[validity + (i >> 3)]! >> (i & 7)) & 1) === 0) return 'null';
  const view = new DataView(wasm.memory.buffer);
  switch (type) {
    case 'bool':
      return String(((wasm.u8[data + (i >> 3)]! >> (i & 7)) & 1) === 1);
    case 'int8':
      return String(view.getInt8(data + i));
    case 'uint8':
      return String(view.getUint8(data + i));
    case 'int16':
      return String(view.getInt16(data + 2 * i, true));
    case 'uint16':
      return String(view.getUint16(data + 2 * i, true));
    case 'int32':
    case 'date':
      return String(view.getInt32(data + 4 * i, true));
    case 'uint32':
      return String(view.getUint32(data + 4 * i, true));
    case 'float32':
      return String(view.getFloat32(data + 4 * i, true));
    case 'float64':
      return String(view.getFloat64(data + 8 * i, true));
    case 'uint64':
      return String(view.getBigUint64(data + 8 * i, true));
    case 'int64':
    case 'timestamp':
    case 'time':
    case 'duration':
      return String(view.getBigInt64(data + 8 * i, true));
    case 'decimal': {
      const low = view.getBigUint64(data + 16 * i, true);
      const high = view.getBigInt64(data + 16 * i + 8, true);
      return pointed((high << 64n) | low, param & 0xff);
    }
    case 'dictionary':
      return valueAt(wasm, children[0]!, view.getInt32(data + 4 * i, true));
    case 'utf8':
    case 'json':
    case 'binary': {
      const begin = view.getInt32(offsets + 4 * i, true);
      const end = view.getInt32(offsets + 4 * i + 4, true);
      const shown = wasm.u8.subarray(data + begin, data + Math.min(end, begin + MAX_TEXT_BYTES));
      const text = Buffer.from(shown).toString(type === 'binary' ? 'hex' : 'utf8');
      const more = end - begin > MAX_TEXT_BYTES ? '…' : '';
      return type === 'binary' ? `0x${text}${more}` : `'${text}${more}'`;
    }
    default:
      return `a ${type}`;
  }
}

function pointed(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}
