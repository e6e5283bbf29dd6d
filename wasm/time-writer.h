// Dates, times, timestamps and durations as ISO 8601 text, without quotes. Every function writes at
// most NUMBER_BYTES_MAX bytes and answers the byte behind its result; the caller has checked room.
//
// Years outside 0000 to 9999 have a sign and at least six digits, as Date.prototype.toISOString has
// it. Seconds have a fraction of three digits, or six or nine where they are needed.
#pragma once
#include "number-writer.h"

namespace millrace {

// 2026-01-15T10:30:00.000Z; `param` is the column's: without a zone it ends with the digits.
u8* write_timestamp(u8* out, i64 value, u32 param);
// 2026-01-15
u8* write_date(u8* out, i32 day);
// 10:30:00, with a fraction where there is one; "null" where it is no time of a day. Quoted.
u8* write_time(u8* out, i64 microseconds);
// PT1H2M3.5S, -P1DT12H, PT0S: days, hours, minutes and seconds, those that are not zero.
u8* write_duration(u8* out, i64 microseconds);

}  // namespace millrace
