// Hashes of values: Kafka's murmur2 of texts and bytes, XXH64 of them and of numbers.
#include "kernels-bytes.h"
#include "murmur2.h"

namespace millrace {
namespace {

// XXH64, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
constexpr u64 PRIME_1 = 0x9e3779b185ebca87ull;
constexpr u64 PRIME_2 = 0xc2b2ae3d27d4eb4full;
constexpr u64 PRIME_3 = 0x165667b19e3779f9ull;
constexpr u64 PRIME_4 = 0x85ebca77c2b2ae63ull;
constexpr u64 PRIME_5 = 0x27d4eb2f165667c5ull;

MILLRACE_INLINE u64 rotate(u64 value, u32 bits) { return value << bits | value >> (64 - bits); }
MILLRACE_INLINE u64 load64(const u8* bytes) {
  u64 value;
  memcpy(&value, bytes, 8);
  return value;
}
MILLRACE_INLINE u64 load32(const u8* bytes) {
  u32 value;
  memcpy(&value, bytes, 4);
  return value;
}

MILLRACE_INLINE u64 step(u64 lane, u64 input) {
  return rotate(lane + input * PRIME_2, 31) * PRIME_1;
}
MILLRACE_INLINE u64 merge(u64 hash, u64 lane) {
  return (hash ^ step(0, lane)) * PRIME_1 + PRIME_4;
}

u64 xxhash64(const u8* bytes, u32 length, u64 seed) {
  u32 left = length;
  u64 hash = seed + PRIME_5;
  if (left >= 32) {
    u64 lanes[4] = {seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1};
    for (; left >= 32; left -= 32, bytes += 32) {
      for (u32 i = 0; i < 4; ++i) lanes[i] = step(lanes[i], load64(bytes + 8 * i));
    }
    hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
    for (u64 lane : lanes) hash = merge(hash, lane);
  }
  hash += length;
  for (; left >= 8; left -= 8, bytes += 8) {
    hash = rotate(hash ^ step(0, load64(bytes)), 27) * PRIME_1 + PRIME_4;
  }
  if (left >= 4) {
    hash = rotate(hash ^ load32(bytes) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    left -= 4;
    bytes += 4;
  }
  for (; left > 0; --left, ++bytes) hash = rotate(hash ^ *bytes * PRIME_5, 11) * PRIME_1;
  hash = (hash ^ hash >> 33) * PRIME_2;
  hash = (hash ^ hash >> 29) * PRIME_3;
  return hash ^ hash >> 32;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Numbers are part of the contract: src/operators/kernels/hash.ts has the same.
enum HashOp : u32 { HASH_MURMUR2 = 0, HASH_XXHASH64 = 1 };

// The hash of utf8 or binary values, or of the bytes of 64-bit numbers: int32 of murmur2, else
// uint64.
MILLRACE_EXPORT(kernel_hash)
u32 kernel_hash(u32 op, u32 column_at, u64 seed, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const u8 type = op == HASH_MURMUR2 ? TYPE_INT32 : TYPE_UINT64;
  if (is_null_constant(column)) return address_of(null_column(type, column->length));
  Column* out = new_fixed_column(type, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  const bool bytes = column->offsets != 0;
  const Spans spans(column);
  const u8* numbers = at<u8>(column->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    const Span span = bytes ? spans[row] : Span{numbers + row * 8, 8};
    if (op == HASH_MURMUR2) {
      at<u32>(out->data)[row] = murmur2(span.bytes, span.length);
    } else {
      at<u64>(out->data)[row] = xxhash64(span.bytes, span.length, seed);
    }
  }
  return address_of(out);
}
