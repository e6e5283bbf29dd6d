// Texts as timestamps, by strptime's letters.
//
// A pattern is as in kernels-time-format.cpp, behind one byte that says what makes the day: see
// DayFrom. Names are taken in any case; spaces in front, behind, and runs of them are one.
#include "kernels-bytes.h"
#include "kernels-cast.h"
#include "kernels-time.h"

namespace millrace {
namespace {

constexpr u8 PATTERN_END = 0;
constexpr u8 PATTERN_TEXT = 1;
constexpr u8 UNPADDED = 0x80;

// As in src/operators/functions/time-pattern.ts.
enum DayFrom : u8 {
  DAY_FROM_MONTH = 'd',
  DAY_FROM_DAY_OF_YEAR = 'j',
  DAY_FROM_SUNDAY_WEEK = 'U',
  DAY_FROM_MONDAY_WEEK = 'W',
  DAY_FROM_ISO_WEEK = 'G',
};

const char* const WEEKDAYS[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                "Friday", "Saturday", "Sunday"};
const char* const MONTHS[] = {"January",   "February", "March",    "April",
                              "May",       "June",     "July",     "August",
                              "September", "October",  "November", "December"};

MILLRACE_INLINE bool is_space(u8 byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }
MILLRACE_INLINE u8 lower(u8 byte) { return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte; }

// What letters have said so far.
struct Parsed {
  u32 year = 1900, month = 1, day = 1;
  u32 hour = 0, minute = 0, second = 0, nanos = 0;
  u32 day_of_year = 0, week = 0, iso_year = 1900, iso_week = 1, iso_weekday = 1;
  u32 weekday = 0;  // 0 is Sunday
  bool has_weekday = false;
  u8 half = 0;  // 'a' or 'p'
  i32 offset_seconds = 0;
};

struct Reader {
  const u8* s;
  const u8* end;

  void skip_spaces() {
    while (s < end && is_space(*s)) ++s;
  }

  // At least one digit, at most `most`, from `low` to `high`.
  bool number(u32 most, u32 low, u32 high, u32& value) {
    const u8* const begin = s;
    u32 read = 0;
    for (; s < end && s < begin + most && static_cast<u8>(*s - '0') <= 9; ++s) {
      read = read * 10 + (*s - '0');
    }
    value = read;
    return s > begin && read >= low && read <= high;
  }

  // Nanoseconds: digits behind the point, as many as there are up to `most`.
  bool fraction(u32 most, u32& nanos) {
    const u8* const begin = s;
    if (!number(most, 0, 999'999'999, nanos)) return false;
    for (u32 digits = static_cast<u32>(s - begin); digits < 9; ++digits) nanos *= 10;
    return true;
  }

  // One of the names, or of their first three letters.
  bool name(const char* const* names, u32 count, bool is_short, u32& index) {
    for (index = 0; index < count; ++index) {
      const u32 length = is_short ? 3 : static_cast<u32>(strlen(names[index]));
      if (static_cast<u32>(end - s) < length) continue;
      u32 same = 0;
      while (same < length && lower(s[same]) == lower(static_cast<u8>(names[index][same]))) ++same;
      if (same < length) continue;
      s += length;
      return true;
    }
    return false;
  }

  bool half(u8& half) {
    if (end - s < 2 || lower(s[1]) != 'm') return false;
    half = lower(*s);
    s += 2;
    return half == 'a' || half == 'p';
  }

  // Z, or (+|-)HH[[:]MM[[:]SS]].
  bool offset(i32& seconds) {
    if (s < end && lower(*s) == 'z') {
      ++s;
      seconds = 0;
      return true;
    }
    if (s == end || (*s != '+' && *s != '-')) return false;
    const bool west = *s++ == '-';
    u32 parts[3] = {0, 0, 0};
    for (u32 i = 0; i < 3; ++i) {
      Reader ahead = *this;
      if (i > 0 && ahead.s < end && *ahead.s == ':') ++ahead.s;
      const u8* const digits = ahead.s;
      const bool found = ahead.number(2, 0, i == 0 ? 15 : 59, parts[i]) && ahead.s - digits == 2;
      if (!found && i == 0) return false;
      if (!found) {
        parts[i] = 0;
        break;
      }
      s = ahead.s;
    }
    const i32 total = static_cast<i32>((parts[0] * 60 + parts[1]) * 60 + parts[2]);
    seconds = west ? -total : total;
    return true;
  }

