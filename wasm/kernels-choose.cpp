// `case when`: one of two columns row by row.
#include "kernels-bytes.h"

namespace millrace {
namespace {

using u128 = unsigned __int128;

// A row takes `left` where the condition is true, else (false or null) `right`.
struct Choice {
  const Column* condition;
  bool operator()(u32 row) const {
    const u32 i = is_constant(condition) ? 0 : row;
    return is_valid(condition, row) && get_bit(at<u8>(condition->data), i);
  }
};

template <typename T>
void choose(Choice takes_left, const Column* left, const Column* right, Column* out,
            const Rows& rows) {
  const T* a = at<T>(left->data);
  const T* b = at<T>(right->data);
  T* to = at<T>(out->data);
  const bool left_constant = is_constant(left);
  const bool right_constant = is_constant(right);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    to[row] = takes_left(row) ? a[left_constant ? 0 : row] : b[right_constant ? 0 : row];
  }
}

void choose_bits(const Column* condition, const Column* left, const Column* right, u64* out) {
  const Words chosen = value_words(condition);
  const Words known = validity_words(condition);
  const Words a = value_words(left);
  const Words b = value_words(right);
  for (u32 i = 0; i < words_for(condition->length); ++i) {
    const u64 mask = chosen[i] & known[i];
    out[i] = (a[i] & mask) | (b[i] & ~mask);
  }
}

// Rows that are not selected become empty.
bool choose_bytes(Choice takes_left, const Column* left, const Column* right, Column* out,
                  const Rows& rows) {
  const Spans a(left);
  const Spans b(right);
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(out->length) + 1, 4));
  if (offsets == nullptr) return false;
  const auto choice = [&](u32 row) {
    const bool is_left = takes_left(row);
    const Column* column = is_left ? left : right;
    if (!is_valid(column, row)) return Span{a.data, 0};
    return is_left ? a[row] : b[row];
  };
  u64 sum = 0;
  u32 next = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    while (next <= row) offsets[next++] = static_cast<i32>(sum);
    sum += choice(row).length;
    if (UNLIKELY(sum > 0x7fffffff)) return false;
  }
  while (next <= out->length) offsets[next++] = static_cast<i32>(sum);
  u8* data = static_cast<u8*>(arena_array(sum, 1));
  if (data == nullptr) return false;
  out->offsets = address_of(offsets);
  out->data = address_of(data);
  out->data_length = static_cast<u32>(sum);
  for (u32 i = 0; i < rows.count; ++i) {
    const Span span = choice(rows[i]);
    copy_span(data, span);
    data += span.length;
  }
  return true;
}

bool choose_validity(const Column* condition, const Column* left, const Column* right,
                     Column* out) {
  if (left->validity == 0 && right->validity == 0) return true;
  u64* valid = static_cast<u64*>(arena_array(words_for(out->length), 8));
  if (valid == nullptr) return false;
  const Words chosen = value_words(condition);
  const Words known = validity_words(condition);
  const Words a = validity_words(left);
  const Words b = validity_words(right);
  for (u32 i = 0; i < words_for(out->length); ++i) {
    const u64 mask = chosen[i] & known[i];
    valid[i] = (a[i] & mask) | (b[i] & ~mask);
  }
  set_validity(out, valid);
  return true;
}

bool choose_values(const Column* condition, const Column* left, const Column* right, Column* out,
                   const Rows& rows) {
  const Choice takes_left{condition};
  if (out->type == TYPE_UTF8 || out->type == TYPE_BINARY || out->type == TYPE_JSON) {
    return choose_bytes(takes_left, left, right, out, rows);
  }
  switch (width_of(out->type)) {
    case 1:
      choose<u8>(takes_left, left, right, out, rows);
      return true;
    case 2:
      choose<u16>(takes_left, left, right, out, rows);
      return true;
    case 4:
      choose<u32>(takes_left, left, right, out, rows);
      return true;
    case 8:
      choose<u64>(takes_left, left, right, out, rows);
      return true;
    case 16:
      choose<u128>(takes_left, left, right, out, rows);
      return true;
    default:
      choose_bits(condition, left, right, at<u64>(out->data));
      return true;
  }
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left` where `condition`, a bool column, is true, else `right`: two columns of one scalar type
// but dictionary, each with values on the selected rows that take it.
MILLRACE_EXPORT(kernel_choose)
u32 kernel_choose(u32 condition_at, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* condition = at<Column>(condition_at);
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_constant(condition)) return Choice{condition}(0) ? left_at : right_at;
  const Rows rows = rows_of(condition, selection, count);
  const u8 type = left->type;
  const bool bytes = type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON;
  Column* out =
      bytes ? new_column(type, condition->length) : new_fixed_column(type, condition->length);
  if (out == nullptr || !choose_validity(condition, left, right, out)) return KERNEL_FULL;
  out->param = left->param;
  if (!choose_values(condition, left, right, out, rows)) return KERNEL_FULL;
  return address_of(out);
}
