// See json-duration.h for the grammars.
#include "json-duration.h"

#include "json-number.h"
#include "json-time-text.h"

namespace millrace {
namespace {

constexpr i64 SECOND = 1'000'000;
// A part that is larger is out of range whatever its unit.
constexpr i64 MAX_COUNT = INT64_MAX / 100;

struct Unit {
  u8 letter;
  i64 micros;
};
constexpr Unit DATE_UNITS[] = {{'w', 7 * 86400 * SECOND}, {'d', 86400 * SECOND}};
constexpr Unit TIME_UNITS[] = {{'h', 3600 * SECOND}, {'m', 60 * SECOND}, {'s', SECOND}};

bool take_sign(Cursor& text) {
  if (text.take('-')) return true;
  text.take('+');
  return false;
}

class Duration {
 public:
  explicit Duration(Cursor text) : text_(text) {}

  u32 parse(i64& value) {
    const bool negative = take_sign(text_);
    if (!text_.take_letter('p')) return REJECT_DURATION;
    u32 code = take_parts(DATE_UNITS, 2, false);
    if (code == PARSED && text_.take_letter('t')) {
      const u32 before = parts_;
      code = take_parts(TIME_UNITS, 3, true);
      if (code == PARSED && parts_ == before) return REJECT_DURATION;
    }
    if (code != PARSED) return code;
    if (parts_ == 0 || !text_.at_end()) return REJECT_DURATION;
    const __int128 total = negative ? -total_ : total_;
    value = static_cast<i64>(total);
    return value == total && !overflow_ ? PARSED : REJECT_RANGE;
  }

 private:
  // Parts in the order of their units, each at most once, up to `T` or the end.
  u32 take_parts(const Unit* units, u32 count, bool is_time) {
    for (u32 next = 0; !text_.at_end() && (*text_.s | 0x20) != 't';) {
      if (has_fraction_) return REJECT_DURATION;  // only the last part may have one
      i64 number;
      u32 billionths = 0;
      const bool negative = take_sign(text_);
      if (!take_count(number)) return REJECT_DURATION;
      if (text_.take('.')) {
        has_fraction_ = true;
        if (!is_time || !text_.take_fraction(billionths)) return REJECT_DURATION;
      }
      const u8 letter = *text_.s | 0x20;
      if (letter == 'y' || (letter == 'm' && !is_time)) return REJECT_MONTHS;
      while (next < count && units[next].letter != letter) next++;
      if (next == count) return REJECT_DURATION;
      add(units[next++].micros, number, billionths, negative);
      text_.s++;
    }
    return PARSED;
  }

  bool take_count(i64& number) {
    if (!text_.is_digit()) return false;
    for (number = 0; text_.is_digit(); text_.s++) {
      if (number <= MAX_COUNT) number = number * 10 + (*text_.s - '0');
    }
    return true;
  }

  void add(i64 micros, i64 number, u32 billionths, bool negative) {
    const u64 fraction = static_cast<u64>(micros) * billionths / 1'000'000'000;
    const __int128 part = static_cast<__int128>(number) * micros + static_cast<i64>(fraction);
    total_ += negative ? -part : part;
    overflow_ |= number > MAX_COUNT;
    parts_++;
  }

  Cursor text_;
  __int128 total_ = 0;
  u32 parts_ = 0;
  bool has_fraction_ = false;
  bool overflow_ = false;
};

}  // namespace

bool parse_time(Cursor text, i64& value) {
  u32 hour, minute, second = 0, nanos = 0;
  if (!text.take_number(2, hour) || !text.take(':') || !text.take_number(2, minute)) return false;
  if (text.take(':')) {
    if (!text.take_number(2, second)) return false;
    if (text.take('.') && !text.take_fraction(nanos)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59 || !text.at_end()) return false;
  value = static_cast<i64>(hour * 3600 + minute * 60 + second) * SECOND + nanos / 1000;
  return true;
}

u32 parse_duration(Cursor text, i64& value) { return Duration(text).parse(value); }

const u8* read_time(const u8* s, i64& value) {
  const TextValue text = open_text(s);
  if (UNLIKELY(text.behind == nullptr)) return nullptr;
  const bool parsed = parse_time({text.begin, text.end}, value);
  close_text(text);
  return parsed ? text.behind : fail(REJECT_TIME, s - 1);
}

const u8* read_duration(const u8* s, i64& value) {
  const TextValue text = open_text(s);
  if (UNLIKELY(text.behind == nullptr)) return nullptr;
  const u32 code = parse_duration({text.begin, text.end}, value);
  close_text(text);
  return code == PARSED ? text.behind : fail(code, s - 1);
}

const u8* read_duration_number(const u8* s, i64& value) {
  return read_scaled_integer(s, 3, false, value);
}

}  // namespace millrace