  bool text(const u8* wanted, u32 length) {
    for (u32 i = 0; i < length;) {
      if (s == end) return false;
      if (!is_space(wanted[i])) {
        if (*s++ != wanted[i++]) return false;
        continue;
      }
      if (!is_space(*s)) return false;
      skip_spaces();
      while (i < length && is_space(wanted[i])) ++i;
    }
    return true;
  }
};

bool read_letter(Reader& reader, u8 op, Parsed& to) {
  u32 index;
  switch (op & ~UNPADDED) {
    case 'Y':
      return reader.number(4, 0, 9999, to.year);
    case 'y':
      if (!reader.number(2, 0, 99, to.year)) return false;
      to.year += to.year >= 69 ? 1900 : 2000;
      return true;
    case 'm':
      return reader.number(2, 1, 12, to.month);
    case 'd':
      return reader.number(2, 1, 31, to.day);
    case 'H':
      return reader.number(2, 0, 23, to.hour);
    case 'I':
      return reader.number(2, 1, 12, to.hour);
    case 'M':
      return reader.number(2, 0, 59, to.minute);
    case 'S':
      return reader.number(2, 0, 59, to.second);
    case 'g':
      return reader.fraction(3, to.nanos);
    case 'f':
      return reader.fraction(6, to.nanos);
    case 'n':
      return reader.fraction(9, to.nanos);
    case 'j':
      return reader.number(3, 1, 366, to.day_of_year);
    case 'U':
    case 'W':
      return reader.number(2, 0, 53, to.week);
    case 'w':
      to.has_weekday = true;
      return reader.number(1, 0, 6, to.weekday);
    case 'G':
      return reader.number(4, 0, 9999, to.iso_year);
    case 'V':
      return reader.number(2, 1, 53, to.iso_week);
    case 'u':
      return reader.number(1, 1, 7, to.iso_weekday);
    case 'p':
      return reader.half(to.half);
    case 'b':
    case 'B':
      if (!reader.name(MONTHS, 12, (op & ~UNPADDED) == 'b', index)) return false;
      to.month = index + 1;
      return true;
    case 'a':
    case 'A':
      // Read, but the date says it.
      return reader.name(WEEKDAYS, 7, (op & ~UNPADDED) == 'a', index);
    default:  // 'z'
      return reader.offset(to.offset_seconds);
  }
}

bool read_pattern(Reader& reader, const u8* pattern, Parsed& to) {
  reader.skip_spaces();
  while (*pattern != PATTERN_END) {
    if (*pattern != PATTERN_TEXT) {
      if (!read_letter(reader, *pattern++, to)) return false;
      continue;
    }
    const u32 length = pattern[1] + (pattern[2] << 8);
    if (!reader.text(pattern + 3, length)) return false;
    pattern += 3 + length;
  }
  reader.skip_spaces();
  return reader.s == reader.end;
}

bool day_from(u8 from, const Parsed& parsed, i64& day) {
  switch (from) {
    case DAY_FROM_ISO_WEEK: {
      const i64 january_4 = day_of({parsed.iso_year, 1, 4});
      const i64 first = january_4 - weekday_of(january_4);
      day = first + (parsed.iso_week - 1) * 7 + parsed.iso_weekday - 1;
      return true;
    }
    case DAY_FROM_SUNDAY_WEEK:
    case DAY_FROM_MONDAY_WEEK: {
      const u32 monday = from == DAY_FROM_MONDAY_WEEK;
      const u32 weekday = parsed.has_weekday ? (parsed.weekday + 7 - monday) % 7 : 0;
      const i64 january_1 = day_of({parsed.year, 1, 1});
      i64 first = january_1 - weekday_of(january_1) - (monday ? 0 : 1);
      // Where the year begins with a week, there is no week 0.
      if (first >= january_1) first -= 7;
      day = first + parsed.week * 7 + weekday;
      return true;
    }
    case DAY_FROM_DAY_OF_YEAR:
      day = day_of({parsed.year, 1, 1}) + parsed.day_of_year - 1;
      return true;
    default:
      if (parsed.day > month_days(parsed.year, parsed.month)) return false;
      day = day_of({parsed.year, parsed.month, parsed.day});
      return true;
  }
}

// `pattern` begins with its DayFrom; `units` are a second's.
bool parse(Span text, const u8* pattern, i64 units, i64& value) {
  Reader reader{text.bytes, text.bytes + text.length};
  Parsed parsed;
  if (!read_pattern(reader, pattern + 1, parsed)) return false;
  if (parsed.half != 0) {
    if (parsed.hour > 12) return false;
    parsed.hour = parsed.hour % 12 + (parsed.half == 'p' ? 12 : 0);
  }
  i64 day;
  if (!day_from(*pattern, parsed, day)) return false;
  const i64 of_day = (parsed.hour * 60 + parsed.minute) * 60 + parsed.second;
  const i64 seconds = day * DAY_SECONDS + of_day - parsed.offset_seconds;
  const i64 rest = parsed.nanos / (1000 * MICROS / units);
  const i128 whole = static_cast<i128>(seconds) * units + rest;
  value = static_cast<i64>(whole);
  return fits_int64(whole);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Texts as timestamps of `param`; `misfit` as in kernel_cast.
MILLRACE_EXPORT(kernel_time_parse)
u32 kernel_time_parse(u32 column_at, u32 pattern, u32 param, u32 misfit, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) {
    return address_of(null_column(TYPE_TIMESTAMP, column->length, static_cast<u16>(param)));
  }
  Column* out = result_of(column, TYPE_TIMESTAMP, param);
  if (out == nullptr) return KERNEL_FULL;
  const Rows one = {1, nullptr, count == 0 ? 0u : 1u};
  const Rows rows = is_constant(column) ? one : rows_of(column, selection, count);
  const Spans texts(column);
  const u8* data = at<u8>(pattern);
  const i64 units = units_per_second(param);
  i64* to = at<i64>(out->data);
  Cast cast{column, out, rows, misfit != 0};
  const u32 result = cast.each([=](u32 row) {
    // Texts under nulls are not there to be read.
    return is_valid(column, row) && parse(texts[row], data, units, to[row]);
  });
  // The row of a constant stands for all: the first that is selected names it.
  if (result == KERNEL_FAILED && is_constant(column)) {
    failed_row = rows_of(column, selection, count)[0];
  }
  return result;
}
