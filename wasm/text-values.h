// Values from texts and texts of values, for casts. Texts are as in SQL; each reader answers false
// where the text is no such value, each writer the byte behind at most VALUE_TEXT_BYTES.
#pragma once
#include "decimal.h"
#include "kernels-bytes.h"

namespace millrace {

constexpr u32 VALUE_TEXT_BYTES = 80;

MILLRACE_INLINE bool is_space(u8 byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// text-to-number.cpp
//
//   number  [+-](D[.D] | .D)[(e|E)[+-]D]   spaces around it
//   float   number, or inf, infinity, nan in any case, with a sign

// value * 10^scale, rounded to a whole number, halves away from zero.
bool read_scaled(Span text, u32 scale, i128& value);
bool read_float64(Span text, f64& value);
bool read_float32(Span text, f32& value);
bool read_bool(Span text, bool& value);

// text-to-time.cpp
//
//   spaces around each, but none behind a date that is read as a timestamp
//   date       [-]Y{1,6}-M{1,2}-D{1,2}[ (BC)]      also with / for -
//   time       H{1,2}:M{1,2}[:S{1,2}[.f]]          or that of a timestamp
//   timestamp  date[(T| )time][Z| UTC|(+|-)HH[[:]MM]]      24:00:00 is the next midnight
//   duration   [-]H+:MM[:SS[.f]], or ISO 8601: [-]P[nW][nD][T[nH][nM][n[.f]S]]

bool read_date_text(Span text, i32& days);
bool read_time_text(Span text, i64& micros);
// `param`: TIMESTAMP_*; of a local one the offset is left out of account.
bool read_timestamp_text(Span text, u16 param, i64& value);
bool read_duration_text(Span text, i64& micros);

// value-to-text.cpp
u8* write_decimal_text(u8* out, i128 value, u16 param);
u8* write_double(u8* out, f64 value);
u8* write_float(u8* out, f32 value);
u8* write_date_text(u8* out, i32 days);
u8* write_time_text(u8* out, i64 micros);
u8* write_timestamp_text(u8* out, i64 value, u16 param);
u8* write_duration_text(u8* out, i64 micros);

}  // namespace millrace
