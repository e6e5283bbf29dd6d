// See infer-text.h.
#include "infer-text.h"

#include <string.h>

#include "json-time-text.h"

namespace millrace {
namespace {

constexpr i64 MAX_EXPONENT = 100'000'000;

u32 take_digits(Cursor& cursor) {
  const u8* const begin = cursor.s;
  while (cursor.is_digit()) cursor.s++;
  return static_cast<u32>(cursor.s - begin);
}

u32 clamp_digits(i64 digits) {
  if (digits < 0) return 0;
  return digits > MAX_COUNTED_DIGITS ? MAX_COUNTED_DIGITS : static_cast<u32>(digits);
}

bool take_exponent(Cursor& cursor, i64& exponent) {
  const bool negative = cursor.take('-');
  if (!negative) cursor.take('+');
  const u8* const begin = cursor.s;
  if (take_digits(cursor) == 0) return false;
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

// Digits behind the point: no form has two of them.
u32 digits_behind_point(const u8* text, u32 length) {
  const u8* const point = static_cast<const u8*>(memchr(text, '.', length));
  if (point == nullptr) return 0;
  Cursor cursor{point + 1, text + length};
  return take_digits(cursor);
}

TextForm form_of_duration(Cursor text) {
  i64 micros;
  const u32 code = parse_duration(text, micros);
  if (code == PARSED) return TextForm::DURATION;
  return code == REJECT_MONTHS ? TextForm::MONTHS : TextForm::OTHER;
}

TextForm form_of_moment(Cursor text, TextShape& shape) {
  Moment moment;
  i64 value;
  if (!parse_moment(text, moment)) return TextForm::OTHER;
  const bool is_date = !moment.has_time;
  if (is_date && moment.days != static_cast<i32>(moment.days)) return TextForm::OTHER;
  const bool fits = moment_in_units(TIMESTAMP_US, moment, value);
  if (!is_date && !fits) return TextForm::OTHER;
  shape.beyond_microseconds = !fits;
  shape.beyond_nanoseconds = !moment_in_units(TIMESTAMP_NS, moment, value);
  if (is_date) return TextForm::DATE;
  return moment.has_offset ? TextForm::INSTANT : TextForm::WALL_CLOCK;
}

TextForm form_of_time(Cursor text) {
  i64 micros;
  return parse_time(text, micros) ? TextForm::TIME : TextForm::OTHER;
}

// The forms have no text in common: their third bytes differ, or a letter P.
TextForm form_of(Cursor text, u32 length, TextShape& shape) {
  const bool is_signed = *text.s == '-' || *text.s == '+';
  if (length > 2 && (text.s[is_signed] | 0x20) == 'p') return form_of_duration(text);
  if (length > 2 && text.s[2] == ':') return form_of_time(text);
  return form_of_moment(text, shape);
}

}  // namespace

const u8* scan_number(const u8* s, const u8* end, NumberShape& shape) {
  shape = {};
  Cursor cursor{s, end};
  shape.negative = cursor.take('-');
  const u8* const whole = cursor.s;
  const u32 whole_digits = take_digits(cursor);
  if (whole_digits == 0 || (*whole == '0' && whole_digits > 1)) return nullptr;
  const u8* first = *whole == '0' ? nullptr : whole;  // the first digit that is not zero
  i64 before_point = first == nullptr ? 0 : whole_digits;
  i64 behind_point = 0;
  i64 exponent = 0;
  shape.integer = true;
  if (cursor.take('.')) {
    shape.integer = false;
    const u8* const fraction = cursor.s;
    behind_point = take_digits(cursor);
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
  const Cursor cursor{text, text + length};
  if (cursor.is_digit() || *text == '-') {
    if (scan_number(text, cursor.end, shape.number) == cursor.end) {
      shape.form = TextForm::NUMBER;
      return shape;
    }
  }
  shape.form = form_of(cursor, length, shape);
  if (shape.form != TextForm::OTHER) shape.second_digits = digits_behind_point(text, length);
  return shape;
}

}  // namespace millrace
