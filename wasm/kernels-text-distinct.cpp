// The distinct texts of a column: for functions that cost much, and for dictionaries.
#include "kernels-bytes.h"
#include "utf8.h"

namespace millrace {
namespace {

// As `hash_span`, from a seed.
MILLRACE_INLINE u64 hash_from(u64 seed, Span span) {
  u64 hash = mix(seed ^ span.length);
  const u8* bytes = span.bytes;
  u32 left = span.length;
  for (; left > 16; left -= 16, bytes += 16) {
    const v128_t chunk = wasm_v128_load(bytes);
    hash = mix(hash ^ wasm_i64x2_extract_lane(chunk, 0)) + wasm_i64x2_extract_lane(chunk, 1);
  }
  const v128_t chunk = wasm_v128_and(wasm_v128_load(bytes), mask_of(left));
  return mix(mix(hash ^ wasm_i64x2_extract_lane(chunk, 0)) + wasm_i64x2_extract_lane(chunk, 1));
}

// Bytes that begin a character of 4 bytes among 16, as a mask.
MILLRACE_INLINE u32 wide_leads_of(const u8* s) {
  return wasm_i8x16_bitmask(wasm_u8x16_ge(wasm_v128_load(s), wasm_u8x16_splat(0xf0)));
}

// UTF-16 has a unit for each character, and another one for those of 4 bytes.
MILLRACE_INLINE u32 count_units(const u8* s, u32 length) {
  u32 count = 0;
  for (; length > 16; length -= 16, s += 16) {
    count += __builtin_popcount(leads_of(s)) + __builtin_popcount(wide_leads_of(s));
  }
  const u32 mask = (1u << length) - 1;
  count += __builtin_popcount(leads_of(s) & mask);
  return count + __builtin_popcount(wide_leads_of(s) & mask);
}

// Of so many of the first texts, more must come again than one in four.
constexpr u32 FEW_AGAIN = 4;

// Answered in the arena.
struct DistinctTexts {
  u32 count;
  u32 rows;   // address of u32[count]: the first row of each
  // Address of u32[stored rows]: which of them a selected row is; 0 for others and nulls.
  u32 codes;
};

}  // namespace
}  // namespace millrace

using namespace millrace;

// The distinct texts of the selected rows, in the order in which they come; the address of a
// DistinctTexts, or 0 where the lease is full. `seed` keeps senders of messages from choosing texts
// that collide. Where few of the first `trial` texts come again, each text behind them counts as a
// new one, which is cheaper than to find out; never where `trial` is 0.
MILLRACE_EXPORT(kernel_text_distinct)
u32 kernel_text_distinct(u32 column_at, u32 selection, u32 count, u64 seed, u32 trial) {
  const Column* column = at<Column>(column_at);
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  u32 capacity = 16;
  while (capacity / 2 < rows.count) {
    if (capacity > 0x1fffffff) return 0;
    capacity *= 2;
  }
  auto* out = static_cast<DistinctTexts*>(arena_alloc(sizeof(DistinctTexts)));
  u32* const firsts = static_cast<u32*>(arena_array(rows.count, 4));
  const u32 stored = is_constant(column) ? 1 : column->length;
  u32* const codes = static_cast<u32*>(arena_array(stored, 4));
  // Read at random: a text's hash beside its code plus 1, 0 is free.
  u64* const slots = static_cast<u64*>(arena_array(capacity, 8));
  if (out == nullptr || firsts == nullptr || codes == nullptr || slots == nullptr) return 0;
  memset(slots, 0, capacity * 8);
  memset(codes, 0, stored * 4);
  const Spans texts(column);
  u32 found = 0;
  u32 seen = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (!is_valid(column, row)) continue;
    if (UNLIKELY(seen == trial) && found > trial - trial / FEW_AGAIN) {
      firsts[found] = row;
      codes[row] = found++;
      continue;
    }
    ++seen;
    const Span text = texts[row];
    const u64 hash = hash_from(seed, text);
    const u64 high = hash & 0xffffffff00000000ull;
    u32 slot = static_cast<u32>(hash) & (capacity - 1);
    for (;; slot = (slot + 1) & (capacity - 1)) {
      const u64 entry = slots[slot];
      const u32 code = static_cast<u32>(entry) - 1;
      if (entry == 0) {
        firsts[found] = row;
        codes[row] = found++;
        slots[slot] = high | found;
        break;
      }
      if ((entry & 0xffffffff00000000ull) == high && equal_spans(texts[firsts[code]], text)) {
        codes[row] = code;
        break;
      }
    }
  }
  *out = {found, address_of(firsts), address_of(codes)};
  return address_of(out);
}

// u32[rows + 1]: the UTF-16 units of all texts before each row, and of all, of a utf8 column that
// has texts on every row and is no constant; 0 where the lease is full.
MILLRACE_EXPORT(kernel_text_units) u32 kernel_text_units(u32 column_at) {
  const Column* column = at<Column>(column_at);
  u32* const units = static_cast<u32*>(arena_array(static_cast<u64>(column->length) + 1, 4));
  if (units == nullptr) return 0;
  const Spans texts(column);
  u32 sum = 0;
  for (u32 row = 0; row < column->length; ++row) {
    units[row] = sum;
    const Span text = texts[row];
    sum += count_units(text.bytes, text.length);
  }
  units[column->length] = sum;
  return address_of(units);
}

// A bool column like `column`, each selected row with its code's flag: `flags` is u8[distinct].
MILLRACE_EXPORT(kernel_deal_flags)
u32 kernel_deal_flags(u32 column_at, u32 codes_at, u32 flags_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  Column* out = new_fixed_column(TYPE_BOOL, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  const u32* codes = at<u32>(codes_at);
  const u8* flags = at<u8>(flags_at);
  const auto test = [=](u32 row) { return flags[codes[row]]; };
  if (rows.selection == nullptr) {
    fill_bits_dense(at<u64>(out->data), rows.count, 0, test);
  } else {
    fill_bits_sparse(at<u64>(out->data), rows.selection, rows.count, 0, test);
  }
  return address_of(out);
}

// A dictionary column like `column`, whose rows have `codes` in `texts`, a utf8 column.
MILLRACE_EXPORT(kernel_deal_texts) u32 kernel_deal_texts(u32 column_at, u32 codes, u32 texts) {
  const Column* column = at<Column>(column_at);
  Column* out = new_column(TYPE_DICTIONARY, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  out->data = codes;
  out->data_length = 4 * (is_constant(column) ? 1 : column->length);
  out->children = texts;
  out->child_count = 1;
  return address_of(out);
}
