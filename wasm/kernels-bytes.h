// Reading utf8 and binary values: their span, equality, order and hash.
//
// Loads of 16 bytes may reach past a value's end; buffers have padding for that (see abi.h), and a
// mask takes away what does not belong to the value.
#pragma once
#include "kernels.h"

namespace millrace {

struct Span {
  const u8* bytes;
  u32 length;
};

// The values of a utf8 or binary column.
struct Spans {
  const u8* data;
  const i32* offsets;
  bool constant;

  explicit Spans(const Column* column)
      : data(at<u8>(column->data)),
        offsets(at<i32>(column->offsets)),
        constant(is_constant(column)) {}

  Span operator[](u32 row) const {
    const u32 i = constant ? 0 : row;
    const u32 begin = static_cast<u32>(offsets[i]);
    return {data + begin, static_cast<u32>(offsets[i + 1]) - begin};
  }
};

// Ones in the first `length` bytes, at most 16.
MILLRACE_INLINE v128_t mask_of(u32 length) {
  const v128_t places = wasm_i8x16_const(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return wasm_u8x16_lt(places, wasm_i8x16_splat(static_cast<signed char>(length)));
}

MILLRACE_INLINE bool equal_spans(Span a, Span b) {
  if (a.length != b.length) return false;
  if (a.length > 16) return memcmp(a.bytes, b.bytes, a.length) == 0;
  const v128_t difference = wasm_v128_xor(wasm_v128_load(a.bytes), wasm_v128_load(b.bytes));
  return !wasm_v128_any_true(wasm_v128_and(difference, mask_of(a.length)));
}

// Byte by byte, unsigned; a prefix is less.
MILLRACE_INLINE bool less_span(Span a, Span b) {
  const u32 common = a.length < b.length ? a.length : b.length;
  const int order = memcmp(a.bytes, b.bytes, common);
  return order != 0 ? order < 0 : a.length < b.length;
}

MILLRACE_INLINE u64 mix(u64 value) {
  value *= 0x9e3779b97f4a7c15ull;
  return value ^ (value >> 32);
}

MILLRACE_INLINE u64 hash_span(Span span) {
  u64 hash = span.length;
  const u8* bytes = span.bytes;
  u32 left = span.length;
  for (; left > 16; left -= 16, bytes += 16) {
    const v128_t chunk = wasm_v128_load(bytes);
    hash = mix(hash ^ wasm_i64x2_extract_lane(chunk, 0)) + wasm_i64x2_extract_lane(chunk, 1);
  }
  const v128_t chunk = wasm_v128_and(wasm_v128_load(bytes), mask_of(left));
  return mix(mix(hash ^ wasm_i64x2_extract_lane(chunk, 0)) + wasm_i64x2_extract_lane(chunk, 1));
}

// Copies a short value with one load and store; `to` has room for 16 bytes whatever the length.
MILLRACE_INLINE void copy_span(u8* to, Span span) {
  if (LIKELY(span.length <= 16)) {
    wasm_v128_store(to, wasm_v128_load(span.bytes));
  } else {
    memcpy(to, span.bytes, span.length);
  }
}

}  // namespace millrace
