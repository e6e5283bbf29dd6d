// Timestamps and dates in every form; see json-timestamp.h for the grammar.
#include "json-timestamp.h"

#include "json-time-text.h"

namespace millrace {
namespace {

constexpr i32 YEAR_DIGITS_MIN = 6;
constexpr i32 YEAR_DIGITS_MAX = 12;

// YYYY, or a sign and 6 to 12 digits.
bool take_year(Cursor& text, i64& year) {
  const bool negative = *text.s == '-';
  if (!negative && *text.s != '+') {
    u32 digits;
    if (!text.take_number(4, digits)) return false;
    year = digits;
    return true;
  }
  text.s++;
  const u8* const first = text.s;
  for (year = 0; text.is_digit() && text.s - first <= YEAR_DIGITS_MAX; text.s++) {
    year = year * 10 + (*text.s - '0');
  }
  const i32 digits = static_cast<i32>(text.s - first);
  if (negative) year = -year;
  return digits >= YEAR_DIGITS_MIN && digits <= YEAR_DIGITS_MAX;
}

bool take_date(Cursor& text, i64& days) {
  i64 year;
  u32 month, day;
  if (!take_year(text, year) || !text.take('-') || !text.take_number(2, month)) return false;
  if (!text.take('-') || !text.take_number(2, day)) return false;
  const i64 era = floor_div(year, ERA_YEARS);
  const u32 year_of_era = static_cast<u32>(year - era * ERA_YEARS);
  if (!is_valid_time(year_of_era, month, day, 0, 0)) return false;
  days = era * ERA_DAYS + day_in_era(year_of_era, month, day);
  return true;
}

bool take_offset(Cursor& text, Moment& moment) {
  moment.has_offset = !text.at_end();
  if (!moment.has_offset || text.take_letter('z')) return true;
  const bool west = *text.s == '-';
  if (!west && *text.s != '+') return false;
  text.s++;
  u32 hours, minutes = 0;
  if (!text.take_number(2, hours)) return false;
  const bool colon = text.take(':');
  if ((colon || !text.at_end()) && !text.take_number(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  const i32 total = static_cast<i32>(hours * 60 + minutes) * 60;
  moment.second_of_day += west ? total : -total;
  return true;
}

bool take_time(Cursor& text, Moment& moment) {
  u32 hour, minute, second = 0;
  if (!text.take_letter('t') && !text.take(' ')) return false;
  if (!text.take_number(2, hour) || !text.take(':') || !text.take_number(2, minute)) return false;
  if (text.take(':')) {
    if (!text.take_number(2, second)) return false;
    if (text.take('.') && !text.take_fraction(moment.nanos)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  moment.second_of_day = hour * 3600 + minute * 60 + second;
  return take_offset(text, moment);
}

// A power of ten in units per second, and in nanoseconds per unit.
u32 digits_of_unit(u32 param) {
  switch (param & TIMESTAMP_UNIT_MASK) {
    case TIMESTAMP_S:
      return 0;
    case TIMESTAMP_MS:
      return 3;
    case TIMESTAMP_NS:
      return 9;
    default:
      return 6;
  }
}

// False where the unit cannot tell it.
bool to_units(u32 param, i64 days, i64 second_of_day, u32 nanos, i64& value) {
  constexpr u32 POWERS[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
                            1000000000};
  const u32 digits = digits_of_unit(param);
  const __int128 seconds = static_cast<__int128>(days) * 86400 + second_of_day;
  const __int128 units = seconds * POWERS[digits] + nanos / POWERS[9 - digits];
  value = static_cast<i64>(units);
  return value == units;
}

// Like read_timestamp in json-timestamp.h, for all units; false where the form is another.
bool read_common(u32 param, const u8* s, i64& value, const u8*& behind) {
  i64 second;
  if (!read_common_second(s, second)) return false;
  Cursor rest{s + 19, nullptr};
  u32 nanos = 0;
  if (rest.take('.') && !rest.take_fraction(nanos)) return false;
  if (!(param & TIMESTAMP_LOCAL) && !rest.take('Z')) return false;
  if (*rest.s != '"') return false;
  behind = rest.s + 1;
  return to_units(param, 0, second, nanos, value);
}

}  // namespace

bool parse_date(Cursor text, i64& days) { return take_date(text, days) && text.at_end(); }

bool parse_moment(Cursor text, Moment& moment) {
  moment = {};
  if (!take_date(text, moment.days)) return false;
  moment.has_time = !text.at_end();
  return (!moment.has_time || take_time(text, moment)) && text.at_end();
}

bool moment_in_units(u32 param, const Moment& moment, i64& value) {
  return to_units(param, moment.days, moment.second_of_day, moment.nanos, value);
}

const u8* read_timestamp_text(u32 param, const u8* s, i64& value) {
  const u8* behind;
  if (LIKELY(read_common(param, s, value, behind))) return behind;
  const TextValue text = open_text(s);
  if (UNLIKELY(text.behind == nullptr)) return nullptr;
  Moment moment;
  const bool parsed = parse_moment({text.begin, text.end}, moment);
  close_text(text);
  if (!parsed) return fail(REJECT_TIMESTAMP, s - 1);
  if ((param & TIMESTAMP_LOCAL) && moment.has_offset) return fail(REJECT_OFFSET, s - 1);
  if (!moment_in_units(param, moment, value)) return fail(REJECT_RANGE, s - 1);
  return text.behind;
}

const u8* read_timestamp_number(u32 param, const u8* s, i64& value) {
  return read_scaled_integer(s, static_cast<i32>(digits_of_unit(param)) - 3, true, value);
}

const u8* read_date(const u8* s, i32& value) {
  const TextValue text = open_text(s);
  if (UNLIKELY(text.behind == nullptr)) return nullptr;
  i64 days;
  const bool parsed = parse_date({text.begin, text.end}, days);
  close_text(text);
  if (!parsed) return fail(REJECT_DATE, s - 1);
  value = static_cast<i32>(days);
  return value == days ? text.behind : fail(REJECT_RANGE, s - 1);
}

}  // namespace millrace
