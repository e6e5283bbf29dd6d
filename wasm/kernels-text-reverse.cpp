// Texts from their last character to their first; marks stay with their letters.
#include "grapheme.h"
#include "text-writer.h"

namespace millrace {

namespace {

constexpr u32 JOINER = 0x200d;
constexpr u32 NON_JOINER = 0x200c;

// How far an Indic conjunct is: a consonant and marks, one of them a linker, the next consonant.
enum Conjunct : u8 { CONJUNCT_NONE, CONJUNCT_BEGUN, CONJUNCT_LINKED };

Conjunct conjunct_after(Conjunct before, GraphemeKind kind, u32 character) {
  if (kind == GRAPHEME_CONSONANT) return CONJUNCT_BEGUN;
  if (before == CONJUNCT_NONE) return CONJUNCT_NONE;
  if (kind == GRAPHEME_LINKER) return CONJUNCT_LINKED;
  const bool mark = kind == GRAPHEME_EXTEND && character != NON_JOINER;
  return mark || character == JOINER ? before : CONJUNCT_NONE;
}

GraphemeKind hangul_kind(u32 character) {
  constexpr u32 TRAILING = 28;
  if (character >= 0xac00 && character <= 0xd7a3) {
    return (character - 0xac00) % TRAILING == 0 ? GRAPHEME_LV : GRAPHEME_LVT;
  }
  const auto within = [=](u32 first, u32 last) { return character >= first && character <= last; };
  if (within(0x1100, 0x115f) || within(0xa960, 0xa97c)) return GRAPHEME_L;
  if (within(0x1160, 0x11a7) || within(0xd7b0, 0xd7c6)) return GRAPHEME_V;
  if (within(0x11a8, 0x11ff) || within(0xd7cb, 0xd7fb)) return GRAPHEME_T;
  return GRAPHEME_OTHER;
}

// Whether two of these stay together.
bool is_syllable(GraphemeKind before, GraphemeKind after) {
  if (before == GRAPHEME_L) {
    return after == GRAPHEME_L || after == GRAPHEME_V || after == GRAPHEME_LV ||
           after == GRAPHEME_LVT;
  }
  if (before == GRAPHEME_LV || before == GRAPHEME_V) {
    return after == GRAPHEME_V || after == GRAPHEME_T;
  }
  return (before == GRAPHEME_LVT || before == GRAPHEME_T) && after == GRAPHEME_T;
}

bool is_ascii(Span text) {
  const u8* s = text.bytes;
  u32 left = text.length;
  for (; left > 16; left -= 16, s += 16) {
    if (wasm_i8x16_bitmask(wasm_v128_load(s)) != 0) return false;
  }
  return (wasm_i8x16_bitmask(wasm_v128_load(s)) & ((1u << left) - 1)) == 0;
}

u8* reverse(const TextWriter& writer, Span text) {
  u8* const out = writer.reserve(text.length);
  if (out == nullptr) return nullptr;
  const u8* s = text.bytes;
  const u8* const end = s + text.length;
  u8* to = out + text.length;
  if (is_ascii(text)) {
    while (s < end) *--to = *s++;
    return out + text.length;
  }
  while (s < end) {
    const u8* const next = grapheme_end(s, end);
    to -= next - s;
    // Not `copy_span`, which writes past the end.
    for (u8* byte = to; s < next;) *byte++ = *s++;
  }
  return out + text.length;
}

}  // namespace

GraphemeKind grapheme_kind(u32 character) {
  if (character < 0x80) {
    return character < 0x20 || character == 0x7f ? GRAPHEME_CONTROL : GRAPHEME_OTHER;
  }
  u32 low = 0;
  u32 high = GRAPHEME_RANGE_COUNT;
  while (low < high) {
    const u32 middle = (low + high) / 2;
    if (GRAPHEME_RANGES[middle].last < character) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool found = low < GRAPHEME_RANGE_COUNT && character >= GRAPHEME_RANGES[low].first;
  return found ? GRAPHEME_RANGES[low].kind : hangul_kind(character);
}

const u8* grapheme_end(const u8* s, const u8* end) {
  u32 character = read_character(s);
  GraphemeKind before = grapheme_kind(character);
  s += character_bytes(*s);
  bool picture = before == GRAPHEME_PICTURE;  // an emoji, and marks since
  bool half = before == GRAPHEME_REGION;      // of a flag
  Conjunct conjunct = conjunct_after(CONJUNCT_NONE, before, character);
  while (s < end) {
    const u32 last = character;
    character = read_character(s);
    const GraphemeKind kind = grapheme_kind(character);
    if (before == GRAPHEME_CONTROL || kind == GRAPHEME_CONTROL) {
      const bool line_end = last == '\r' && character == '\n';
      return line_end ? s + 1 : s;
    }
    const bool extends = kind == GRAPHEME_EXTEND || kind == GRAPHEME_LINKER;
    const bool mark = extends || kind == GRAPHEME_SPACING;
    const bool joined = mark || before == GRAPHEME_PREPEND ||
                        is_syllable(before, kind) ||
                        (kind == GRAPHEME_PICTURE && picture && last == JOINER) ||
                        (kind == GRAPHEME_REGION && before == GRAPHEME_REGION && half) ||
                        (kind == GRAPHEME_CONSONANT && conjunct == CONJUNCT_LINKED);
    if (!joined) return s;
    half = kind == GRAPHEME_REGION && before != GRAPHEME_REGION;
    // An emoji, marks, one joiner.
    const bool goes_on = extends || character == JOINER;
    picture = kind == GRAPHEME_PICTURE || (picture && last != JOINER && goes_on);
    conjunct = conjunct_after(conjunct, kind, character);
    before = kind;
    s += character_bytes(*s);
  }
  return s;
}

}  // namespace millrace

using namespace millrace;

// Graphemes in the opposite order.
MILLRACE_EXPORT(kernel_text_reverse)
u32 kernel_text_reverse(u32 text_at, u32 selection, u32 count) {
  const Column* text = at<Column>(text_at);
  if (is_null_constant(text)) return address_of(null_column(TYPE_UTF8, text->length));
  Column* out = new_result(TYPE_UTF8, &text, 1);
  if (out == nullptr) return KERNEL_FULL;
  const Spans texts(text);
  return write_texts(out, result_rows(out, selection, count),
                     [&](TextWriter to, u32 row) { return reverse(to, texts[row]); });
}
