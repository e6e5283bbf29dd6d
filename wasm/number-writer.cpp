#include "number-writer.h"

#include <charconv>

#include "digits.h"

namespace millrace {
namespace {

// A fraction of DIGITS digits, not zero, behind the point; trailing zeros are left out.
template <u32 DIGITS>
MILLRACE_INLINE u8* write_fraction(u8* out, u32 fraction) {
  *out++ = '.';
  if (DIGITS == 2) {
    write_pair(out, fraction);
    return out + (out[1] == '0' ? 1 : 2);
  }
  write_pair(write_four(out, fraction / 100), fraction % 100);
  out += DIGITS;
  while (out[-1] == '0') out--;
  return out;
}

// Digits and exponent of std::to_chars, set as ECMA-262 Number::toString does: `digits` of them,
// the decimal point behind digit `point`.
u8* place_digits(u8* out, const char* digits, i32 count, i32 point) {
  if (point > 0 && point <= 21) {
    if (count <= point) {
      memcpy(out, digits, static_cast<u32>(count));
      memset(out + count, '0', static_cast<u32>(point - count));
      return out + point;
    }
    memcpy(out, digits, static_cast<u32>(point));
    out[point] = '.';
    memcpy(out + point + 1, digits + point, static_cast<u32>(count - point));
    return out + count + 1;
  }
  if (point <= 0 && point > -6) {
    memcpy(out, "0.000000", 8);
    out += 2 - point;
    memcpy(out, digits, static_cast<u32>(count));
    return out + count;
  }
  *out++ = static_cast<u8>(digits[0]);
  if (count > 1) {
    *out++ = '.';
    memcpy(out, digits + 1, static_cast<u32>(count - 1));
    out += count - 1;
  }
  const i32 exponent = point - 1;
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  return write_up_to_four(out, static_cast<u32>(exponent < 0 ? -exponent : exponent));
}

template <typename Float>
MILLRACE_NOINLINE u8* write_shortest(u8* out, Float magnitude) {
  char text[32];
  const auto result = std::to_chars(text, text + 32, magnitude, std::chars_format::scientific);
  // d.ddde+XX: close the gap behind the first digit, then read the exponent
  const char* end = result.ptr;
  const char* mark = end;
  while (*--mark != 'e') continue;
  i32 exponent = 0;
  for (const char* digit = mark + 2; digit < end; digit++) {
    exponent = exponent * 10 + (*digit - '0');
  }
  if (mark[1] == '-') exponent = -exponent;
  const i32 count = mark - text == 1 ? 1 : static_cast<i32>(mark - text) - 1;
  if (count > 1) memmove(text + 1, text + 2, static_cast<u32>(count - 1));
  return place_digits(out, text, count, exponent + 1);
}

}  // namespace

u8* write_int64(u8* out, i64 value) {
  u64 magnitude = static_cast<u64>(value);
  if (value < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  return write_uint64(out, magnitude);
}

u8* write_float64(u8* out, f64 value) {
  f64 magnitude = __builtin_fabs(value);
  if (UNLIKELY(!(magnitude <= __DBL_MAX__))) {
    memcpy(out, "null", 4);
    return out + 4;
  }
  if (value < 0) *out++ = '-';
  // Where whole / 10^k gives the value back, its digits are the shortest: below 10^15 no two
  // decimals of so few digits are the same double. Division rounds correctly, as parsing does.
  if (LIKELY(magnitude < 1e9)) {
    const f64 truncated = __builtin_trunc(magnitude);
    const u32 whole = static_cast<u32>(truncated);
    if (truncated == magnitude) return write_uint64(out, whole);
    const f64 cents = __builtin_rint(magnitude * 1e2);
    if (cents / 1e2 == magnitude) {
      // A multiple of 1/100 is never so near to the next integer that the double rounds up to it.
      const u32 fraction = static_cast<u32>(cents - truncated * 1e2);
      return write_fraction<2>(write_uint64(out, whole), fraction);
    }
    const f64 millionths = __builtin_rint(magnitude * 1e6);
    if (millionths / 1e6 == magnitude) {
      const u32 fraction = static_cast<u32>(millionths - truncated * 1e6);
      return write_fraction<6>(write_uint64(out, whole), fraction);
    }
  } else if (magnitude < 0x1p53 && __builtin_trunc(magnitude) == magnitude) {
    return write_uint64(out, static_cast<u64>(magnitude));
  }
  return write_shortest(out, magnitude);
}

u8* write_float32(u8* out, float value) {
  const float magnitude = __builtin_fabsf(value);
  if (UNLIKELY(!(magnitude <= __FLT_MAX__))) {
    memcpy(out, "null", 4);
    return out + 4;
  }
  if (value < 0) *out++ = '-';
  // No two decimals of at most six digits are the same float32, and whole numbers below 2^24 are
  // all float32; so the digits that give the value back are the shortest.
  const f64 wide = static_cast<f64>(magnitude);
  const f64 truncated = __builtin_trunc(wide);
  const u32 whole = static_cast<u32>(truncated);
  if (truncated == wide && magnitude < 0x1p24f) return write_uint64(out, whole);
  if (LIKELY(magnitude < 1e4f)) {
    const f64 cents = __builtin_rint(wide * 1e2);
    const u32 fraction = static_cast<u32>(cents - truncated * 1e2);
    if (fraction < 100 && static_cast<float>(cents / 1e2) == magnitude) {
      return write_fraction<2>(write_uint64(out, whole), fraction);
    }
  }
  return write_shortest(out, magnitude);
}

u8* write_decimal(u8* out, u64 low, u64 high, u32 scale) {
  using u128 = unsigned __int128;
  constexpr u64 E19 = 10'000'000'000'000'000'000ull;
  u128 magnitude = static_cast<u128>(high) << 64 | low;
  if (static_cast<i64>(high) < 0) {
    *out++ = '-';
    magnitude = 0 - magnitude;
  }
  u8 digits[48];
  u8* end = digits;
  if (LIKELY(magnitude >> 64 == 0)) {
    end = write_uint64(digits, static_cast<u64>(magnitude));
  } else {
    end = write_uint64(digits, static_cast<u64>(magnitude / E19));
    u64 rest = static_cast<u64>(magnitude % E19);
    for (u32 i = 19; i-- > 0; rest /= 10) end[i] = static_cast<u8>('0' + rest % 10);
    end += 19;
  }
  const u32 count = static_cast<u32>(end - digits);
  const u32 whole = count > scale ? count - scale : 0;
  if (whole == 0) *out++ = '0';
  memcpy(out, digits, whole);
  out += whole;
  if (scale == 0) return out;
  *out++ = '.';
  const u32 zeros = count < scale ? scale - count : 0;
  memset(out, '0', zeros);
  memcpy(out + zeros, digits + whole, count - whole);
  return out + scale;
}

}  // namespace millrace
