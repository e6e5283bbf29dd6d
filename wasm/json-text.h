// Values that are written as strings: their text as it is meant, and a cursor over it.
#pragma once
#include "json-string.h"

namespace millrace {

// The text [begin, end); the byte at `end` is readable, and it is a quote or zero.
struct TextValue {
  const u8* begin;
  const u8* end;
  const u8* behind;  // the byte behind the string in the message; nullptr where it failed
  u32 mark;
};

// The string at `s`, behind the opening quote: where it has no escapes, its bytes in the message,
// else a copy in the arena until close_text.
MILLRACE_NOINLINE TextValue open_text(const u8* s);
MILLRACE_INLINE void close_text(const TextValue& text) { arena_rewind(text.mark); }

struct Cursor {
  const u8* s;
  const u8* end;

  bool at_end() const { return s == end; }
  bool is_digit() const { return static_cast<u8>(*s - '0') <= 9; }

  bool take(u8 wanted) {
    if (*s != wanted) return false;
    s++;
    return true;
  }
  // An ASCII letter in either case; `wanted` is the lower one.
  bool take_letter(u8 wanted) {
    if ((*s | 0x20) != wanted) return false;
    s++;
    return true;
  }
  // Exactly `count` digits.
  bool take_number(u32 count, u32& value) {
    value = 0;
    for (u32 i = 0; i < count; i++, s++) {
      if (!is_digit()) return false;
      value = value * 10 + (*s - '0');
    }
    return true;
  }
  // One to nine digits behind a point, as billionths.
  bool take_fraction(u32& billionths) {
    u32 digits = 0;
    for (billionths = 0; is_digit() && digits < 10; s++, digits++) {
      if (digits < 9) billionths = billionths * 10 + (*s - '0');
    }
    if (digits == 0 || digits > 9) return false;
    for (; digits < 9; digits++) billionths *= 10;
    return true;
  }
};

}  // namespace millrace
