/**
 * The producer's fields in an encoded record batch, and the CRC that goes with them.
 *
 * Workers encode batches before anyone knows their sequence numbers. The main thread writes them in
 * when a batch is sent; the CRC then changes by what those bytes contribute to it, which takes the
 * length of the batch but not its bytes.
 */

import { BATCH_ATTRIBUTE, BATCH_FIELD } from './record-batch.ts';

const POLYNOMIAL = 0x82f63b78;
const CRC_AT = 17;
const CRC_BEGIN = 21;
const PRODUCER_ID_AT = 43;
const HEADER_BYTES = 61;
/** The lower byte of the attributes. */
const ATTRIBUTES_AT = BATCH_FIELD.attributes + 1;

const table = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  table[byte] = crc;
}

// powers[k] is x^(2^k) modulo the polynomial, bits reflected: x^0 is the highest bit.
const powers = new Int32Array(32);
powers[0] = 1 << 30;
for (let k = 1; k < 32; k++) powers[k] = multiply(powers[k - 1]!, powers[k - 1]!);

/** CRC32C of `bytes`, a byte at a time: for headers. Whole batches are done in WASM. */
export function crc32c(bytes: Uint8Array): number {
  return ~update(~0, bytes, 0, bytes.length) >>> 0;
}

/**
 * CRC32C of `a` followed by `b`, from the CRCs of both and the length of `b` in bytes.
 *
 * As `crc32_combine` of zlib: the CRC of `a` times x^(8 * length) modulo the polynomial.
 */
export function combineCrc32c(crcA: number, crcB: number, lengthB: number): number {
  return (multiply(shift(lengthB), crcA) ^ crcB) >>> 0;
}

/**
 * Writes the producer's identity and the sequence number of the first record into an encoded record
 * batch, and mends its CRC. The cost does not depend on the size of the batch.
 *
 * @param bytes a whole record batch (magic 2) with a right CRC; written in place.
 * @param transactional makes the batch part of its producer's transaction; else it stays as it is.
 */
export function patchProducer(
  bytes: Uint8Array,
  producerId: bigint,
  producerEpoch: number,
  baseSequence: number,
  transactional = false,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const before = update(0, bytes, CRC_BEGIN, HEADER_BYTES);
  view.setBigInt64(PRODUCER_ID_AT, producerId);
  view.setInt16(PRODUCER_ID_AT + 8, producerEpoch);
  view.setInt32(PRODUCER_ID_AT + 10, baseSequence);
  if (transactional) bytes[ATTRIBUTES_AT]! |= BATCH_ATTRIBUTE.transactional;
  const after = update(0, bytes, CRC_BEGIN, HEADER_BYTES);
  // A CRC is linear: what changed in the header reaches the end by the shift alone.
  const change = multiply(shift(bytes.length - HEADER_BYTES), before ^ after);
  view.setInt32(CRC_AT, view.getInt32(CRC_AT) ^ change);
}

function update(state: number, bytes: Uint8Array, begin: number, end: number): number {
  for (let i = begin; i < end; i++) state = (state >>> 8) ^ table[(state ^ bytes[i]!) & 255]!;
  return state;
}

// a times b modulo the polynomial, bits reflected.
function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 1 << 31; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product;
}

// x^(8 * bytes) modulo the polynomial: what so many bytes of zeros do to a CRC.
function shift(bytes: number): number {
  let product = 1 << 31;
  for (let k = 3; bytes > 0; k++, bytes >>>= 1) {
    if (bytes & 1) product = multiply(powers[k & 31]!, product);
  }
  return product;
}
