// Unnest: a row for each item of the lists of a row, and columns over those rows.
#include "kernels.h"

namespace millrace {
namespace {

// In the place of an item's index: there is none, the row gets a null.
constexpr u32 NO_ITEM = 0xffffffff;
// More rows than that have no room anyway, and byte counts stay below 2 GiB.
constexpr u64 MAX_ROWS = 0x1fffffff;

// What comes out; the item lists, one a list column, stand one behind the other in `items`.
struct Unnested {
  u32 count;      // rows
  u32 parents;    // u32[count]: the row that each comes from, ascending
  u32 items;      // u32[lists * count]: the row of the list's child, or NO_ITEM
  u32 positions;  // i32[count]: place in the list from 0 on, -1 where there is none; 0 = not wanted
};

// The spans of a list column, or of a map; nulls are empty.
struct Lists {
  const Column* column;
  const i32* offsets;
  bool constant;

  explicit Lists(const Column* list)
      : column(list), offsets(at<i32>(list->offsets)), constant(is_constant(list)) {}

  u32 begin(u32 row) const { return static_cast<u32>(offsets[constant ? 0 : row]); }
  u32 length(u32 row) const {
    if (!is_valid(column, row)) return 0;
    const u32 i = constant ? 0 : row;
    return static_cast<u32>(offsets[i + 1] - offsets[i]);
  }
};

u32 longest(const u32* lists, u32 list_count, u32 row) {
  u32 most = 0;
  for (u32 k = 0; k < list_count; ++k) {
    const u32 length = Lists(at<Column>(lists[k])).length(row);
    if (length > most) most = length;
  }
  return most;
}

void fill_parents(const Unnested& out, const u32* lists, u32 list_count, const Rows& rows,
                  bool outer) {
  u32* parents = at<u32>(out.parents);
  i32* positions = at<i32>(out.positions);
  u32 n = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    const u32 length = longest(lists, list_count, row);
    if (length == 0 && outer) {
      if (positions != nullptr) positions[n] = -1;
      parents[n++] = row;
    }
    for (u32 place = 0; place < length; ++place) {
      if (positions != nullptr) positions[n] = static_cast<i32>(place);
      parents[n++] = row;
    }
  }
}

void fill_items(const Column* list, const u32* parents, u32 count, u32* items) {
  const Lists lists(list);
  for (u32 n = 0; n < count;) {
    const u32 row = parents[n];
    const u32 begin = lists.begin(row);
    const u32 length = lists.length(row);
    for (u32 place = 0; n < count && parents[n] == row; ++place, ++n) {
      items[n] = place < length ? begin + place : NO_ITEM;
    }
  }
}

u64* no_bits(u32 count) {
  u64* bits = static_cast<u64*>(arena_array(words_for(count), 8));
  if (bits != nullptr) memset(bits, 0, words_for(count) * 8);
  return bits;
}

// Where the values of nulls lie: zeroes, an empty span each.
bool empty_values(Column* out, u32 count) {
  if (out->type == TYPE_STRUCT) return true;
  const u32 width = width_of(out->type);
  const bool spans = width == 0 && out->type != TYPE_BOOL;
  const u64 bytes = spans ? (static_cast<u64>(count) + 1) * 4
                          : width == 0 ? static_cast<u64>(words_for(count)) * 8
                                       : static_cast<u64>(count) * width;
  void* zeroes = arena_array(bytes, 1);
  if (zeroes == nullptr) return false;
  memset(zeroes, 0, static_cast<u32>(bytes));
  out->data = address_of(zeroes);
  if (spans) out->offsets = address_of(zeroes);
  out->data_length = spans ? 0 : width == 0 ? (count + 7) / 8 : static_cast<u32>(bytes);
  return true;
}

// A column of nulls of the type of `like`, nested types included; not a constant.
Column* nulls_like(const Column* like, u32 count) {
  Column* out = share_column(like);
  const u64* valid = no_bits(count);
  if (out == nullptr || valid == nullptr) return nullptr;
  out->flags = 0;
  out->length = count;
  set_validity(out, valid);
  if (!empty_values(out, count)) return nullptr;
  if (out->type != TYPE_STRUCT) return out;
  Column* members = static_cast<Column*>(arena_array(like->child_count, sizeof(Column)));
  if (members == nullptr) return nullptr;
  for (u32 i = 0; i < like->child_count; ++i) {
    const Column* member = nulls_like(at<Column>(like->children) + i, count);
    if (member == nullptr) return nullptr;
    members[i] = *member;
  }
  out->children = address_of(members);
  return out;
}

bool is_whole(const Column* column, const u32* items, u32 count) {
  if (is_constant(column) || column->length != count) return false;
  for (u32 i = 0; i < count; ++i) {
    if (items[i] != i) return false;
  }
  return true;
}

Column* with_nulls(const Column* column, const u32* items, u32 count) {
  u32* rows = static_cast<u32*>(arena_array(count, 4));
  u64* valid = static_cast<u64*>(arena_array(words_for(count), 8));
  if (rows == nullptr || valid == nullptr) return nullptr;
  // Some row that is there stands in for none; the bitmap hides it.
  for (u32 i = 0; i < count; ++i) rows[i] = items[i] == NO_ITEM ? 0 : items[i];
  fill_bits_dense(valid, count, 0, [=](u32 i) { return items[i] != NO_ITEM; });
  Column* out = take_column(column, {column->length, rows, count});
  if (out == nullptr) return nullptr;
  if (out->validity != 0) {
    const u64* own = at<u64>(out->validity);
    for (u32 i = 0; i < words_for(count); ++i) valid[i] &= own[i];
  }
  set_validity(out, valid);
  return out;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// The rows of several lists side by side: as many for a row as its longest list has items, and with
// `outer` one where that is none. `lists`: u32[list_count] addresses of list columns. Answers the
// address of an `Unnested`; 0: the lease is full.
MILLRACE_EXPORT(unnest_rows)
u32 unnest_rows(u32 lists_at, u32 list_count, u32 selection, u32 count, u32 outer,
                u32 with_positions) {
  const u32* lists = at<u32>(lists_at);
  const Rows rows = rows_of(at<Column>(lists[0]), selection, count);
  u64 total = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 length = longest(lists, list_count, rows[i]);
    total += length == 0 && outer != 0 ? 1 : length;
  }
  if (total > MAX_ROWS) return KERNEL_FULL;
  Unnested* out = static_cast<Unnested*>(arena_alloc(sizeof(Unnested)));
  void* parents = arena_array(total, 4);
  u32* items = static_cast<u32*>(arena_array(total * list_count, 4));
  void* positions = with_positions != 0 ? arena_array(total, 4) : nullptr;
  if (out == nullptr || parents == nullptr || items == nullptr) return KERNEL_FULL;
  if (with_positions != 0 && positions == nullptr) return KERNEL_FULL;
  const u32 made = static_cast<u32>(total);
  *out = {made, address_of(parents), address_of(items), address_of(positions)};
  fill_parents(*out, lists, list_count, rows, outer != 0);
  for (u32 k = 0; k < list_count; ++k) {
    fill_items(at<Column>(lists[k]), at<u32>(out->parents), made, items + k * made);
  }
  return address_of(out);
}

// The items of a list as a column of `count` rows; where `items` has none there is a null. The
// child itself where that is it.
MILLRACE_EXPORT(unnest_items) u32 unnest_items(u32 column_at, u32 items_at, u32 count) {
  const Column* column = at<Column>(column_at);
  const u32* items = at<u32>(items_at);
  if (is_whole(column, items, count)) return column_at;
  bool all = true;
  for (u32 i = 0; i < count; ++i) all &= items[i] != NO_ITEM;
  if (all) return address_of(take_column(column, {column->length, items, count}));
  if (column->length == 0) return address_of(nulls_like(column, count));
  return address_of(with_nulls(column, items, count));
}

// Where each row stands in its list, as an int32 column; null where it is of no item.
MILLRACE_EXPORT(unnest_positions) u32 unnest_positions(u32 positions_at, u32 count) {
  const i32* positions = at<i32>(positions_at);
  Column* out = new_column(TYPE_INT32, count);
  u64* valid = static_cast<u64*>(arena_array(words_for(count), 8));
  if (out == nullptr || valid == nullptr) return KERNEL_FULL;
  fill_bits_dense(valid, count, 0, [=](u32 i) { return positions[i] >= 0; });
  out->data = positions_at;
  out->data_length = count * 4;
  set_validity(out, valid);
  return address_of(out);
}

// Row `rows[i]` of a column, for each i; rows may come again. Constants stay constant.
MILLRACE_EXPORT(kernel_repeat) u32 kernel_repeat(u32 column_at, u32 rows_at, u32 count) {
  const Column* column = at<Column>(column_at);
  if (!is_constant(column)) {
    return address_of(take_column(column, {column->length, at<u32>(rows_at), count}));
  }
  Column* out = share_column(column);
  if (out == nullptr) return KERNEL_FULL;
  out->length = count;
  out->null_count = is_null_constant(column) ? count : 0;
  return address_of(out);
}

// `from[rows[i]]` for each i, as u32[count]; 0: the lease is full.
MILLRACE_EXPORT(compose_rows) u32 compose_rows(u32 from_at, u32 rows_at, u32 count) {
  u32* out = static_cast<u32*>(arena_array(count, 4));
  if (out == nullptr) return KERNEL_FULL;
  const u32* from = at<u32>(from_at);
  const u32* rows = at<u32>(rows_at);
  for (u32 i = 0; i < count; ++i) out[i] = from[rows[i]];
  return address_of(out);
}
