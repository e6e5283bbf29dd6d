// SQL's like, by a pattern that was taken apart once.
//
// A pattern is segments between its %: the first stands at the start of the text, the last at its
// end, and each one between where it is found first behind the one before it. That is enough, as
// what is found first leaves the most for the rest; so no choice is ever taken back, and a text
// costs at most its length times that of the pattern.
#include "find-bytes.h"
#include "text-writer.h"
#include "utf8.h"

namespace millrace {
namespace {

// Text without %, where `any` marks the bytes that stand for any character.
struct Segment {
  const u8* bytes;
  const u8* any;
  u32 length;
  u32 characters;
  bool plain;  // no `any` in it
};

struct LikePattern {
  u32 count;
  Segment segments[];
};

// Behind the segment where it stands at `s`, else nullptr.
MILLRACE_INLINE const u8* match_at(const Segment& segment, const u8* s, const u8* end) {
  if (segment.plain) {
    if (static_cast<u64>(end - s) < segment.length) return nullptr;
    return memcmp(s, segment.bytes, segment.length) == 0 ? s + segment.length : nullptr;
  }
  for (u32 i = 0; i < segment.length; ++i) {
    if (s >= end) return nullptr;
    if (segment.any[i]) {
      s += character_bytes(*s);
    } else if (*s++ != segment.bytes[i]) {
      return nullptr;
    }
  }
  return s;
}

// Behind the first place from `s` on where the segment is.
const u8* find_segment(const Segment& segment, const u8* s, const u8* end) {
  if (segment.plain) {
    const u8* found = find_bytes(s, end, {segment.bytes, segment.length});
    return found == nullptr ? nullptr : found + segment.length;
  }
  for (; s < end; s += character_bytes(*s)) {
    const u8* const behind = match_at(segment, s, end);
    if (behind != nullptr) return behind;
  }
  return nullptr;
}

bool is_like(const LikePattern& pattern, Span text) {
  const u8* const end = text.bytes + text.length;
  const u8* s = match_at(pattern.segments[0], text.bytes, end);
  if (s == nullptr) return false;
  const u32 last = pattern.count - 1;
  if (last == 0) return s == end;
  for (u32 i = 1; i < last; ++i) {
    s = find_segment(pattern.segments[i], s, end);
    if (s == nullptr) return false;
  }
  const Segment& tail = pattern.segments[last];
  const u8* from = end - tail.length;
  if (!tail.plain) {
    // Its place is as many characters before the end.
    from = back_characters(s, end, tail.characters);
  } else if (static_cast<u64>(end - s) < tail.length) {
    return false;
  }
  return match_at(tail, from, end) == end;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A pattern in the state heap: `bytes` and, of as many, `kinds`: 0 the byte itself, 1 any one
// character, 2 any text. Both live as long as the pattern. Answers 0 where the heap is full.
MILLRACE_EXPORT(like_new) u32 like_new(u32 bytes_at, u32 kinds_at, u32 length) {
  const u8* bytes = at<u8>(bytes_at);
  const u8* kinds = at<u8>(kinds_at);
  u32 count = 1;
  for (u32 i = 0; i < length; ++i) count += kinds[i] == 2;
  const u32 size = sizeof(LikePattern) + count * sizeof(Segment);
  LikePattern* pattern = static_cast<LikePattern*>(state_alloc(size));
  if (pattern == nullptr) return 0;
  pattern->count = count;
  Segment* segment = pattern->segments;
  *segment = {bytes, kinds, 0, 0, true};
  for (u32 i = 0; i < length; ++i) {
    if (kinds[i] == 2) {
      *++segment = {bytes + i + 1, kinds + i + 1, 0, 0, true};
      continue;
    }
    segment->length++;
    segment->characters += kinds[i] == 1 || !is_tail(bytes[i]);
    segment->plain &= kinds[i] == 0;
  }
  return address_of(pattern);
}

// Whether texts are like the pattern.
MILLRACE_EXPORT(kernel_like)
u32 kernel_like(u32 column_at, u32 pattern_at, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) return address_of(null_column(TYPE_BOOL, column->length));
  Column* out = new_fixed_column(TYPE_BOOL, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const LikePattern& pattern = *at<LikePattern>(pattern_at);
  const Spans texts(column);
  const Rows rows = result_rows(out, selection, count);
  const auto test = [&](u32 row) { return is_like(pattern, texts[row]); };
  if (rows.selection == nullptr) {
    fill_bits_dense(at<u64>(out->data), rows.count, 0, test);
  } else {
    fill_bits_sparse(at<u64>(out->data), rows.selection, rows.count, 0, test);
  }
  return address_of(out);
}
