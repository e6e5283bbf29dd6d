// What a reader takes for one character: a letter with its marks, a flag, a family of emoji.
#pragma once
#include "utf8.h"

namespace millrace {

// Kinds of Unicode's text segmentation, https://unicode.org/reports/tr29, as far as they differ.
enum GraphemeKind : u8 {
  GRAPHEME_OTHER,
  GRAPHEME_EXTEND,   // marks
  GRAPHEME_LINKER,   // marks between two Indic consonants that make them one
  GRAPHEME_SPACING,  // marks behind which an emoji is not joined any more, and the joiner
  GRAPHEME_PREPEND,  // sticks to what follows
  GRAPHEME_CONTROL,
  GRAPHEME_PICTURE,  // emoji
  GRAPHEME_REGION,   // letters of which two are a flag
  GRAPHEME_L,        // Hangul: leading consonants, vowels, trailing consonants, syllables
  GRAPHEME_V,
  GRAPHEME_T,
  GRAPHEME_LV,
  GRAPHEME_LVT,
  GRAPHEME_CONSONANT,  // of Indic scripts
};

// Characters `first` to `last`, both inclusive.
struct GraphemeRange {
  u32 first;
  u32 last;
  GraphemeKind kind;
};

// grapheme-table.cpp, written by tools/grapheme-table.ts; ascending.
extern const GraphemeRange GRAPHEME_RANGES[];
extern const u32 GRAPHEME_RANGE_COUNT;

GraphemeKind grapheme_kind(u32 character);

// Behind the first grapheme of [s, end), which is not empty.
const u8* grapheme_end(const u8* s, const u8* end);

}  // namespace millrace
