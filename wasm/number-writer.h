// Numbers as JavaScript writes them. Every function writes at most NUMBER_BYTES_MAX bytes (result
// and overrun) and answers the byte behind its result; the caller has checked room.
#pragma once
#include "abi.h"

namespace millrace {

// A sign, a zero, the point and 38 digits, and what the last store overruns.
constexpr u32 NUMBER_BYTES_MAX = 48;

u8* write_int64(u8* out, i64 value);
// Number.prototype.toString: shortest digits that read back as `value`; "null" where it is not
// finite, and 0 for -0, as JSON.stringify has it.
u8* write_float64(u8* out, f64 value);
// The same for digits that read back as a float32: 0.1, where its float64 has twenty digits.
u8* write_float32(u8* out, float value);
// A decimal, given in two words, in plain notation: always `scale` digits behind the point.
u8* write_decimal(u8* out, u64 low, u64 high, u32 scale);

}  // namespace millrace
