// Moving values: selected rows as a compact column, a dictionary's texts, a struct's members.
#include "kernels-bytes.h"

namespace millrace {
namespace {

template <typename T>
void gather(const T* __restrict from, T* __restrict to, const Rows& rows, bool constant) {
  if (constant) {
    const T value = from[0];
    for (u32 i = 0; i < rows.count; ++i) to[i] = value;
  } else if (rows.selection == nullptr) {
    memcpy(to, from, rows.count * sizeof(T));
  } else {
    for (u32 i = 0; i < rows.count; ++i) to[i] = from[rows.selection[i]];
  }
}

u64* gather_bits(u32 bits_at, const Rows& rows, bool constant) {
  u64* out = static_cast<u64*>(arena_array(words_for(rows.count), 8));
  if (out == nullptr) return nullptr;
  const u8* bits = at<u8>(bits_at);
  const u32* list = rows.selection;
  if (constant) {
    memset(out, get_bit(bits, 0) ? 0xff : 0, words_for(rows.count) * 8);
  } else if (list == nullptr) {
    memcpy(out, bits, words_for(rows.count) * 8);
  } else {
    fill_bits_dense(out, rows.count, 0, [=](u32 i) { return get_bit(bits, list[i]); });
  }
  return out;
}

// New offsets for the rows' spans of `offsets`; the sum of their lengths, or nothing where an
// int32 does not hold it.
bool gather_offsets(const i32* offsets, i32* to, const Rows& rows, bool constant, u32& total) {
  u64 sum = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = constant ? 0 : rows[i];
    to[i] = static_cast<i32>(sum);
    sum += static_cast<u32>(offsets[row + 1] - offsets[row]);
    if (UNLIKELY(sum > 0x7fffffff)) return false;
  }
  to[rows.count] = static_cast<i32>(sum);
  total = static_cast<u32>(sum);
  return true;
}

bool take_bytes(const Column* column, Column* out, const Rows& rows) {
  u8* data = static_cast<u8*>(arena_array(out->data_length, 1));
  if (data == nullptr) return false;
  out->data = address_of(data);
  const Spans spans(column);
  for (u32 i = 0; i < rows.count; ++i) {
    const Span span = spans[rows[i]];
    copy_span(data, span);
    data += span.length;
  }
  return true;
}

bool take_items(const Column* column, Column* out, const Rows& rows, u32 total) {
  u32* list = static_cast<u32*>(arena_array(total, 4));
  if (list == nullptr) return false;
  const i32* offsets = at<i32>(column->offsets);
  const bool constant = is_constant(column);
  u32 n = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = constant ? 0 : rows[i];
    for (i32 item = offsets[row]; item < offsets[row + 1]; ++item) list[n++] = item;
  }
  const Column* items = at<Column>(column->children);
  const Column* taken = take_column(items, {items->length, list, total});
  out->children = address_of(taken);
  out->child_count = 1;
  return taken != nullptr;
}

bool take_variable(const Column* column, Column* out, const Rows& rows) {
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(rows.count) + 1, 4));
  if (offsets == nullptr) return false;
  u32 total = 0;
  const bool constant = is_constant(column);
  if (!gather_offsets(at<i32>(column->offsets), offsets, rows, constant, total)) return false;
  out->offsets = address_of(offsets);
  if (column->type == TYPE_LIST || column->type == TYPE_MAP) {
    return take_items(column, out, rows, total);
  }
  out->data_length = total;
  return take_bytes(column, out, rows);
}

bool take_members(const Column* column, Column* out, const Rows& rows) {
  Column* members = static_cast<Column*>(arena_array(column->child_count, sizeof(Column)));
  if (members == nullptr) return false;
  const Column* from = at<Column>(column->children);
  for (u32 i = 0; i < column->child_count; ++i) {
    Column member = from[i];
    // The one row of a constant struct is the one row of its members.
    member.flags |= column->flags & COLUMN_CONSTANT;
    const Column* taken = take_column(&member, rows);
    if (taken == nullptr) return false;
    members[i] = *taken;
  }
  out->children = address_of(members);
  out->child_count = column->child_count;
  return true;
}

