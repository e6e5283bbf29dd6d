// Lists, maps and structs: lengths, members, and whether a list has an item.
//
// What takes items out of lists answers places: u32 a row of the morsel, the row of the child or
// NO_ITEM; `unnest_items` (kernels-unnest.cpp) makes a column of them.
#include "compare-values.h"

namespace millrace {
namespace {

constexpr u32 NO_ITEM = 0xffffffff;

// Where a row's items lie in the child; of a null list, none.
struct Items {
  u32 begin;
  u32 end;
};

struct Lists {
  const Column* column;
  Items operator[](u32 row) const {
    if (!is_valid(column, row)) return {0, 0};
    const i32* offsets = at<i32>(column->offsets) + (is_constant(column) ? 0 : row);
    return {static_cast<u32>(offsets[0]), static_cast<u32>(offsets[1])};
  }
};

u32* no_places(u32 length) {
  u32* places = static_cast<u32*>(arena_array(length, 4));
  if (places != nullptr) memset(places, 0xff, static_cast<size_t>(length) * 4);
  return places;
}

// 1 is the first item, -1 the last, as in SQL.
MILLRACE_INLINE u32 place_in(Items items, i64 index) {
  const i64 length = items.end - items.begin;
  if (index > 0 && index <= length) return items.begin + static_cast<u32>(index - 1);
  if (index < 0 && index >= -length) return items.end - static_cast<u32>(-index);
  return NO_ITEM;
}

// Rows of lists that have an item.
struct Search {
  const Column* column;
  const Column* item;
  Column* out;
  Rows rows;

  // `make(row)` answers what tells whether an item that is no null is the one.
  template <typename Make>
  void each(Make make) const {
    const Column* items = at<Column>(column->children);
    const Lists lists{column};
    const Column* wanted = item;
    const auto test = [=](u32 row) {
      if (!is_valid(wanted, row)) return false;
      const Items span = lists[row];
      const auto is_it = make(row);
      for (u32 i = span.begin; i < span.end; ++i) {
        if (is_valid(items, i) && is_it(i)) return true;
      }
      return false;
    };
    u64* to = at<u64>(out->data);
    if (rows.selection == nullptr) {
      fill_bits_dense(to, rows.count, 0, test);
    } else {
      fill_bits_sparse(to, rows.selection, rows.count, 0, test);
    }
  }
};

}  // namespace
}  // namespace millrace

using namespace millrace;

// Items of a list or entries of a map, int64; null where it is.
MILLRACE_EXPORT(kernel_list_length)
u32 kernel_list_length(u32 column_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) return address_of(null_column(TYPE_INT64, column->length));
  Column* out = new_fixed_column(TYPE_INT64, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  const Lists lists{column};
  i64* to = at<i64>(out->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const Items items = lists[rows[i]];
    to[rows[i]] = items.end - items.begin;
  }
  return address_of(out);
}

// The places of the items at `index`, an int64 column.
MILLRACE_EXPORT(kernel_list_places)
u32 kernel_list_places(u32 column_at, u32 index_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const Column* index = at<Column>(index_at);
  const Rows rows = rows_of(column, selection, count);
  u32* places = no_places(column->length);
  if (places == nullptr) return KERNEL_FULL;
  const Lists lists{column};
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (!is_valid(index, row)) continue;
    places[row] = place_in(lists[row], at<i64>(index->data)[is_constant(index) ? 0 : row]);
  }
  return address_of(places);
}

// The places of the last entries that have `key`, a utf8 column. The column is a map, or a list of
// structs whose first member is the key.
MILLRACE_EXPORT(kernel_map_places)
u32 kernel_map_places(u32 column_at, u32 key_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const Column* key = at<Column>(key_at);
  const Rows rows = rows_of(column, selection, count);
  u32* places = no_places(column->length);
  if (places == nullptr) return KERNEL_FULL;
  const Column* entries = at<Column>(column->children);
  const Spans keys(at<Column>(entries->children));
  const Spans wanted(key);
  const Lists lists{column};
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (!is_valid(key, row)) continue;
    const Items items = lists[row];
    const Span span = wanted[row];
    for (u32 item = items.end; item-- > items.begin;) {
      if (!equal_spans(keys[item], span)) continue;
      places[row] = item;
      break;
    }
  }
  return address_of(places);
}

// The places of the rows' texts in a dictionary's child.
MILLRACE_EXPORT(kernel_dictionary_places)
u32 kernel_dictionary_places(u32 column_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const Rows rows = rows_of(column, selection, count);
  u32* places = no_places(column->length);
  if (places == nullptr) return KERNEL_FULL;
  const u32* indices = at<u32>(column->data);
  const bool constant = is_constant(column);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (is_valid(column, row)) places[row] = indices[constant ? 0 : row];
  }
  return address_of(places);
}

// Whether a list has `item`, a column of its items' type: null where one of the two is.
MILLRACE_EXPORT(kernel_list_contains)
u32 kernel_list_contains(u32 column_at, u32 item_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const Column* item = at<Column>(item_at);
  if (is_null_constant(column) || is_null_constant(item)) {
    return address_of(null_column(TYPE_BOOL, column->length));
  }
  Column* out = new_fixed_column(TYPE_BOOL, column->length, column->flags & item->flags);
  if (out == nullptr || !join_validity(out, column, item)) return KERNEL_FULL;
  const Rows rows = is_constant(out) ? one_row() : rows_of(column, selection, count);
  const Column* items = at<Column>(column->children);
  const Search search{column, item, out, rows};
  switch (items->type) {
    case TYPE_UTF8:
    case TYPE_BINARY:
    case TYPE_DICTIONARY:
      search.each([=](u32 row) {
        const Span wanted = stored_bytes(item, is_constant(item) ? 0 : row);
        return [=](u32 i) { return equal_spans(stored_bytes(items, i), wanted); };
      });
      break;
    case TYPE_BOOL:
    case TYPE_DECIMAL:
    case TYPE_STRUCT:
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_NULL:
      search.each([=](u32 row) {
        return [=](u32 i) { return equal_values(items, i, item, row); };
      });
      break;
    default:
      search.each([=](u32 row) {
        const u64 wanted = fixed_key(item, is_constant(item) ? 0 : row);
        return [=](u32 i) { return fixed_key(items, i) == wanted; };
      });
  }
  return address_of(out);
}

// Member `index` of a map's entries as a list: its keys or its values; shares all buffers.
MILLRACE_EXPORT(kernel_map_member) u32 kernel_map_member(u32 column_at, u32 index) {
  const Column* column = at<Column>(column_at);
  Column* out = share_column(column);
  if (out == nullptr) return KERNEL_FULL;
  out->type = TYPE_LIST;
  const Column* entries = at<Column>(column->children);
  out->children = entries->children + index * sizeof(Column);
  return address_of(out);
}

// A struct of columns: `columns` is u32[count] of their addresses; shares all buffers.
MILLRACE_EXPORT(kernel_struct) u32 kernel_struct(u32 columns, u32 count, u32 length) {
  Column* out = new_column(TYPE_STRUCT, length);
  Column* members = static_cast<Column*>(arena_array(count, sizeof(Column)));
  if (out == nullptr || members == nullptr) return KERNEL_FULL;
  for (u32 i = 0; i < count; ++i) members[i] = *at<Column>(at<u32>(columns)[i]);
  out->children = address_of(members);
  out->child_count = count;
  return address_of(out);
}
