// The grammars of dates, timestamps, times and durations, over a text that is whole: what the JSON
// reader reads, and what inference recognises. See json-timestamp.h and json-duration.h.
#pragma once
#include "json-text.h"

namespace millrace {

// What the text of a timestamp says, before anything is dropped.
struct Moment {
  i64 days;           // since the epoch
  i64 second_of_day;  // in UTC where it has an offset: then perhaps outside of the day
  u32 nanos;
  bool has_time;  // false: a date alone
  bool has_offset;
};

bool parse_date(Cursor text, i64& days);
bool parse_moment(Cursor text, Moment& moment);
// False where the unit of a column of this `param` cannot tell it.
bool moment_in_units(u32 param, const Moment& moment, i64& value);

// Microseconds.
bool parse_time(Cursor text, i64& value);
// What it answers where the text is a duration, else a RejectCode.
constexpr u32 PARSED = 0;
u32 parse_duration(Cursor text, i64& value);

}  // namespace millrace
