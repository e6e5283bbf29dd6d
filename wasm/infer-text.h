// What the text of a value looks like: numbers, and strings that stand for something else.
//
// Each grammar is the common part of what the JSON reader takes for the type: what it takes besides
// (a lower case T, a time without a colon in its offset) stays a string here.
#pragma once
#include "abi.h"

namespace millrace {

// Digits are counted up to here: beyond every decimal.
constexpr u32 MAX_COUNTED_DIGITS = 1'000'000;

// A number by RFC 8259's grammar.
struct NumberShape {
  bool negative;
  bool integer;         // neither point nor exponent
  bool fits_u64;        // an integer whose magnitude 64 bits hold
  u64 magnitude;        // of it
  u32 integer_digits;   // before the point, where the exponent has moved it; none for a zero
  u32 fraction_digits;  // behind it, zeros at the end included
};

// Reads the number that begins at `s`; the byte behind it, or nullptr where none does. Nothing at
// or behind `end` is read.
const u8* scan_number(const u8* s, const u8* end, NumberShape& shape);

enum class TextForm : u32 {
  OTHER,
  NUMBER,      // the whole text is a number, of at least one digit
  DATE,        // YYYY-MM-DD
  TIME,        // HH:MM:SS[.f{1,6}]
  DURATION,    // [-]P[nD][T[nH][nM][n[.f{1,6}]S]]
  INSTANT,     // YYYY-MM-DD(T| )HH:MM[:SS[.f{1,9}]](Z|(+|-)HH:MM)
  WALL_CLOCK,  // the same without Z and offset
};

struct TextShape {
  TextForm form;
  NumberShape number;       // of NUMBER
  u32 second_digits;        // behind a second's point
  bool beyond_nanoseconds;  // of INSTANT and WALL_CLOCK: outside of 1678 to 2261
};

TextShape scan_text(const u8* text, u32 length);

}  // namespace millrace
