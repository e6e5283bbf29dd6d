// Dates, times and timestamps as text, by strftime's letters.
//
// A pattern is what src/operators/functions/time-pattern.ts makes of one, see there:
//
//   0x01 u16 length, bytes   literal text
//   letter                   what strftime has under it; | 0x80: without leading zeros
//   0x00                     the end
#include "digits.h"
#include "kernels-bytes.h"
#include "kernels-time.h"

namespace millrace {
namespace {

constexpr u8 PATTERN_END = 0;
constexpr u8 PATTERN_TEXT = 1;
constexpr u8 UNPADDED = 0x80;

const char* const WEEKDAYS[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                "Friday", "Saturday", "Sunday"};
const char* const MONTHS[] = {"January",   "February", "March",    "April",
                              "May",       "June",     "July",     "August",
                              "September", "October",  "November", "December"};

// A value taken apart; `nanos` are those of the second.
struct Moment {
  i64 day;
  Civil date;
  u32 hour, minute, second, nanos;
  bool zoned;
};

u8* write_text(u8* out, const char* text, u32 length) {
  memcpy(out, text, length);
  return out + length;
}
u8* write_name(u8* out, const char* name) {
  return write_text(out, name, static_cast<u32>(strlen(name)));
}

// `digits` digits; one: as many as there are.
MILLRACE_INLINE u8* write_number(u8* out, u32 value, u32 digits) {
  if (digits == 2) return write_pair(out, value);
  if (digits == 1) return write_uint64(out, value);
  for (u32 i = digits; i > 0; value /= 10) out[--i] = static_cast<u8>('0' + value % 10);
  return out + digits;
}

// Four digits from 0 to 9999; else as many as there are, with a sign where it is negative.
u8* write_year(u8* out, i64 year) {
  if (LIKELY(year >= 0 && year < 10000)) return write_four(out, static_cast<u32>(year));
  if (year < 0) *out++ = '-';
  return write_uint64(out, static_cast<u64>(__builtin_llabs(year)));
}

u32 day_of_year(const Moment& at) {
  return static_cast<u32>(at.day - day_of({at.date.year, 1, 1}));
}

// Weeks that began in the year, on the weekday `first` (0 is Monday).
u32 week_of_year(const Moment& at, u32 first) {
  const u32 weekday = static_cast<u32>(weekday_of(at.day) + 7 - first) % 7;
  return (day_of_year(at) + 7 - weekday) / 7;
}

u32 hour_of_twelve(const Moment& at) { return at.hour % 12 == 0 ? 12 : at.hour % 12; }

// Not inline: a compiler moves what all letters need out of the loop over a pattern.
MILLRACE_NOINLINE u8* write_letter(u8* out, u8 op, const Moment& at) {
  const u32 two = op & UNPADDED ? 1 : 2;
  switch (op & ~UNPADDED) {
    case 'Y':
      return write_year(out, at.date.year);
    case 'y':
      return write_number(out, static_cast<u32>(__builtin_llabs(at.date.year) % 100), two);
    case 'm':
      return write_number(out, at.date.month, two);
    case 'd':
      return write_number(out, at.date.day, two);
    case 'H':
      return write_number(out, at.hour, two);
    case 'I':
      return write_number(out, hour_of_twelve(at), two);
    case 'p':
      return write_text(out, at.hour < 12 ? "AM" : "PM", 2);
    case 'M':
      return write_number(out, at.minute, two);
    case 'S':
      return write_number(out, at.second, two);
    case 'g':
      return write_number(out, at.nanos / 1'000'000, 3);
    case 'f':
      return write_number(out, at.nanos / 1000, 6);
    case 'n':
      return write_number(out, at.nanos, 9);
    case 'j':
      return write_number(out, day_of_year(at) + 1, op & UNPADDED ? 1 : 3);
    case 'b':
      return write_text(out, MONTHS[at.date.month - 1], 3);
    case 'B':
      return write_name(out, MONTHS[at.date.month - 1]);
    case 'a':
      return write_text(out, WEEKDAYS[weekday_of(at.day)], 3);
    case 'A':
      return write_name(out, WEEKDAYS[weekday_of(at.day)]);
    case 'w':
      return write_number(out, static_cast<u32>(weekday_of(at.day) + 1) % 7, 1);
    case 'u':
      return write_number(out, static_cast<u32>(weekday_of(at.day) + 1), 1);
    case 'U':
      return write_number(out, week_of_year(at, 6), 2);
    case 'W':
      return write_number(out, week_of_year(at, 0), 2);
    case 'V':
      return write_number(out, static_cast<u32>(iso_week_of(at.day).week), 2);
    case 'G':
      return write_year(out, iso_week_of(at.day).year);
    case 'z':
      return write_text(out, "+00", 3);
    default:  // 'Z'
      return at.zoned ? write_text(out, "UTC", 3) : out;
  }
}

u8* write_moment(u8* out, const u8* pattern, const Moment& at) {
  for (; *pattern != PATTERN_END;) {
    if (*pattern != PATTERN_TEXT) {
      out = write_letter(out, *pattern++, at);
      continue;
    }
    const u32 length = pattern[1] + (pattern[2] << 8);
    copy_span(out, {pattern + 3, length});
    out += length;
    pattern += 3 + length;
  }
  return out;
}

// `rest`: units of the day.
template <typename Unit>
Moment moment_of(Unit, i64 day, i64 rest, bool zoned) {
  const u32 second = static_cast<u32>(rest / Unit::second);
  const u32 fraction = static_cast<u32>(rest - second * Unit::second);
  const u32 nanos = fraction * static_cast<u32>(1000 * MICROS / Unit::second);
  return {day, civil_of(day), second / 3600, second / 60 % 60, second % 60, nanos, zoned};
}

Moment moment_at(const Column* column, u32 row) {
  const u32 i = is_constant(column) ? 0 : row;
  if (column->type == TYPE_DATE) {
    return moment_of(TimeUnit<1>{}, at<i32>(column->data)[i], 0, false);
  }
  const i64 value = at<i64>(column->data)[i];
  const bool zoned = column->type == TYPE_TIMESTAMP && !(column->param & TIMESTAMP_LOCAL);
  return with_unit(column->param, [=](auto unit) {
    return moment_of(unit, floor_div(value, unit.day), floor_mod(value, unit.day), zoned);
  });
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Every value by the pattern at `pattern_at`, which writes at most `most` bytes.
MILLRACE_EXPORT(kernel_time_format)
u32 kernel_time_format(u32 column_at, u32 pattern_at, u32 most, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) return address_of(null_column(TYPE_UTF8, column->length));
  Column* out = new_column(TYPE_UTF8, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  out->validity = column->validity;
  out->null_count = column->null_count;
  const u32 stored = is_constant(column) ? 1 : column->length;
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(stored) + 1, 4));
  if (offsets == nullptr) return KERNEL_FULL;
  const u32 before = arena_mark();
  u8* data = static_cast<u8*>(arena_array(static_cast<u64>(rows.count) * most + 16, 1));
  if (data == nullptr) return KERNEL_FULL;
  u8* end = data;
  u32 filled = 0;
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    // Rows that are left out are empty.
    while (filled <= row) offsets[filled++] = static_cast<i32>(end - data);
    if (is_valid(column, row)) end = write_moment(end, at<u8>(pattern_at), moment_at(column, row));
  }
  while (filled <= stored) offsets[filled++] = static_cast<i32>(end - data);
  out->data = address_of(data);
  out->offsets = address_of(offsets);
  out->data_length = static_cast<u32>(end - data);
  // What was not needed is given back.
  arena_rewind(before);
  arena_alloc(out->data_length + 1);
  return address_of(out);
}
