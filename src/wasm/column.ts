/** Reading and making `Column` structs in linear memory; the layout is in `wasm/abi.h`. */
import type { WasmInstance } from './instance.ts';

/** `TypeId` in `wasm/abi.h`. */
export const TYPE_ID = {
  bool: 1,
  int32: 2,
  int64: 3,
  float64: 4,
  utf8: 5,
  binary: 6,
  timestamp: 7,
  struct: 8,
  list: 9,
  int8: 10,
  int16: 11,
  uint8: 12,
  uint16: 13,
  uint32: 14,
  uint64: 15,
  float32: 16,
  decimal: 17,
  date: 18,
  time: 19,
  duration: 20,
  map: 21,
  dictionary: 22,
  json: 23,
  null: 24,
} as const;

/** Name of a column type, as in schemas. */
export type TypeName = keyof typeof TYPE_ID;

/** `COLUMN_CONSTANT` in `wasm/abi.h`: row 0 stands for every row. */
export const COLUMN_CONSTANT = 1;
/** `sizeof(Column)`. */
export const COLUMN_BYTES = 48;

const TYPE_NAMES = Object.fromEntries(
  Object.entries(TYPE_ID).map(([name, id]) => [id, name as TypeName]),
);

/** The fields of a `Column`, copied out; addresses point into the instance's memory. */
export interface ColumnFields {
  readonly type: TypeName;
  readonly constant: boolean;
  /** `Column::param`, see `src/arrow/type-param.ts`; absent where the type has none. */
  readonly param?: number;
  /** Rows. */
  readonly length: number;
  readonly nullCount: number;
  /** Address of the validity bitmap, 0 = no nulls. */
  readonly validity: number;
  /** Address of values, bits or bytes. */
  readonly data: number;
  /** Address of `length + 1` int32 offsets, or 0. */
  readonly offsets: number;
  /** Bytes used in `data`. */
  readonly dataLength: number;
  /** Addresses of the children. */
  readonly children: readonly number[];
}

/** What reading and writing columns takes of an instance; the main thread has views only. */
export type MemoryViews = Pick<WasmInstance, 'u8' | 'u32'>;

/** Copies a `Column` out of memory. */
export function readColumn(wasm: MemoryViews, address: number): ColumnFields {
  const { u8, u32 } = wasm;
  const word = address >>> 2;
  const childCount = u32[word + 7]!;
  const firstChild = u32[word + 8]!;
  return {
    type: TYPE_NAMES[u8[address]!]!,
    constant: (u8[address + 1]! & COLUMN_CONSTANT) !== 0,
    param: u32[word]! >>> 16,
    length: u32[word + 1]!,
    nullCount: u32[word + 2]!,
    validity: u32[word + 3]!,
    data: u32[word + 4]!,
    offsets: u32[word + 5]!,
    dataLength: u32[word + 6]!,
    children: Array.from({ length: childCount }, (_, i) => firstChild + i * COLUMN_BYTES),
  };
}

/** Writes a `Column` at `address`; its children must lie one behind the other. */
export function writeColumn(wasm: MemoryViews, address: number, fields: ColumnFields): void {
  const { u8, u32 } = wasm;
  const word = address >>> 2;
  u32.fill(0, word, word + COLUMN_BYTES / 4);
  u8[address] = TYPE_ID[fields.type];
  u8[address + 1] = fields.constant ? COLUMN_CONSTANT : 0;
  u32[word] = (u32[word]! & 0xffff) | ((fields.param ?? 0) << 16);
  u32[word + 1] = fields.length;
  u32[word + 2] = fields.nullCount;
  u32[word + 3] = fields.validity;
  u32[word + 4] = fields.data;
  u32[word + 5] = fields.offsets;
  u32[word + 6] = fields.dataLength;
  u32[word + 7] = fields.children.length;
  u32[word + 8] = fields.children[0] ?? 0;
}
