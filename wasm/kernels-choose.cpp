// `case when` and `coalesce`: one of two columns row by row.
//
// Both come to a bitmap: a row takes `left` where its bit is one, else `right`. That of a case is
// where its condition is true, that of coalesce where `left` is valid.
#include "kernels-bytes.h"
#include "pick-values.h"

namespace millrace {
namespace {

struct Choice {
  const u64* mask;
  const Column* left;
  const Column* right;
  Rows rows;
  // Whether a row that takes `left` is known to have a value there, as in coalesce.
  bool left_is_valid;

  bool takes_left(u32 row) const { return get_bit(reinterpret_cast<const u8*>(mask), row); }
};

// Values of both are there on every row, whichever is taken: no branch waits for the bit.
template <typename T, bool left_constant, bool right_constant>
void choose_loop(const Choice& choice, Column* out) {
  const T* __restrict a = at<T>(choice.left->data);
  const T* __restrict b = at<T>(choice.right->data);
  const u8* __restrict mask = reinterpret_cast<const u8*>(choice.mask);
  T* __restrict to = at<T>(out->data);
  const Rows rows = choice.rows;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    const T left = a[left_constant ? 0 : row];
    const T right = b[right_constant ? 0 : row];
    to[row] = get_bit(mask, row) ? left : right;
  }
}

template <typename T>
void choose_fixed(const Choice& choice, Column* out) {
  const bool constant = is_constant(choice.right);
  if (is_constant(choice.left)) {
    return constant ? choose_loop<T, true, true>(choice, out)
                    : choose_loop<T, true, false>(choice, out);
  }
  return constant ? choose_loop<T, false, true>(choice, out)
                  : choose_loop<T, false, false>(choice, out);
}

// `a` where the mask is one, else `b`, bit by bit.
void choose_words(const Choice& choice, Words a, Words b, u64* out) {
  for (u32 i = 0; i < words_for(choice.rows.length); ++i) {
    out[i] = (a[i] & choice.mask[i]) | (b[i] & ~choice.mask[i]);
  }
}

// Rows that are not selected become empty.
bool choose_bytes(const Choice& choice, Column* out) {
  const Rows& rows = choice.rows;
  const Spans a(choice.left);
  const Spans b(choice.right);
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(rows.length) + 1, 4));
  if (offsets == nullptr) return false;
  const bool left_is_valid = choice.left_is_valid;
  const auto value = [&](u32 row) {
    if (choice.takes_left(row)) {
      return left_is_valid || is_valid(choice.left, row) ? a[row] : Span{a.data, 0};
    }
    return is_valid(choice.right, row) ? b[row] : Span{a.data, 0};
  };
  u64 sum = 0;
  u32 next = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    while (next <= row) offsets[next++] = static_cast<i32>(sum);
    sum += value(row).length;
    if (UNLIKELY(sum > 0x7fffffff)) return false;
  }
  while (next <= rows.length) offsets[next++] = static_cast<i32>(sum);
  u8* data = static_cast<u8*>(arena_array(sum, 1));
  if (data == nullptr) return false;
  out->offsets = address_of(offsets);
  out->data = address_of(data);
  out->data_length = static_cast<u32>(sum);
  for (u32 i = 0; i < rows.count; ++i) {
    const Span span = value(rows[i]);
    copy_span(data, span);
    data += span.length;
  }
  return true;
}

void choose_by_width(const Choice& choice, Column* out) {
  switch (width_of(out->type)) {
    case 1:
      return choose_fixed<u8>(choice, out);
    case 2:
      return choose_fixed<u16>(choice, out);
    case 4:
      return choose_fixed<u32>(choice, out);
    case 8:
      return choose_fixed<u64>(choice, out);
    case 16:
      return choose_fixed<v128_t>(choice, out);
    default:
      choose_words(choice, value_words(choice.left), value_words(choice.right), at<u64>(out->data));
  }
}

bool choose_validity(const Choice& choice, Column* out) {
  const Column* left = choice.left;
  const Column* right = choice.right;
  if (left->validity == 0 && right->validity == 0) return true;
  u64* valid = static_cast<u64*>(arena_array(words_for(out->length), 8));
  if (valid == nullptr) return false;
  choose_words(choice, validity_words(left), validity_words(right), valid);
  set_validity(out, valid);
  return true;
}

// Structs, lists, maps and dictionaries, whose parts are not as long as the column.
Column* choose_parts(const Choice& choice) {
  const Rows& rows = choice.rows;
  u32* places = static_cast<u32*>(arena_array(rows.length, 4));
  if (places == nullptr) return nullptr;
  if (rows.selection != nullptr) memset(places, 0xff, static_cast<size_t>(rows.length) * 4);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    places[row] = choice.takes_left(row) ? row : row | FROM_RIGHT;
  }
  return pick_values(choice.left, choice.right, places, rows.length);
}

Column* choose(const Choice& choice) {
  const u8 type = choice.left->type;
  const u32 length = choice.rows.length;
  const bool bytes = type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON;
  const bool fixed = type == TYPE_BOOL || (type != TYPE_DICTIONARY && width_of(type) != 0);
  if (!bytes && !fixed) return choose_parts(choice);
  Column* out = bytes ? new_column(type, length) : new_fixed_column(type, length);
  if (out == nullptr || !choose_validity(choice, out)) return nullptr;
  out->param = choice.left->param;
  if (!bytes) choose_by_width(choice, out);
  return !bytes || choose_bytes(choice, out) ? out : nullptr;
}

// Where a bool column is true: its values, and where it has nulls a new bitmap.
const u64* truths(const Column* condition) {
  const u64* values = at<u64>(condition->data);
  if (condition->validity == 0) return values;
  const u64* known = at<u64>(condition->validity);
  u64* out = static_cast<u64*>(arena_array(words_for(condition->length), 8));
  if (out == nullptr) return nullptr;
  for (u32 i = 0; i < words_for(condition->length); ++i) out[i] = values[i] & known[i];
  return out;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left` where `condition`, a bool column, is true, else `right`: two columns of one type, each
// with values on the selected rows that take it.
MILLRACE_EXPORT(kernel_choose)
u32 kernel_choose(u32 condition_at, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* condition = at<Column>(condition_at);
  if (is_constant(condition)) {
    const bool is_true = is_valid(condition, 0) && get_bit(at<u8>(condition->data), 0);
    return is_true ? left_at : right_at;
  }
  const u64* mask = truths(condition);
  if (mask == nullptr) return KERNEL_FULL;
  const Rows rows = rows_of(condition, selection, count);
  return address_of(choose({mask, at<Column>(left_at), at<Column>(right_at), rows, false}));
}

// `left` where it is valid, else `right`: two columns of one type.
MILLRACE_EXPORT(kernel_coalesce)
u32 kernel_coalesce(u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left)) return right_at;
  if (left->validity == 0 || is_null_constant(right)) return left_at;
  const Rows rows = rows_of(left, selection, count);
  return address_of(choose({at<u64>(left->validity), left, right, rows, true}));
}
