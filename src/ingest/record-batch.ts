/**
 * Fields of a record batch header (magic 2), as the main thread reads them. The whole layout is in
 * `wasm/record-batch.h`.
 */

/** Bytes of a batch header; the records follow. */
export const BATCH_HEADER_BYTES = 61;
/** Bytes before the field that counts the rest. */
export const BATCH_LENGTH_END = 12;

/** Position of each field. */
export const BATCH_FIELD = {
  baseOffset: 0,
  length: 8,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  producerId: 43,
  recordCount: 57,
} as const;

/** Bits of `attributes`. */
export const BATCH_ATTRIBUTE = { compression: 7, transactional: 16, control: 32 } as const;

/** Names of the codecs by their number in `attributes`. */
export const COMPRESSION_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
