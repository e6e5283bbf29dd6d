// Dates, times, timestamps and durations from texts; see text-values.h for the grammar.
#include "json-timestamp.h"
#include "text-values.h"

namespace millrace {
namespace {

constexpr i64 SECOND = 1'000'000;
constexpr i64 MINUTE = 60 * SECOND;
constexpr i64 HOUR = 60 * MINUTE;
constexpr i64 DAY = 24 * HOUR;

// A text that is read from its start, spaces before it left out.
struct Cursor {
  const u8* s;
  const u8* end;

  explicit Cursor(Span text) : s(text.bytes), end(text.bytes + text.length) {
    while (s < end && is_space(*s)) ++s;
  }
  bool done() const { return s == end; }
  u8 peek() const { return s < end ? *s : 0; }
  bool take(u8 byte) {
    if (peek() != byte || done()) return false;
    ++s;
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') ++s;
  }
  // `least` to `most` digits.
  bool number(u32 least, u32 most, i64& value) {
    value = 0;
    u32 digits = 0;
    for (; digits < most && static_cast<u8>(peek() - '0') <= 9; ++digits, ++s) {
      value = value * 10 + (*s - '0');
    }
    return digits >= least;
  }
  bool word(const char* wanted) {
    const u64 length = strlen(wanted);
    if (static_cast<u64>(end - s) < length || memcmp(s, wanted, length) != 0) return false;
    s += length;
    return true;
  }
  // What follows a point: at least `least` digits, those beyond a nanosecond dropped.
  bool fraction(u32 least, i64& nanos) {
    nanos = 0;
    u32 digits = 0;
    for (; static_cast<u8>(peek() - '0') <= 9; ++digits, ++s) {
      if (digits < 9) nanos = nanos * 10 + (*s - '0');
    }
    for (u32 i = digits; i < 9; ++i) nanos *= 10;
    return digits >= least;
  }
};

Span without_end_spaces(Span text) {
  while (text.length > 0 && is_space(text.bytes[text.length - 1])) --text.length;
  return text;
}

bool days_of(i64 year, i64 month, i64 day, i64& days) {
  if (month < 1 || month > 12 || day < 1) return false;
  const u32 within = static_cast<u32>(floor_mod(year, ERA_YEARS));
  if (static_cast<u64>(day) > month_days(within, static_cast<u32>(month))) return false;
  days = day_of({year, static_cast<u32>(month), static_cast<u32>(day)});
  return true;
}

bool take_date(Cursor& text, i64& days) {
  const bool negative = text.take('-');
  i64 year, month, day;
  if (!text.number(1, 7, year)) return false;
  const u8 mark = text.peek();
  if (mark != '-' && mark != '/') return false;
  ++text.s;
  if (!text.number(1, 2, month) || !text.take(mark) || !text.number(1, 2, day)) return false;
  if (text.word(" (BC)")) {
    if (negative || year == 0) return false;
    year = 1 - year;
  }
  return days_of(negative ? -year : year, month, day, days) && days >= INT32_MIN + 2 &&
         days <= INT32_MAX - 1;
}

// A time of day: microseconds in `micros`, what is below in `nanos`.
bool take_clock(Cursor& text, i64& micros, i64& nanos) {
  i64 hour, minute, second = 0;
  nanos = 0;
  if (!text.number(1, 2, hour) || !text.take(':') || !text.number(1, 2, minute)) return false;
  if (text.take(':')) {
    if (!text.number(1, 2, second)) return false;
    if (text.take('.')) text.fraction(0, nanos);
  }
  if (minute > 59 || second > 59) return false;
  micros = hour * HOUR + minute * MINUTE + second * SECOND + nanos / 1000;
  nanos %= 1000;
  return micros < DAY || (micros == DAY && nanos == 0);
}

// Z, UTC or an offset, if there is one; spaces around it.
bool take_offset(Cursor& text, i64& offset) {
  offset = 0;
  if (text.word(" UTC") || text.take('Z')) {
    text.skip_spaces();
    return text.done();
  }
  const u8 sign = text.peek();
  if (sign == '+' || sign == '-') {
    ++text.s;
    i64 hours, minutes = 0;
    if (!text.number(2, 2, hours)) return false;
    const bool colon = text.take(':');
    if ((colon || !text.done()) && !text.number(2, 2, minutes)) return false;
    if (hours > 15 || minutes > 59) return false;
    offset = (sign == '-' ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
  }
  text.skip_spaces();
  return text.done();
}

struct Moment {
  i64 days;
  i64 micros;  // since midnight
  i64 nanos;   // below a microsecond
  i64 offset;
};

// A date and a time to the second with two digits each, as nearly all have them.
MILLRACE_INLINE bool take_common(Cursor& text, Moment& moment) {
  i64 second;
  if (text.end - text.s < 19 || !read_common_second(text.s, second)) return false;
  text.s += 19;
  moment.days = floor_div(second, DAY_SECONDS);
  if (text.take('.')) text.fraction(0, moment.nanos);
  moment.micros = (second - moment.days * DAY_SECONDS) * SECOND + moment.nanos / 1000;
  moment.nanos %= 1000;
  return true;
}

bool read_moment(Span span, Moment& moment) {
  Cursor text(span);
  moment.micros = moment.nanos = moment.offset = 0;
  if (take_common(text, moment)) return take_offset(text, moment.offset);
  if (!take_date(text, moment.days)) return false;
  if (text.done()) return true;
  if (text.take('T')) return take_clock(text, moment.micros, moment.nanos) &&
                             take_offset(text, moment.offset);
  if (!text.take(' ')) return false;
  text.skip_spaces();
  return take_clock(text, moment.micros, moment.nanos) && take_offset(text, moment.offset);
}

// Microseconds of so many days, and nanoseconds of a thousandth of them, are well within i64.
constexpr i64 NEAR_DAYS = 100'000'000;

// Microseconds, or nanoseconds where `fine`.
template <typename T>
T units_since_epoch(const Moment& moment, bool fine) {
  const T micros = static_cast<T>(moment.days) * DAY + moment.micros - moment.offset;
  return fine ? micros * 1000 + moment.nanos : micros;
}

// ISO 8601's duration behind the P: weeks, days, hours, minutes and seconds.
bool take_iso_duration(Cursor& text, i128& micros) {
  constexpr struct {
    u8 letter;
    bool in_time;
    i64 length;
  } UNITS[] = {{'W', false, 7 * DAY}, {'D', false, DAY},      {'H', true, HOUR},
               {'M', true, MINUTE},   {'S', true, SECOND}};
  u32 next = 0;
  bool in_time = false, any = false;
  micros = 0;
  while (!text.done()) {
    if (!in_time && text.take('T')) {
      in_time = true;
      any = false;
      continue;
    }
    i64 value, nanos = 0;
    if (!text.number(1, 18, value)) return false;
    const bool split = text.take('.');
    if (split && !text.fraction(1, nanos)) return false;
    const u8 letter = text.peek();
    while (next < 5 && (UNITS[next].letter != letter || UNITS[next].in_time != in_time)) ++next;
    if (next == 5 || (split && letter != 'S')) return false;
    micros += static_cast<i128>(value) * UNITS[next++].length + nanos / 1000;
    ++text.s;
    any = true;
  }
  return any;
}

}  // namespace

bool read_date_text(Span text, i32& days) {
  Moment moment;
  if (!read_moment(without_end_spaces(text), moment)) return false;
  days = static_cast<i32>(moment.days);
  return true;
}

bool read_time_text(Span padded, i64& micros) {
  const Span span = without_end_spaces(padded);
  Moment moment;
  if (read_moment(span, moment)) {
    micros = moment.micros == DAY ? 0 : moment.micros;
    return true;
  }
  Cursor text(span);
  i64 nanos;
  return take_clock(text, micros, nanos) && text.done() && micros < DAY;
}

bool read_timestamp_text(Span text, u16 param, i64& value) {
  Moment moment;
  if (!read_moment(text, moment)) return false;
  if (param & TIMESTAMP_LOCAL) moment.offset = 0;
  const bool fine = (param & TIMESTAMP_UNIT_MASK) == TIMESTAMP_NS;
  const i64 near = fine ? NEAR_DAYS / 1000 : NEAR_DAYS;
  if (LIKELY(moment.days <= near && moment.days >= -near)) {
    value = units_since_epoch<i64>(moment, fine);
  } else {
    const i128 wide = units_since_epoch<i128>(moment, fine);
    value = static_cast<i64>(wide);
    if (value != wide) return false;
  }
  switch (param & TIMESTAMP_UNIT_MASK) {
    case TIMESTAMP_S:
      value = rounded_div(value, SECOND);
      break;
    case TIMESTAMP_MS:
      value = rounded_div(value, 1000);
      break;
  }
  return true;
}

bool read_duration_text(Span span, i64& micros) {
  Cursor text(without_end_spaces(span));
  const bool negative = text.take('-');
  i128 magnitude;
  if (text.take('P')) {
    if (!take_iso_duration(text, magnitude)) return false;
  } else {
    i64 hours, minutes, seconds = 0, nanos = 0;
    if (!text.number(1, 10, hours) || !text.take(':') || !text.number(2, 2, minutes)) return false;
    if (text.take(':')) {
      if (!text.number(2, 2, seconds)) return false;
      if (text.take('.')) text.fraction(0, nanos);
    }
    if (!text.done() || minutes > 59 || seconds > 59) return false;
    magnitude = static_cast<i128>(hours) * HOUR + minutes * MINUTE + seconds * SECOND +
                nanos / 1000;
  }
  if (magnitude > INT64_MAX) return false;
  micros = static_cast<i64>(negative ? -magnitude : magnitude);
  return true;
}

}  // namespace millrace
