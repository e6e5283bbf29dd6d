// New texts from parts of others: concat, substring, replace, repeat, pad, and split into lists.
#include "find-bytes.h"
#include "text-writer.h"
#include "utf8.h"

namespace millrace {
namespace {

MILLRACE_INLINE i64 clamp(i64 value, i64 least, i64 most) {
  return value < least ? least : value > most ? most : value;
}

// Beyond every text, and far from where sums overflow.
constexpr i64 FAR = 1ll << 40;

// SQL's substring: characters [start, start + length), the first of the text is 1; a negative
// start counts from behind the end, a negative length goes back from the start.
Span substring(Span text, i64 start, i64 length) {
  const u8* const begin = text.bytes;
  const u8* const end = begin + text.length;
  start = clamp(start, -FAR, FAR);
  length = clamp(length, -FAR, FAR);
  i64 from = start - 1;
  // Only what counts from the end has to know how long the text is.
  if (start < 0) from = start + count_characters(begin, text.length);
  i64 to = from + length;
  if (length < 0) {
    to = from;
    from += length;
  }
  if (to <= 0) return {begin, 0};
  if (from < 0) from = 0;
  const u8* const first = skip_characters(begin, end, static_cast<u64>(from));
  const u8* const last = skip_characters(first, end, static_cast<u64>(to - from));
  return {first, static_cast<u32>(last - first)};
}

// The first (`at_start`) or last `count` characters, or, where it is negative, all but so many at
// the other end.
Span side(Span text, i64 count, bool at_start) {
  const u8* const begin = text.bytes;
  const u8* const end = begin + text.length;
  count = clamp(count, -FAR, FAR);
  const u64 many = static_cast<u64>(count < 0 ? -count : count);
  const bool from_begin = at_start == (count >= 0);
  const u8* const cut =
      from_begin ? skip_characters(begin, end, many) : back_characters(begin, end, many);
  if (at_start) return {begin, static_cast<u32>(cut - begin)};
  return {cut, static_cast<u32>(end - cut)};
}

u8* replace(const TextWriter& writer, Span text, Span part, Span by) {
  const u8* s = text.bytes;
  const u8* const end = s + text.length;
  TextWriter to = writer;
  const u8* found = part.length == 0 ? nullptr : find_bytes(s, end, part);
  for (; found != nullptr; found = find_bytes(s, end, part)) {
    u8* out = to.copy({s, static_cast<u32>(found - s)});
    if (out == nullptr) return nullptr;
    to.top = out;
    out = to.copy(by);
    if (out == nullptr) return nullptr;
    to.top = out;
    s = found + part.length;
  }
  return to.copy({s, static_cast<u32>(end - s)});
}

// Bytes of the text with every part replaced.
u64 replaced_bytes(Span text, Span part, Span by) {
  if (part.length == 0) return text.length;
  const u8* s = text.bytes;
  const u8* const end = s + text.length;
  u64 bytes = text.length;
  while ((s = find_bytes(s, end, part)) != nullptr) {
    bytes += by.length;
    bytes -= part.length;
    s += part.length;
  }
  return bytes;
}

// As many whole `fill` as it takes, the last one cut, for `missing` characters.
u8* write_fill(const TextWriter& writer, Span fill, u64 missing) {
  TextWriter to = writer;
  const u32 characters = count_characters(fill.bytes, fill.length);
  while (missing > 0) {
    Span part = fill;
    if (missing < characters) {
      const u8* const end = skip_characters(fill.bytes, fill.bytes + fill.length, missing);
      part.length = static_cast<u32>(end - fill.bytes);
    }
    u8* const out = to.copy(part);
    if (out == nullptr) return nullptr;
    to.top = out;
    missing -= missing < characters ? missing : characters;
  }
  return to.top;
}

u8* pad(const TextWriter& writer, Span text, i64 length, Span fill, bool at_start) {
  const u64 wanted = length < 0 ? 0 : static_cast<u64>(length);
  const u32 characters = count_characters(text.bytes, text.length);
  if (characters >= wanted || fill.length == 0) {
    const u8* const end = skip_characters(text.bytes, text.bytes + text.length, wanted);
    return writer.copy({text.bytes, static_cast<u32>(end - text.bytes)});
  }
  const u64 missing = wanted - characters;
  // First the characters, so that the product is one of small numbers.
  if (missing > most_text_bytes()) return TEXT_TOO_LONG;
  const u64 fills = missing / count_characters(fill.bytes, fill.length);
  if (fills * fill.length + text.length > most_text_bytes()) return TEXT_TOO_LONG;
  TextWriter to = writer;
  u8* out = at_start ? write_fill(to, fill, missing) : to.copy(text);
  if (out == nullptr) return nullptr;
  to.top = out;
  return at_start ? to.copy(text) : write_fill(to, fill, missing);
}

// The parts of a text between separators, one by one; an empty separator gives the characters.
struct Parts {
  const u8* s;
  const u8* end;
  Span separator;
  bool done = false;