bool take_fixed(const Column* column, Column* out, const Rows& rows) {
  const bool constant = is_constant(column);
  const u32 width = width_of(column->type);
  void* data = arena_array(rows.count, width);
  if (data == nullptr) return false;
  out->data = address_of(data);
  out->data_length = rows.count * width;
  switch (width) {
    case 1:
      gather(at<u8>(column->data), static_cast<u8*>(data), rows, constant);
      break;
    case 2:
      gather(at<u16>(column->data), static_cast<u16*>(data), rows, constant);
      break;
    case 4:
      gather(at<u32>(column->data), static_cast<u32*>(data), rows, constant);
      break;
    case 8:
      gather(at<u64>(column->data), static_cast<u64*>(data), rows, constant);
      break;
    default:
      gather(at<v128_t>(column->data), static_cast<v128_t*>(data), rows, constant);
  }
  return true;
}

bool take_values(const Column* column, Column* out, const Rows& rows) {
  const bool constant = is_constant(column);
  switch (column->type) {
    case TYPE_STRUCT:
      return take_members(column, out, rows);
    case TYPE_UTF8:
    case TYPE_BINARY:
    case TYPE_JSON:
    case TYPE_LIST:
    case TYPE_MAP:
      return take_variable(column, out, rows);
    case TYPE_NULL:
      return true;
    case TYPE_BOOL: {
      const u64* bits = gather_bits(column->data, rows, constant);
      out->data = address_of(bits);
      out->data_length = (rows.count + 7) / 8;
      return bits != nullptr;
    }
    case TYPE_DICTIONARY:
      // The texts are those of the column, used or not.
      out->children = column->children;
      out->child_count = column->child_count;
      return take_fixed(column, out, rows);
    default:
      return take_fixed(column, out, rows);
  }
}

}  // namespace

Column* take_column(const Column* column, const Rows& rows) {
  Column* out = new_column(column->type, rows.count);
  if (out == nullptr) return nullptr;
  out->param = column->param;
  if (column->validity != 0) {
    const u64* valid = gather_bits(column->validity, rows, is_constant(column));
    if (valid == nullptr) return nullptr;
    set_validity(out, valid);
  }
  return take_values(column, out, rows) ? out : nullptr;
}

namespace {

// Rows that are not selected become empty.
Column* decode_column(const Column* column, const Rows& rows) {
  Column* out = new_column(TYPE_UTF8, column->length, column->flags);
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(rows.length) + 1, 4));
  if (out == nullptr || offsets == nullptr) return nullptr;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const Spans texts(at<Column>(column->children));
  const u32* indices = at<u32>(column->data);
  u64 sum = 0;
  u32 next = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    while (next <= row) offsets[next++] = static_cast<i32>(sum);
    if (is_valid(column, row)) sum += texts[indices[row]].length;
    if (UNLIKELY(sum > 0x7fffffff)) return nullptr;
  }
  while (next <= rows.length) offsets[next++] = static_cast<i32>(sum);
  u8* data = static_cast<u8*>(arena_array(sum, 1));
  if (data == nullptr) return nullptr;
  out->offsets = address_of(offsets);
  out->data = address_of(data);
  out->data_length = static_cast<u32>(sum);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (is_valid(column, row)) copy_span(data + offsets[row], texts[indices[row]]);
  }
  return out;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// The selected rows as a column of `count` rows, constants expanded.
MILLRACE_EXPORT(kernel_take) u32 kernel_take(u32 column_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  return address_of(take_column(column, rows_of(column, selection, count)));
}

// The texts of a dictionary column, a utf8 column of as many rows.
MILLRACE_EXPORT(kernel_decode)
u32 kernel_decode(u32 column_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  return address_of(decode_column(column, rows));
}

// Member `index` of a struct, null where the struct is; shares the member's buffers.
MILLRACE_EXPORT(kernel_field) u32 kernel_field(u32 column_at, u32 index) {
  const Column* column = at<Column>(column_at);
  const Column* member = at<Column>(column->children) + index;
  if (column->validity == 0 && !is_constant(column)) return address_of(member);
  Column* out = share_column(member);
  if (out == nullptr) return KERNEL_FULL;
  if (is_constant(column)) {
    const bool valid = is_valid(column, 0) && is_valid(member, 0);
    out->flags |= COLUMN_CONSTANT;
    out->length = column->length;
    out->null_count = valid ? 0 : column->length;
    if (valid) out->validity = 0;
    else if (is_valid(member, 0)) out->validity = column->validity;
    return address_of(out);
  }
  if (is_constant(member)) out = take_column(member, {column->length, nullptr, column->length});
  if (out == nullptr) return KERNEL_FULL;
  const Column joined = *out;
  return join_validity(out, &joined, column) ? address_of(out) : static_cast<u32>(KERNEL_FULL);
}
