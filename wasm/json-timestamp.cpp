// Timestamps in every form; see json-timestamp.h for the grammar.
#include "json-timestamp.h"

#include "json-string.h"

namespace millrace {
namespace {

// Longer text is no timestamp: the longest is 2026-01-15T10:30:00.123456789+01:00.
constexpr i32 LONGEST_TEXT = 40;

// A cursor over text that ends with a zero byte.
struct Text {
  const u8* s;

  bool take(u8 wanted) {
    if (*s != wanted) return false;
    s++;
    return true;
  }

  // Exactly `count` digits.
  bool take_number(u32 count, u32& value) {
    value = 0;
    for (u32 i = 0; i < count; i++, s++) {
      const u32 digit = static_cast<u32>(*s) - '0';
      if (digit > 9) return false;
      value = value * 10 + digit;
    }
    return true;
  }
};

struct Time {
  u32 year, month, day;
  u32 hour, minute, second;
  u32 micros;
  i32 offset_minutes;
};

bool take_fraction(Text& text, Time& time) {
  u32 digits = 0;
  u32 value = 0;
  for (; static_cast<u8>(*text.s - '0') <= 9; text.s++, digits++) {
    if (digits < 6) value = value * 10 + (*text.s - '0');
  }
  if (digits == 0 || digits > 9) return false;
  time.micros = digits < 6 ? value * SMALL_POWERS_OF_TEN[6 - digits] : value;
  return true;
}

bool take_offset(Text& text, Time& time) {
  if (*text.s == 0 || text.take('Z') || text.take('z')) return true;
  const bool west = *text.s == '-';
  if (!west && *text.s != '+') return false;
  text.s++;
  u32 hours, minutes = 0;
  if (!text.take_number(2, hours)) return false;
  const bool colon = text.take(':');
  if ((colon || *text.s != 0) && !text.take_number(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  const i32 total = static_cast<i32>(hours * 60 + minutes);
  time.offset_minutes = west ? -total : total;
  return true;
}

bool take_time(Text& text, Time& time) {
  if (!text.take('T') && !text.take('t') && !text.take(' ')) return false;
  if (!text.take_number(2, time.hour) || !text.take(':')) return false;
  if (!text.take_number(2, time.minute)) return false;
  if (text.take(':')) {
    if (!text.take_number(2, time.second) || time.second > 59) return false;
    if (text.take('.') && !take_fraction(text, time)) return false;
  }
  return take_offset(text, time);
}

bool parse(Text text, i64& value) {
  Time time{};
  if (!text.take_number(4, time.year) || !text.take('-')) return false;
  if (!text.take_number(2, time.month) || !text.take('-')) return false;
  if (!text.take_number(2, time.day)) return false;
  if (*text.s != 0 && !take_time(text, time)) return false;
  if (*text.s != 0) return false;
  if (!is_valid_time(time.year, time.month, time.day, time.hour, time.minute)) return false;
  const i64 days = days_from_civil(static_cast<i32>(time.year), time.month, time.day);
  const i64 minutes = static_cast<i64>(time.hour * 60 + time.minute) - time.offset_minutes;
  value = ((days * 1440 + minutes) * 60 + time.second) * 1'000'000 + time.micros;
  return true;
}

}  // namespace

const u8* read_timestamp_slow(const u8* s, i64& value) {
  const u8* const end = skip_string(s);
  if (end == nullptr) return nullptr;
  // Escapes make the raw text up to six times as long.
  u8 text[6 * LONGEST_TEXT + PADDING];
  u8* out = text;
  if (end - s > 6 * LONGEST_TEXT) return fail(REJECT_TIMESTAMP, s - 1);
  copy_string(s, out);
  *out = 0;
  if (!parse({text}, value)) return fail(REJECT_TIMESTAMP, s - 1);
  return end;
}

}  // namespace millrace
