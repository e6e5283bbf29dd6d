// What the text of a value looks like: numbers, and strings that stand for something else.
//
// Dates, times, timestamps and durations are what the JSON reader takes for those: its own parsers
// read them here (json-time-text.h).
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

// Reads the number that begins at `s`; the byte behind it, or nullptr where none does. The byte at
// `end` is readable, and not part of a number.
const u8* scan_number(const u8* s, const u8* end, NumberShape& shape);

enum class TextForm : u32 {
  OTHER,
  NUMBER,      // the whole text is a number, of at least one digit
  DATE,        // without a time, of days that 32 bits hold
  TIME,
  DURATION,
  MONTHS,      // a duration but for its years or months, of which no column can be
  INSTANT,     // a timestamp with Z or an offset, which 64 bits of microseconds hold
  WALL_CLOCK,  // the same without them
};

struct TextShape {
  TextForm form;
  NumberShape number;       // of NUMBER
  u32 second_digits;        // digits behind the point of all but NUMBER
  // Of DATE, INSTANT and WALL_CLOCK: 64 bits of nanoseconds do not hold it.
  bool beyond_nanoseconds;
  // Of DATE: nor do those of microseconds.
  bool beyond_microseconds;
};

// The byte behind the text is zero, or a quote.
TextShape scan_text(const u8* text, u32 length);

}  // namespace millrace