  Parts(Span text, Span separator_)
      : s(text.bytes), end(text.bytes + text.length), separator(separator_) {}

  bool next(Span& part) {
    if (done) return false;
    const u8* to = end;
    if (separator.length == 0) {
      if (s < end) to = s + character_bytes(*s);
      part = {s, static_cast<u32>(to - s)};
      s = to;
      done = s == end;
      return true;
    }
    const u8* const found = find_bytes(s, end, separator);
    done = found == nullptr;
    if (!done) to = found;
    part = {s, static_cast<u32>(to - s)};
    s = to + separator.length;
    return true;
  }
};

struct Split {
  Spans texts;
  Spans separators;
  const Column* separator;

  // Where the separator is null there is none, as in DuckDB: the text is one part.
  bool is_whole(u32 row) const { return !is_valid(separator, row); }
  Parts parts(u32 row) const { return {texts[row], separators[row]}; }
};

// Offsets of the lists and the sum of their lengths; false where an int32 does not hold that.
bool count_parts(const Split& split, Column* out, const Rows& rows, i32* offsets, u64& total) {
  const u32 stored = is_constant(out) ? 1 : out->length;
  u32 next = 0;
  Span part;
  total = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    while (next <= row) offsets[next++] = static_cast<i32>(total);
    if (!is_valid(out, row)) continue;
    if (split.is_whole(row)) {
      ++total;
    } else {
      for (Parts parts = split.parts(row); parts.next(part);) ++total;
    }
    if (UNLIKELY(total > 0x7fffffff)) return false;
  }
  while (next <= stored) offsets[next++] = static_cast<i32>(total);
  return true;
}

u32 split_rows(const Split& split, Column* out, const Rows& rows, Column* items) {
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(items->length) + 1, 4));
  if (offsets == nullptr) return KERNEL_FULL;
  u8* const data = at<u8>(arena_mark());
  TextWriter to{data, data + arena_room()};
  u32 n = 0;
  offsets[0] = 0;
  Span part;
  const auto add = [&](Span text) {
    u8* const end = to.copy(text);
    if (end == nullptr) return false;
    to.top = end;
    offsets[++n] = static_cast<i32>(end - data);
    return true;
  };
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (!is_valid(out, row)) continue;
    if (split.is_whole(row)) {
      if (!add(split.texts[row])) return KERNEL_FULL;
      continue;
    }
    for (Parts parts = split.parts(row); parts.next(part);) {
      if (!add(part)) return KERNEL_FULL;
    }
  }
  items->offsets = address_of(offsets);
  items->data = address_of(data);
  items->data_length = static_cast<u32>(to.top - data);
  return arena_alloc(items->data_length) == nullptr ? static_cast<u32>(KERNEL_FULL)
                                                    : address_of(out);
}

constexpr u32 MAX_OPERANDS = 64;

}  // namespace
}  // namespace millrace

using namespace millrace;

// All texts, one after the other: `columns` is u32[column_count], at most 64; null where one is.
MILLRACE_EXPORT(kernel_text_concat)
u32 kernel_text_concat(u32 columns_at, u32 column_count, u32 selection, u32 count) {
  const Column* operands[MAX_OPERANDS];
  for (u32 k = 0; k < column_count; ++k) operands[k] = at<Column>(at<u32>(columns_at)[k]);
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, column_count)) return address_of(null_column(TYPE_UTF8, length));
  Column* out = new_result(TYPE_UTF8, operands, column_count);
  if (out == nullptr) return KERNEL_FULL;
  return write_texts(out, result_rows(out, selection, count), [&](TextWriter to, u32 row) -> u8* {
    for (u32 k = 0; k < column_count; ++k) {
      u8* const end = to.copy(Spans(operands[k])[row]);
      if (end == nullptr) return nullptr;
      to.top = end;
    }
    return to.top;
  });
}

// See `substring`; start and length are int64, `length_at` is 0 for all to the end.
MILLRACE_EXPORT(kernel_text_substring)
u32 kernel_text_substring(u32 text_at, u32 start_at, u32 length_at, u32 selection, u32 count) {
  const u32 operand_count = length_at == 0 ? 2 : 3;
  const Column* start = at<Column>(start_at);
  const Column* length = length_at == 0 ? start : at<Column>(length_at);
  const Column* operands[] = {at<Column>(text_at), start, length};
  const u32 row_count = operands[0]->length;
  if (has_null_constant(operands, operand_count)) {
    return address_of(null_column(TYPE_UTF8, row_count));
  }
  Column* out = new_result(TYPE_UTF8, operands, operand_count);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(operands[0]);
  const Values<i64> starts(start);
  const Values<i64> lengths(length);
  return write_texts(out, result_rows(out, selection, count), [&](TextWriter to, u32 row) {
    const i64 most = length_at == 0 ? FAR : lengths[row];
    return to.copy(substring(texts[row], starts[row], most));
  });
}

