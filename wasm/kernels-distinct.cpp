// Distinct: the first row of each tuple, by a hash table of the rows seen so far.
#include "kernels-bytes.h"
#include "mix64.h"

namespace millrace {
namespace {

constexpr u32 NO_ROOM = 0xffffffff;
constexpr u64 NULL_KEY = 0x6e756c6c6e756c6cull;

// Numbers by a key that is the same exactly where they count as equal: NaN is NaN, -0 is 0.
MILLRACE_INLINE u64 key_of(f64 value) {
  if (value != value) return 0x7ff8000000000000ull;
  const f64 plain = value + 0.0;
  u64 key;
  memcpy(&key, &plain, 8);
  return key;
}

MILLRACE_INLINE bool is_spans(u8 type) {
  return type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON;
}

// Texts of dictionaries are compared as such: other batches' may be in there twice.
Span dictionary_text(const Column* column, u32 i) {
  return Spans(at<Column>(column->children))[static_cast<u32>(at<i32>(column->data)[i])];
}

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

// A value of fixed width; equal keys are equal values, but for those of 16 bytes.
MILLRACE_INLINE u64 fixed_key(const Column* column, u32 i) {
  switch (width_of(column->type)) {
    case 1:
      return at<u8>(column->data)[i];
    case 2:
      return at<u16>(column->data)[i];
    case 4:
      if (column->type == TYPE_FLOAT32) return key_of(static_cast<f64>(at<float>(column->data)[i]));
      return at<u32>(column->data)[i];
    default:
      if (column->type == TYPE_FLOAT64) return key_of(at<f64>(column->data)[i]);
      return at<u64>(column->data)[i];
  }
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
  if (is_spans(column->type)) return hash_bytes(hash, Spans(column)[row]);
  if (column->type == TYPE_DICTIONARY) return hash_bytes(hash, dictionary_text(column, i));
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

bool equal_values(const Column* column, u32 left, u32 right);

bool equal_items(const Column* column, u32 left, u32 right) {
  const i32* offsets = at<i32>(column->offsets);
  const Column* items = at<Column>(column->children);
  const u32 length = static_cast<u32>(offsets[left + 1] - offsets[left]);
  if (length != static_cast<u32>(offsets[right + 1] - offsets[right])) return false;
  for (u32 k = 0; k < length; ++k) {
    if (!equal_values(items, static_cast<u32>(offsets[left]) + k,
                      static_cast<u32>(offsets[right]) + k)) {
      return false;
    }
  }
  return true;
}

bool equal_values(const Column* column, u32 left, u32 right) {
  if (is_constant(column) || column->type == TYPE_NULL) return true;
  const bool valid = is_valid(column, left);
  if (valid != is_valid(column, right)) return false;
  if (!valid) return true;
  if (is_spans(column->type)) {
    const Spans spans(column);
    return equal_spans(spans[left], spans[right]);
  }
  if (column->type == TYPE_DICTIONARY) {
    return equal_spans(dictionary_text(column, left), dictionary_text(column, right));
  }
  if (column->type == TYPE_BOOL) {
    const u8* bits = at<u8>(column->data);
    return get_bit(bits, left) == get_bit(bits, right);
  }
  if (column->type == TYPE_STRUCT) {
    const Column* members = at<Column>(column->children);
    for (u32 k = 0; k < column->child_count; ++k) {
      if (!equal_values(members + k, left, right)) return false;
    }
    return true;
  }
  const u32 width = width_of(column->type);
  if (width == 0) return equal_items(column, left, right);
  if (width == 16) {
    const u64* words = at<u64>(column->data);
    const u64 a = 2 * static_cast<u64>(left), b = 2 * static_cast<u64>(right);
    return words[a] == words[b] && words[a + 1] == words[b + 1];
  }
  return fixed_key(column, left) == fixed_key(column, right);
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
      if (!equal_values(at<Column>(columns[k]), rows[a], rows[b])) return false;
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
