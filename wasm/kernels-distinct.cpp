// Distinct: the first row of each tuple, by a hash table of the rows seen so far.
#include "compare-values.h"
#include "mix64.h"

namespace millrace {
namespace {

constexpr u32 NO_ROOM = 0xffffffff;
constexpr u64 NULL_KEY = 0x6e756c6c6e756c6cull;

u64 hash_bytes(u64 hash, Span span) {
  hash = mix64(hash ^ span.length);
  const u8* bytes = span.bytes;
  for (u32 left = span.length; left > 0;) {
    const u32 size = left < 8 ? left : 8;
    u64 chunk = 0;
    memcpy(&chunk, bytes, size);
    hash = mix64(hash ^ chunk);
    bytes += size;
    left -= size;
  }
  return hash;
}

u64 hash_value(u64 hash, const Column* column, u32 row);

u64 hash_items(u64 hash, const Column* column, u32 i) {
  const i32* offsets = at<i32>(column->offsets);
  const Column* items = at<Column>(column->children);
  hash = mix64(hash ^ static_cast<u32>(offsets[i + 1] - offsets[i]));
  for (i32 item = offsets[i]; item < offsets[i + 1]; ++item) {
    hash = hash_value(hash, items, static_cast<u32>(item));
  }
  return hash;
}

u64 hash_value(u64 hash, const Column* column, u32 row) {
  const u32 i = is_constant(column) ? 0 : row;
  if (!is_valid(column, row) || column->type == TYPE_NULL) return mix64(hash ^ NULL_KEY);
  if (is_bytes(column->type) || column->type == TYPE_DICTIONARY) {
    return hash_bytes(hash, stored_bytes(column, i));
  }
  if (column->type == TYPE_BOOL) return mix64(hash ^ get_bit(at<u8>(column->data), i));
  if (column->type == TYPE_STRUCT) {
    const Column* members = at<Column>(column->children);
    for (u32 k = 0; k < column->child_count; ++k) hash = hash_value(hash, members + k, i);
    return hash;
  }
  const u32 width = width_of(column->type);
  if (width == 0) return hash_items(hash, column, i);
  if (width == 16) {
    const u64* words = at<u64>(column->data) + 2 * static_cast<u64>(i);
    return mix64(mix64(hash ^ words[0]) ^ words[1]);
  }
  return mix64(hash ^ fixed_key(column, i));
}

void hash_column(const Column* column, const Rows& rows, u64* hashes) {
  if (is_constant(column)) return;
  if (column->type == TYPE_INT64 && column->validity == 0) {
    const u64* values = at<u64>(column->data);
    for (u32 i = 0; i < rows.count; ++i) hashes[i] = mix64(hashes[i] ^ values[rows[i]]);
    return;
  }
  for (u32 i = 0; i < rows.count; ++i) hashes[i] = hash_value(hashes[i], column, rows[i]);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Writes the first row of each tuple of values among the selected rows to `out`, u32[count], in
// their order; answers how many, or 0xffffffff where the lease is full. `columns`: addresses,
// u32[column_count]. Nulls equal nulls. `seed` is one that no sender of messages can know: it keeps
// them from choosing values that collide.
MILLRACE_EXPORT(kernel_distinct)
u32 kernel_distinct(u32 columns_at, u32 column_count, u32 selection, u32 count, u64 seed,
                    u32 out_at) {
  const u32* columns = at<u32>(columns_at);
  const Rows rows = rows_of(at<Column>(columns[0]), selection, count);
  u32 capacity = 16;
  while (capacity / 2 < count) {
    if (capacity > 0x1fffffff) return NO_ROOM;
    capacity *= 2;
  }
  u64* hashes = static_cast<u64*>(arena_array(count, 8));
  u32* slots = static_cast<u32*>(arena_array(capacity, 4));  // index in `rows` plus 1; 0 is free
  if (hashes == nullptr || slots == nullptr) return NO_ROOM;
  for (u32 i = 0; i < count; ++i) hashes[i] = seed;
  for (u32 k = 0; k < column_count; ++k) hash_column(at<Column>(columns[k]), rows, hashes);
  memset(slots, 0, capacity * 4);
  u32* out = at<u32>(out_at);
  u32 found = 0;
  const auto equal = [&](u32 a, u32 b) {
    if (hashes[a] != hashes[b]) return false;
    for (u32 k = 0; k < column_count; ++k) {
      const Column* column = at<Column>(columns[k]);
      if (!equal_values(column, rows[a], column, rows[b])) return false;
    }
    return true;
  };
  for (u32 i = 0; i < count; ++i) {
    u32 slot = static_cast<u32>(hashes[i]) & (capacity - 1);
    while (slots[slot] != 0 && !equal(slots[slot] - 1, i)) slot = (slot + 1) & (capacity - 1);
    if (slots[slot] != 0) continue;
    slots[slot] = i + 1;
    out[found++] = rows[i];
  }
  return found;
}
