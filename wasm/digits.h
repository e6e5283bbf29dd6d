// Whole numbers as decimal digits, two at a time.
#pragma once
#include <string.h>

#include "abi.h"

namespace millrace {

struct DigitPairs {
  char text[200];
  constexpr DigitPairs() : text() {
    for (int i = 0; i < 100; i++) {
      text[2 * i] = static_cast<char>('0' + i / 10);
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
inline constexpr DigitPairs PAIRS;

// 0 to 99 without a leading zero; what stands behind a single digit does not matter.
struct ShortPairs {
  char text[200];
  constexpr ShortPairs() : text() {
    for (int i = 0; i < 100; i++) {
      text[2 * i] = static_cast<char>('0' + (i < 10 ? i : i / 10));
      text[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
  }
};
inline constexpr ShortPairs SHORT_PAIRS;

MILLRACE_INLINE u8* write_pair(u8* out, u32 value) {
  memcpy(out, PAIRS.text + 2 * value, 2);
  return out + 2;
}

MILLRACE_INLINE u8* write_four(u8* out, u32 value) {
  return write_pair(write_pair(out, value / 100), value % 100);
}

MILLRACE_INLINE u8* write_eight(u8* out, u32 value) {
  return write_four(write_four(out, value / 10000), value % 10000);
}

// Below 100, without a leading zero and without a branch: lengths of numbers are hard to predict.
MILLRACE_INLINE u8* write_up_to_two(u8* out, u32 value) {
  memcpy(out, SHORT_PAIRS.text + 2 * value, 2);
  return out + 1 + (value >= 10);
}

// Below 10,000, without leading zeros.
MILLRACE_INLINE u8* write_up_to_four(u8* out, u32 value) {
  if (value < 100) return write_up_to_two(out, value);
  const u32 high = value / 100;
  return write_pair(write_up_to_two(out, high), value - high * 100);
}

// Below 100,000,000, without leading zeros.
MILLRACE_INLINE u8* write_up_to_eight(u8* out, u32 value) {
  if (value < 10000) return write_up_to_four(out, value);
  return write_four(write_up_to_four(out, value / 10000), value % 10000);
}

MILLRACE_INLINE u8* write_uint64(u8* out, u64 value) {
  constexpr u64 E8 = 100000000;
  if (LIKELY(value < E8)) return write_up_to_eight(out, static_cast<u32>(value));
  const u64 high = value / E8;
  const u32 low = static_cast<u32>(value - high * E8);
  if (LIKELY(high < E8)) return write_eight(write_up_to_eight(out, static_cast<u32>(high)), low);
  const u32 top = static_cast<u32>(high / E8);
  const u32 middle = static_cast<u32>(high - top * E8);
  return write_eight(write_eight(write_up_to_four(out, top), middle), low);
}

}  // namespace millrace