// See `side`; `count` is int64.
MILLRACE_EXPORT(kernel_text_side)
u32 kernel_text_side(u32 at_start, u32 text_at, u32 count_at, u32 selection, u32 count) {
  const Column* operands[] = {at<Column>(text_at), at<Column>(count_at)};
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, 2)) return address_of(null_column(TYPE_UTF8, length));
  Column* out = new_result(TYPE_UTF8, operands, 2);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(operands[0]);
  const Values<i64> counts(operands[1]);
  return write_texts(out, result_rows(out, selection, count), [&](TextWriter to, u32 row) {
    return to.copy(side(texts[row], counts[row], at_start != 0));
  });
}

// Every `part` replaced by `by`; an empty part replaces nothing. Where `by` is no constant, and so
// may be as long as the text, a row may fail.
MILLRACE_EXPORT(kernel_text_replace)
u32 kernel_text_replace(u32 text_at, u32 part_at, u32 by_at, u32 selection, u32 count) {
  const Column* operands[] = {at<Column>(text_at), at<Column>(part_at), at<Column>(by_at)};
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, 3)) return address_of(null_column(TYPE_UTF8, length));
  Column* out = new_result(TYPE_UTF8, operands, 3);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(operands[0]);
  const Spans parts(operands[1]);
  const Spans bys(operands[2]);
  const bool can_fail = !is_constant(operands[2]);
  return write_texts(out, result_rows(out, selection, count), [&](TextWriter to, u32 row) -> u8* {
    u8* const end = replace(to, texts[row], parts[row], bys[row]);
    if (LIKELY(end != nullptr) || !can_fail) return end;
    const u64 bytes = replaced_bytes(texts[row], parts[row], bys[row]);
    return bytes > most_text_bytes() ? TEXT_TOO_LONG : nullptr;
  });
}

// `times` (int64) of the text, one after the other; none where that is not positive.
MILLRACE_EXPORT(kernel_text_repeat)
u32 kernel_text_repeat(u32 text_at, u32 times_at, u32 selection, u32 count) {
  const Column* operands[] = {at<Column>(text_at), at<Column>(times_at)};
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, 2)) return address_of(null_column(TYPE_UTF8, length));
  Column* out = new_result(TYPE_UTF8, operands, 2);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(operands[0]);
  const Values<i64> times(operands[1]);
  const i64 most = static_cast<i64>(most_text_bytes());
  return write_texts(out, result_rows(out, selection, count), [&](TextWriter to, u32 row) -> u8* {
    const Span text = texts[row];
    const i64 wanted = text.length == 0 || times[row] < 0 ? 0 : times[row];
    // 31 bits each, so that the product does not overflow.
    if (UNLIKELY(wanted > most || wanted * text.length > most)) return TEXT_TOO_LONG;
    for (i64 left = wanted; left > 0; --left) {
      u8* const end = to.copy(text);
      if (end == nullptr) return nullptr;
      to.top = end;
    }
    return to.top;
  });
}

// Filled up to `length` (int64) characters at the start or the end; cut where it has more.
MILLRACE_EXPORT(kernel_text_pad)
u32 kernel_text_pad(u32 at_start, u32 text_at, u32 length_at, u32 fill_at, u32 selection,
                    u32 count) {
  const Column* operands[] = {at<Column>(text_at), at<Column>(length_at), at<Column>(fill_at)};
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, 3)) return address_of(null_column(TYPE_UTF8, length));
  Column* out = new_result(TYPE_UTF8, operands, 3);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(operands[0]);
  const Values<i64> lengths(operands[1]);
  const Spans fills(operands[2]);
  return write_texts(out, result_rows(out, selection, count), [&](TextWriter to, u32 row) {
    return pad(to, texts[row], lengths[row], fills[row], at_start != 0);
  });
}

// The parts between separators, as lists of utf8.
MILLRACE_EXPORT(kernel_text_split)
u32 kernel_text_split(u32 text_at, u32 separator_at, u32 selection, u32 count) {
  const Column* text = at<Column>(text_at);
  const Column* separator = at<Column>(separator_at);
  Column* out = new_result(TYPE_LIST, &text, 1);
  Column* items = new_column(TYPE_UTF8, 0);
  if (out == nullptr || items == nullptr) return KERNEL_FULL;
  if (!is_constant(separator)) out->flags = 0;
  if (is_constant(text) && out->flags == 0) {
    // A list for each row, of one text.
    const Rows all{text->length, nullptr, text->length};
    text = take_column(text, all);
    if (text == nullptr) return KERNEL_FULL;
    out->validity = text->validity;
    out->null_count = text->null_count;
  }
  const u32 stored = is_constant(out) ? 1 : out->length;
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(stored) + 1, 4));
  if (offsets == nullptr) return KERNEL_FULL;
  const Split split{Spans(text), Spans(separator), separator};
  const Rows rows = result_rows(out, selection, count);
  u64 total = 0;
  if (!count_parts(split, out, rows, offsets, total)) return KERNEL_FULL;
  items->length = static_cast<u32>(total);
  out->offsets = address_of(offsets);
  out->children = address_of(items);
  out->child_count = 1;
  return split_rows(split, out, rows, items);
}
