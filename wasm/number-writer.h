// Numbers and timestamps as JavaScript writes them. Every function writes at most NUMBER_BYTES_MAX
// bytes (result and overrun) and answers the byte behind its result; the caller has checked room.
#pragma once
#include "abi.h"

namespace millrace {

constexpr u32 NUMBER_BYTES_MAX = 40;

u8* write_int64(u8* out, i64 value);
// Number.prototype.toString: shortest digits that read back as `value`; "null" where it is not
// finite, and 0 for -0, as JSON.stringify has it.
u8* write_float64(u8* out, f64 value);
// ISO-8601, UTC: three digits of fraction, six where there are microseconds; years outside 0-9999
// with sign and six digits, as Date.prototype.toISOString. No quotes.
u8* write_timestamp(u8* out, i64 microseconds);

}  // namespace millrace
