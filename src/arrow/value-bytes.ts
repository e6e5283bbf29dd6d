/** How wide the values of a type are in memory. */
import type { DataType } from './schema.ts';

/** Bytes of one value by its type's kind, where values have a fixed width of whole bytes. */
export const VALUE_BYTES: Readonly<Partial<Record<DataType['kind'], number>>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  date: 4,
  dictionary: 4,
  int64: 8,
  uint64: 8,
  float64: 8,
  timestamp: 8,
  time: 8,
  duration: 8,
  decimal: 16,
};
