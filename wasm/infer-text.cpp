// See infer-text.h.
#include "infer-text.h"

#include "json-timestamp.h"

namespace millrace {
namespace {

// The longest form: 2026-01-15T10:30:00.123456789+01:00; durations are bounded by their digits.
constexpr u32 LONGEST_TIME = 64;
// Days, hours, minutes and seconds of so many digits are microseconds that 64 bits hold.
constexpr u32 MAX_DURATION_DIGITS = 7;
constexpr i64 MAX_EXPONENT = 100'000'000;

MILLRACE_INLINE bool is_digit(u8 byte) { return static_cast<u8>(byte - '0') <= 9; }

// A cursor over text that ends at `end`.
struct Cursor {
  const u8* s;
  const u8* end;

  bool done() const { return s == end; }
  bool take(u8 wanted) {
    if (s == end || *s != wanted) return false;
    s++;
    return true;
  }
  u32 take_digits() {
    const u8* const begin = s;
    while (s != end && is_digit(*s)) s++;
    return static_cast<u32>(s - begin);
  }
  // Exactly `count` digits.
  bool take_number(u32 count, u32& value) {
    value = 0;
    for (u32 i = 0; i < count; i++, s++) {
      if (s == end || !is_digit(*s)) return false;
      value = value * 10 + (*s - '0');
    }
    return true;
  }
};

u32 clamp_digits(i64 digits) {
  if (digits < 0) return 0;
  return digits > MAX_COUNTED_DIGITS ? MAX_COUNTED_DIGITS : static_cast<u32>(digits);
}

bool take_exponent(Cursor& cursor, i64& exponent) {
  const bool negative = cursor.take('-');
  if (!negative) cursor.take('+');
  const u8* const begin = cursor.s;
  if (cursor.take_digits() == 0) return false;
  for (const u8* s = begin; s != cursor.s; s++) {
    if (exponent < MAX_EXPONENT) exponent = exponent * 10 + (*s - '0');
  }
  if (negative) exponent = -exponent;
  return true;
}

void read_magnitude(const u8* digits, u32 count, NumberShape& shape) {
  shape.fits_u64 = count <= 20;
  for (u32 i = 0; i < count && shape.fits_u64; i++) {
    const u32 digit = digits[i] - '0';
    shape.fits_u64 = shape.magnitude <= (UINT64_MAX - digit) / 10;
    if (shape.fits_u64) shape.magnitude = shape.magnitude * 10 + digit;
  }
}

bool take_date(Cursor& cursor, u32& year) {
  u32 month, day;
  return cursor.take_number(4, year) && cursor.take('-') && cursor.take_number(2, month) &&
         cursor.take('-') && cursor.take_number(2, day) && year > 0 &&
         is_valid_time(year, month, day, 0, 0);
}

// HH:MM[:SS[.f+]], of at most `most` digits behind the point.
bool take_time(Cursor& cursor, u32 most, bool needs_seconds, u32& second_digits) {
  u32 hour, minute, second;
  if (!cursor.take_number(2, hour) || !cursor.take(':')) return false;
  if (!cursor.take_number(2, minute) || hour > 23 || minute > 59) return false;
  if (!cursor.take(':')) return !needs_seconds;
  if (!cursor.take_number(2, second) || second > 59) return false;
  if (!cursor.take('.')) return true;
  second_digits = cursor.take_digits();
  return second_digits > 0 && second_digits <= most;
}

// Z or an offset; `present` is false where there is neither.
bool take_zone(Cursor& cursor, bool& present) {
  present = !cursor.done();
  if (!present || cursor.take('Z')) return true;
  if (!cursor.take('+') && !cursor.take('-')) return false;
  u32 hours, minutes;
  return cursor.take_number(2, hours) && cursor.take(':') && cursor.take_number(2, minutes) &&
         hours < 24 && minutes < 60;
}

void scan_date(Cursor cursor, TextShape& shape) {
  u32 year;
  if (!take_date(cursor, year)) return;
  if (cursor.done()) {
    shape.form = TextForm::DATE;
    return;
  }
  if (!cursor.take('T') && !cursor.take(' ')) return;
  bool zone;
  if (!take_time(cursor, 9, false, shape.second_digits)) return;
  if (!take_zone(cursor, zone) || !cursor.done()) return;
  shape.form = zone ? TextForm::INSTANT : TextForm::WALL_CLOCK;
  shape.beyond_nanoseconds = year < 1678 || year > 2261;
}

void scan_time(Cursor cursor, TextShape& shape) {
  if (!take_time(cursor, 6, true, shape.second_digits) || !cursor.done()) return;
  shape.form = TextForm::TIME;
}

// One part of a duration: digits and its letter. False where what follows is no such part.
bool take_part(Cursor& cursor, u8 letter, u32& parts) {
  Cursor ahead = cursor;
  const u32 digits = ahead.take_digits();
  if (digits == 0 || digits > MAX_DURATION_DIGITS || !ahead.take(letter)) return false;
  cursor = ahead;
  parts++;
  return true;
}

void scan_duration(Cursor cursor, TextShape& shape) {
  cursor.take('-');
  if (!cursor.take('P')) return;
  u32 parts = 0;
  take_part(cursor, 'D', parts);
  if (cursor.take('T')) {
    const u32 before = parts;
    take_part(cursor, 'H', parts);
    take_part(cursor, 'M', parts);
    if (!take_part(cursor, 'S', parts) && !cursor.done()) {
      const u32 whole = cursor.take_digits();
      if (whole == 0 || whole > MAX_DURATION_DIGITS || !cursor.take('.')) return;
      shape.second_digits = cursor.take_digits();
      if (shape.second_digits == 0 || shape.second_digits > 6 || !cursor.take('S')) return;
      parts++;
    }
    if (parts == before) return;
  }
  if (parts > 0 && cursor.done()) shape.form = TextForm::DURATION;
}

}  // namespace

const u8* scan_number(const u8* s, const u8* end, NumberShape& shape) {
  shape = {};
  Cursor cursor{s, end};
  shape.negative = cursor.take('-');
  const u8* const whole = cursor.s;
  const u32 whole_digits = cursor.take_digits();
  if (whole_digits == 0 || (*whole == '0' && whole_digits > 1)) return nullptr;
  const u8* first = *whole == '0' ? nullptr : whole;  // the first digit that is not zero
  i64 before_point = first == nullptr ? 0 : whole_digits;
  i64 behind_point = 0;
  i64 exponent = 0;
  shape.integer = true;
  if (cursor.take('.')) {
    shape.integer = false;
    const u8* const fraction = cursor.s;
    behind_point = cursor.take_digits();
    if (behind_point == 0) return nullptr;
    for (const u8* digit = fraction; first == nullptr && digit != cursor.s; digit++) {
      if (*digit != '0') first = digit;
      else before_point--;
    }
  }
  if (cursor.take('e') || cursor.take('E')) {
    shape.integer = false;
    if (!take_exponent(cursor, exponent)) return nullptr;
  }
  if (first != nullptr) {
    shape.integer_digits = clamp_digits(before_point + exponent);
    shape.fraction_digits = clamp_digits(behind_point - exponent);
  }
  if (shape.integer) read_magnitude(whole, whole_digits, shape);
  return cursor.s;
}

TextShape scan_text(const u8* text, u32 length) {
  TextShape shape{};
  if (length == 0) return shape;
  const Cursor cursor{text, text + length};
  if (is_digit(*text) || *text == '-') {
    if (scan_number(text, cursor.end, shape.number) == cursor.end) {
      shape.form = TextForm::NUMBER;
      return shape;
    }
  }
  if (length > LONGEST_TIME) return shape;
  if (*text == 'P' || *text == '-') scan_duration(cursor, shape);
  if (length >= 10 && text[4] == '-') scan_date(cursor, shape);
  if (length >= 8 && text[2] == ':') scan_time(cursor, shape);
  return shape;
}

}  // namespace millrace
