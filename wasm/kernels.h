// What the vectorised kernels share: the rows at work, bitmaps, and new columns.
//
// A kernel takes whole columns and the rows that are selected, and answers a new column of the same
// length in the arena. Rows that are not selected may hold anything in it, so a kernel over values
// of fixed width may as well compute them, which is faster than skipping them unless they are most
// of the rows; it must not fail on them. Values of variable length are never read where a row is
// not selected. Validity bitmaps are joined word by word, over all rows.
//
// Kernels answer the address of their column, KERNEL_FULL where the lease has no room, or
// KERNEL_FAILED where a selected row has no result (see kernel_failed_row).
#pragma once
#include <string.h>
#include <wasm_simd128.h>

#include "abi.h"

namespace millrace {

enum : u32 {
  KERNEL_FULL = 0,
  KERNEL_FAILED = 1,
};

// The row that the last KERNEL_FAILED was about.
extern u32 failed_row;

// Rows of a column: `selection[0 .. count)`, or 0 to count - 1 where it is nullptr.
struct Rows {
  u32 length;
  const u32* selection;
  u32 count;

  // Whether to go over all rows rather than over the selection: one row in four pays for it, as a
  // plain loop is vectorised and a gathering one is not.
  bool dense() const { return selection == nullptr || count >= length / 4; }
  u32 dense_end() const { return selection == nullptr ? count : length; }
  u32 operator[](u32 i) const { return selection == nullptr ? i : selection[i]; }
};

MILLRACE_INLINE Rows rows_of(const Column* column, u32 selection, u32 count) {
  return {column->length, selection == 0 ? nullptr : at<u32>(selection), count};
}
// Constants are computed once, as a column of one row.
MILLRACE_INLINE Rows one_row() { return {1, nullptr, 1}; }

MILLRACE_INLINE bool is_constant(const Column* column) { return column->flags & COLUMN_CONSTANT; }
MILLRACE_INLINE bool is_null_constant(const Column* column) {
  return is_constant(column) && column->null_count != 0;
}

MILLRACE_INLINE u32 words_for(u32 bits) { return (bits + 63) / 64; }
MILLRACE_INLINE bool get_bit(const u8* bits, u32 row) { return (bits[row >> 3] >> (row & 7)) & 1; }
MILLRACE_INLINE bool is_valid(const Column* column, u32 row) {
  return column->validity == 0 || get_bit(at<u8>(column->validity), is_constant(column) ? 0 : row);
}

// The bits of a bitmap, or of a constant, 64 at a time.
struct Words {
  const u64* bits;
  u64 fill;
  u64 operator[](u32 i) const { return bits == nullptr ? fill : bits[i]; }
};

MILLRACE_INLINE Words words_at(u32 address, bool constant, u64 absent) {
  if (address == 0) return {nullptr, absent};
  if (constant) return {nullptr, get_bit(at<u8>(address), 0) ? ~0ull : 0};
  return {at<u64>(address), 0};
}
MILLRACE_INLINE Words validity_words(const Column* column) {
  return words_at(column->validity, is_constant(column), ~0ull);
}
MILLRACE_INLINE Words value_words(const Column* column) {
  return words_at(column->data, is_constant(column), 0);
}

// Sets the bits of rows [0, end) to what `test(row)` says, 0 or 1; `flip` is 0 or all ones.
template <typename Test>
MILLRACE_INLINE void fill_bits_dense(u64* out, u32 end, u64 flip, Test test) {
  alignas(16) u8 flags[64];
  u32 base = 0;
  for (; base + 64 <= end; base += 64) {
    for (u32 j = 0; j < 64; ++j) flags[j] = static_cast<u8>(-static_cast<int>(test(base + j)));
    u64 word = 0;
    for (u32 lane = 0; lane < 4; ++lane) {
      const u64 bits = wasm_i8x16_bitmask(wasm_v128_load(flags + 16 * lane));
      word |= bits << (16 * lane);
    }
    out[base >> 6] = word ^ flip;
  }
  if (base == end) return;
  u64 word = 0;
  for (u32 j = 0; base + j < end; ++j) word |= static_cast<u64>(test(base + j)) << j;
  out[base >> 6] = word ^ flip;
}

// The same for rows of an ascending list; other bits of the words it touches come out as `flip`.
template <typename Test>
MILLRACE_INLINE void fill_bits_sparse(u64* out, const u32* list, u32 count, u64 flip, Test test) {
  if (count == 0) return;
  u32 current = list[0] >> 6;
  u64 word = 0;
  for (u32 i = 0; i < count; ++i) {
    const u32 row = list[i];
    if (row >> 6 != current) {
      out[current] = word ^ flip;
      current = row >> 6;
      word = 0;
    }
    word |= static_cast<u64>(test(row)) << (row & 63);
  }
  out[current] = word ^ flip;
}

// kernels.cpp

// Room for `count` items, or nullptr.
void* arena_array(u64 count, u32 item_bytes);
// A column without nulls and without buffers, or nullptr.
Column* new_column(u8 type, u32 length, u8 flags = 0);
// The same with its buffer of values: bits for bool, else of fixed width.
Column* new_fixed_column(u8 type, u32 length, u8 flags = 0);
// A constant null of a scalar type.
Column* null_column(u8 type, u32 length, u16 param = 0);
// A copy of the header, which shares all buffers.
Column* share_column(const Column* column);
// Bytes of a value of fixed width; 0 for others.
u32 width_of(u8 type);
// Zeroes among the first `length` bits.
u32 count_zeroes(const u64* bits, u32 length);
// Makes `bits` the column's validity; no bitmap where all is valid.
void set_validity(Column* column, const u64* bits);
// A result is null where one of its operands is; false where the lease is full.
bool join_validity(Column* out, const Column* left, const Column* right);
// The rows of a list, one after the other, as a column of `count` rows; constants are expanded.
Column* take_column(const Column* column, const Rows& rows);

}  // namespace millrace
