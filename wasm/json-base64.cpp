// See json-base64.h.
#include "json-base64.h"

namespace millrace {
namespace {

constexpr u8 NO_DIGIT = 0x80;

struct Digits {
  u8 values[256];
  constexpr Digits() : values() {
    for (u32 i = 0; i < 256; i++) values[i] = NO_DIGIT;
    for (u32 i = 0; i < 26; i++) {
      values['A' + i] = static_cast<u8>(i);
      values['a' + i] = static_cast<u8>(26 + i);
    }
    for (u32 i = 0; i < 10; i++) values['0' + i] = static_cast<u8>(52 + i);
    values['+'] = values['-'] = 62;
    values['/'] = values['_'] = 63;
  }
};
constexpr Digits DIGITS;

// The two or three digits behind the last whole group.
u32 decode_rest(const u8* text, u32 digits, u8* out) {
  const u32 a = DIGITS.values[text[0]], b = DIGITS.values[text[1]];
  const u32 c = digits == 3 ? DIGITS.values[text[2]] : 0;
  const u32 bits = a << 18 | b << 12 | c << 6;
  const u32 unused = digits == 3 ? 0xff : 0xffff;
  if (((a | b | c) & NO_DIGIT) || (bits & unused)) return NOT_BASE64;
  out[0] = static_cast<u8>(bits >> 16);
  if (digits == 3) out[1] = static_cast<u8>(bits >> 8);
  return digits - 1;
}

}  // namespace

u32 decode_base64(u8* text, u32 length) {
  if (length > 0 && length % 4 == 0 && text[length - 1] == '=') {
    length -= text[length - 2] == '=' ? 2 : 1;
  }
  if (length % 4 == 1) return NOT_BASE64;
  // The bytes never overtake the digits.
  u8* out = text;
  const u8* s = text;
  u32 seen = 0;
  for (const u8* const end = text + length / 4 * 4; s < end; s += 4, out += 3) {
    const u32 a = DIGITS.values[s[0]], b = DIGITS.values[s[1]];
    const u32 c = DIGITS.values[s[2]], d = DIGITS.values[s[3]];
    seen |= a | b | c | d;
    const u32 bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = static_cast<u8>(bits >> 16);
    out[1] = static_cast<u8>(bits >> 8);
    out[2] = static_cast<u8>(bits);
  }
  if (seen & NO_DIGIT) return NOT_BASE64;
  const u32 whole = static_cast<u32>(out - text);
  if (length % 4 == 0) return whole;
  const u32 rest = decode_rest(s, length % 4, out);
  return rest == NOT_BASE64 ? NOT_BASE64 : whole + rest;
}

}  // namespace millrace
