// Bool columns: and, or, not in SQL's three-valued logic, is null; and the selection they make.
#include <array>

#include "kernels.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/{logic,select-rows}.ts have the same.
enum LogicOp : u32 { OP_AND = 0, OP_OR = 1 };
enum Keep : u32 { KEEP_TRUE = 0, KEEP_NOT_FALSE = 1, KEEP_NOT_TRUE = 2, KEEP_NULL = 3 };

MILLRACE_INLINE u64 kept(u32 keep, u64 value, u64 valid) {
  switch (keep) {
    case KEEP_TRUE:
      return value & valid;
    case KEEP_NOT_FALSE:
      return value | ~valid;
    case KEEP_NOT_TRUE:
      return ~(value & valid);
    default:
      return ~valid;
  }
}

// For each byte, the places of its ones, in front.
constexpr std::array<std::array<u8, 8>, 256> make_places() {
  std::array<std::array<u8, 8>, 256> places{};
  for (u32 byte = 0; byte < 256; ++byte) {
    u32 n = 0;
    for (u8 bit = 0; bit < 8; ++bit) {
      if ((byte >> bit) & 1) places[byte][n++] = bit;
    }
  }
  return places;
}
constexpr auto PLACES = make_places();

// Writes the rows of the ones in `word`, up to 8 rows too many behind them (padding has the room).
MILLRACE_INLINE u32* write_rows(u32* out, u64 word, u32 base) {
  for (u32 byte = 0; byte < 8; ++byte, base += 8, word >>= 8) {
    const v128_t places = wasm_u16x8_load8x8(PLACES[word & 0xff].data());
    const v128_t first = wasm_i32x4_splat(static_cast<i32>(base));
    wasm_v128_store(out, wasm_i32x4_add(first, wasm_u32x4_extend_low_u16x8(places)));
    wasm_v128_store(out + 4, wasm_i32x4_add(first, wasm_u32x4_extend_high_u16x8(places)));
    out += __builtin_popcount(static_cast<u32>(word & 0xff));
  }
  return out;
}

u32 select_dense(u32 keep, const Words& value, const Words& valid, u32 end, u32* out) {
  u32* to = out;
  for (u32 base = 0; base < end; base += 64) {
    u64 word = kept(keep, value[base >> 6], valid[base >> 6]);
    if (end - base < 64) word &= (1ull << (end - base)) - 1;
    if (word != 0) to = write_rows(to, word, base);
  }
  return static_cast<u32>(to - out);
}

u32 select_sparse(u32 keep, const Words& value, const Words& valid, const Rows& rows, u32* out) {
  u32 n = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows.selection[i];
    out[n] = row;
    n += (kept(keep, value[row >> 6], valid[row >> 6]) >> (row & 63)) & 1;
  }
  return n;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right` on bool columns: false and null is false, true or null is true.
MILLRACE_EXPORT(kernel_logic) u32 kernel_logic(u32 op, u32 left_at, u32 right_at) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  Column* out = new_fixed_column(TYPE_BOOL, left->length, left->flags & right->flags);
  if (out == nullptr) return KERNEL_FULL;
  const u32 words = is_constant(out) ? 1 : words_for(out->length);
  u64* bits = at<u64>(out->data);
  const Words a = value_words(left);
  const Words b = value_words(right);
  if (left->validity == 0 && right->validity == 0) {
    for (u32 i = 0; i < words; ++i) bits[i] = op == OP_AND ? a[i] & b[i] : a[i] | b[i];
    return address_of(out);
  }
  u64* valid = static_cast<u64*>(arena_array(words, 8));
  if (valid == nullptr) return KERNEL_FULL;
  const Words a_valid = validity_words(left);
  const Words b_valid = validity_words(right);
  for (u32 i = 0; i < words; ++i) {
    const u64 a_true = a[i] & a_valid[i];
    const u64 b_true = b[i] & b_valid[i];
    const u64 a_false = ~a[i] & a_valid[i];
    const u64 b_false = ~b[i] & b_valid[i];
    bits[i] = op == OP_AND ? a_true & b_true : a_true | b_true;
    valid[i] = bits[i] | (op == OP_AND ? a_false | b_false : a_false & b_false);
  }
  set_validity(out, valid);
  return address_of(out);
}

// The opposite; nulls stay.
MILLRACE_EXPORT(kernel_not) u32 kernel_not(u32 column_at) {
  const Column* column = at<Column>(column_at);
  Column* out = new_fixed_column(TYPE_BOOL, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const u64* bits = at<u64>(column->data);
  u64* flipped = at<u64>(out->data);
  const u32 words = is_constant(out) ? 1 : words_for(out->length);
  for (u32 i = 0; i < words; ++i) flipped[i] = ~bits[i];
  return address_of(out);
}

// Whether a row of any type is null (`wanted` 1) or not (0); without nulls itself.
MILLRACE_EXPORT(kernel_is_null) u32 kernel_is_null(u32 column_at, u32 wanted) {
  const Column* column = at<Column>(column_at);
  if (column->validity == 0 || is_constant(column)) {
    Column* out = new_fixed_column(TYPE_BOOL, column->length, COLUMN_CONSTANT);
    if (out == nullptr) return KERNEL_FULL;
    *at<u64>(out->data) = (column->validity != 0) == (wanted != 0);
    return address_of(out);
  }
  const u64* valid = at<u64>(column->validity);
  Column* out = new_fixed_column(TYPE_BOOL, column->length);
  if (out == nullptr) return KERNEL_FULL;
  u64* bits = at<u64>(out->data);
  const u64 flip = wanted != 0 ? ~0ull : 0;
  for (u32 i = 0; i < words_for(column->length); ++i) bits[i] = valid[i] ^ flip;
  return address_of(out);
}

// Writes the selected rows of a column that `keep` asks for to `out`, which has room for `count`
// rows and padding; answers how many. KEEP_NULL takes any type, the others bool.
MILLRACE_EXPORT(kernel_select_rows)
u32 kernel_select_rows(u32 column_at, u32 keep, u32 selection, u32 count, u32 out) {
  const Column* column = at<Column>(column_at);
  const Words valid = validity_words(column);
  const Words value = keep == KEEP_NULL ? Words{nullptr, 0} : value_words(column);
  if (selection == 0) return select_dense(keep, value, valid, count, at<u32>(out));
  return select_sparse(keep, value, valid, rows_of(column, selection, count), at<u32>(out));
}
