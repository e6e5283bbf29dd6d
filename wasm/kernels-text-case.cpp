// Texts in other case, without characters at their ends, and how many characters they have.
#include "case-mapping.h"
#include "text-writer.h"
#include "utf8.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/text.ts has the same.
enum CaseOp : u32 { CASE_LOWER = 0, CASE_UPPER = 1 };
enum TrimSides : u32 { TRIM_START = 1, TRIM_END = 2 };

// Latin, Greek and Cyrillic; entries are the other case, 0 where it was not looked up yet.
constexpr u32 NEAR_CHARACTERS = 0x600;
u16 near_cases[2][NEAR_CHARACTERS];

// Binary search: about nine steps.
u32 look_up_case(u32 op, u32 character) {
  const CaseRange* ranges = op == CASE_LOWER ? LOWER_RANGES : UPPER_RANGES;
  u32 low = 0;
  u32 high = op == CASE_LOWER ? LOWER_RANGE_COUNT : UPPER_RANGE_COUNT;
  while (low < high) {
    const u32 middle = (low + high) / 2;
    if (ranges[middle].last < character) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const CaseRange& range = ranges[low];
  const u32 count = op == CASE_LOWER ? LOWER_RANGE_COUNT : UPPER_RANGE_COUNT;
  if (low == count || character < range.first) return character;
  if ((character - range.first) % range.stride != 0) return character;
  return static_cast<u32>(static_cast<i32>(character) + range.delta);
}

MILLRACE_INLINE u32 other_case(u32 op, u32 character) {
  if (character >= NEAR_CHARACTERS) return look_up_case(op, character);
  u16& known = near_cases[op][character];
  if (UNLIKELY(known == 0)) {
    const u32 found = look_up_case(op, character);
    if (found > 0xffff) return found;
    known = static_cast<u16>(found);
  }
  return known;
}

// Flips the bit that tells the cases of ASCII letters apart, in 16 bytes.
MILLRACE_INLINE v128_t ascii_case(u32 op, v128_t bytes) {
  const u8 first = op == CASE_LOWER ? 'A' : 'a';
  const v128_t place = wasm_i8x16_sub(bytes, wasm_u8x16_splat(first));
  const v128_t letters = wasm_u8x16_lt(place, wasm_u8x16_splat(26));
  return wasm_v128_xor(bytes, wasm_v128_and(letters, wasm_u8x16_splat(0x20)));
}

u8* write_case(u32 op, Span text, u8* out) {
  const u8* s = text.bytes;
  const u8* const end = s + text.length;
  while (s < end) {
    const v128_t bytes = wasm_v128_load(s);
    wasm_v128_store(out, ascii_case(op, bytes));
    const u32 high = wasm_i8x16_bitmask(bytes);
    const u32 left = end - s < 16 ? static_cast<u32>(end - s) : 16;
    u32 plain = high == 0 ? 16 : static_cast<u32>(__builtin_ctz(high));
    if (plain > left) plain = left;
    s += plain;
    out += plain;
    // Letters beyond ASCII come in runs.
    while (s < end && *s >= 0x80) {
      out = write_character(out, other_case(op, read_character(s)));
      s += character_bytes(*s);
    }
  }
  return out;
}

// What is taken away at the ends: characters in the state heap.
struct TrimSet {
  u32 count;
  bool ascii;
  u64 low[2];  // ASCII characters as bits
  u32 characters[];
};

MILLRACE_INLINE bool is_trimmed(const TrimSet& set, const u8* s) {
  if (*s < 0x80) return set.low[*s >> 6] >> (*s & 63) & 1;
  if (set.ascii) return false;
  const u32 character = read_character(s);
  for (u32 i = 0; i < set.count; ++i) {
    if (set.characters[i] == character) return true;
  }
  return false;
}

Span trim(const TrimSet& set, u32 sides, Span text) {
  const u8* begin = text.bytes;
  const u8* end = begin + text.length;
  if (sides & TRIM_START) {
    while (begin < end && is_trimmed(set, begin)) begin += character_bytes(*begin);
  }
  while ((sides & TRIM_END) && begin < end) {
    const u8* const last = back_characters(begin, end, 1);
    if (!is_trimmed(set, last)) break;
    end = last;
  }
  return {begin, static_cast<u32>(end - begin)};
}

// A column of texts from one of texts, row by row; `write` as `write_texts` wants it.
template <typename Write>
u32 map_texts(u32 column_at, u32 selection, u32 count, Write write) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) return address_of(null_column(TYPE_UTF8, column->length));
  Column* out = new_result(TYPE_UTF8, &column, 1);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(column);
  const auto write_row = [&](const TextWriter& to, u32 row) { return write(to, texts[row]); };
  return write_texts(out, result_rows(out, selection, count), write_row);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// In lower or upper case, by Unicode's simple mapping.
MILLRACE_EXPORT(kernel_text_case)
u32 kernel_text_case(u32 op, u32 column, u32 selection, u32 count) {
  return map_texts(column, selection, count, [op](const TextWriter& to, Span text) -> u8* {
    // A character of two bytes may become one of three.
    u8* const out = to.reserve(text.length + text.length / 2);
    return out == nullptr ? nullptr : write_case(op, text, out);
  });
}

// The set of the characters of a text, in the state heap; 0 where that is full.
MILLRACE_EXPORT(trim_set_new) u32 trim_set_new(u32 text, u32 length) {
  const u8* s = at<u8>(text);
  TrimSet* set = static_cast<TrimSet*>(state_alloc(sizeof(TrimSet) + 4 * length));
  if (set == nullptr) return 0;
  set->ascii = true;
  for (const u8* const end = s + length; s < end; s += character_bytes(*s)) {
    if (*s < 0x80) {
      set->low[*s >> 6] |= 1ull << (*s & 63);
    } else {
      set->ascii = false;
      set->characters[set->count++] = read_character(s);
    }
  }
  return address_of(set);
}

// Without the set's characters at the sides.
MILLRACE_EXPORT(kernel_text_trim)
u32 kernel_text_trim(u32 sides, u32 column, u32 set, u32 selection, u32 count) {
  const TrimSet& trimmed = *at<TrimSet>(set);
  return map_texts(column, selection, count, [&, sides](const TextWriter& to, Span text) {
    return to.copy(trim(trimmed, sides, text));
  });
}

// Characters of each text, int64.
MILLRACE_EXPORT(kernel_text_length)
u32 kernel_text_length(u32 column_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) return address_of(null_column(TYPE_INT64, column->length));
  Column* out = new_fixed_column(TYPE_INT64, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const Rows rows = result_rows(out, selection, count);
  const Spans texts(column);
  i64* lengths = at<i64>(out->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const Span text = texts[rows[i]];
    lengths[rows[i]] = count_characters(text.bytes, text.length);
  }
  return address_of(out);
}
