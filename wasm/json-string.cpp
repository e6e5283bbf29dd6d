// The parts of string reading that are off the fast path; see json-string.h.
#include "json-string.h"

namespace millrace {

Failure failure;
u8* message_end;

const u8* fail(u32 code, const u8* at) {
  failure = {code, NO_COLUMN, at};
  return nullptr;
}

const u8* blame(u32 column) {
  if (failure.column == NO_COLUMN) failure.column = column;
  return nullptr;
}

namespace {

constexpr u32 NOT_HEX = 0xffffffff;

MILLRACE_INLINE u32 hex_digit(u8 byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const u8 letter = byte | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10u : NOT_HEX;
}

// Four hex digits, or NOT_HEX. Stops at the first byte that is none, so never passes the end.
u32 read_hex4(const u8* s) {
  u32 value = 0;
  for (u32 i = 0; i < 4; i++) {
    const u32 digit = hex_digit(s[i]);
    if (digit == NOT_HEX) return NOT_HEX;
    value = value << 4 | digit;
  }
  return value;
}

void append_utf8(u32 code_point, u8*& out) {
  const auto tail = [&](u32 shift) { return static_cast<u8>(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) {
    *out++ = static_cast<u8>(code_point);
  } else if (code_point < 0x800) {
    *out++ = static_cast<u8>(0xc0 | code_point >> 6);
    *out++ = tail(0);
  } else if (code_point < 0x10000) {
    *out++ = static_cast<u8>(0xe0 | code_point >> 12);
    *out++ = tail(6);
    *out++ = tail(0);
  } else {
    *out++ = static_cast<u8>(0xf0 | code_point >> 18);
    *out++ = tail(12);
    *out++ = tail(6);
    *out++ = tail(0);
  }
}

// `s` is at the backslash of \uXXXX.
const u8* read_unicode_escape(const u8* s, u8*& out) {
  const u32 first = read_hex4(s + 2);
  if (first == NOT_HEX) return fail(REJECT_SYNTAX, s);
  if (first < 0xd800 || first > 0xdfff) {
    append_utf8(first, out);
    return s + 6;
  }
  if (first > 0xdbff || s[6] != '\\' || s[7] != 'u') return fail(REJECT_SURROGATE, s);
  const u32 second = read_hex4(s + 8);
  if (second == NOT_HEX) return fail(REJECT_SYNTAX, s + 6);
  if (second < 0xdc00 || second > 0xdfff) return fail(REJECT_SURROGATE, s);
  append_utf8(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), out);
  return s + 12;
}

// What \b, \n and so on stand for; 0 where the byte is not such a letter.
u8 simple_escape(u8 letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

MILLRACE_INLINE bool is_tail(u8 byte) { return (byte & 0xc0) == 0x80; }

// Bytes of the character at `s`, 0 where it is not one. The second byte's range is what shuts out
// overlong forms, surrogates and what lies beyond U+10FFFF (Unicode 15, table 3-7).
MILLRACE_INLINE u32 character_length(const u8* s, u32 left) {
  const u8 lead = s[0];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const u32 length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < length) return 0;
  const u8 least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const u8 most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (s[1] < least || s[1] > most) return 0;
  if (length > 2 && !is_tail(s[2])) return 0;
  if (length > 3 && !is_tail(s[3])) return 0;
  return length;
}

}  // namespace

const u8* read_escape(const u8* s, u8*& out) {
  if (*s != '\\') return fail(REJECT_SYNTAX, s);
  if (s[1] == 'u') return read_unicode_escape(s, out);
  const u8 meant = simple_escape(s[1]);
  if (meant == 0) return fail(REJECT_SYNTAX, s);
  *out++ = meant;
  return s + 2;
}

bool is_utf8(const u8* begin, const u8* end) {
  constexpr u64 HIGH_BITS = 0x8080808080808080ull;
  const u8* s = begin;
  while (s < end) {
    if (end - s >= 8 && (load64(s) & HIGH_BITS) == 0) {
      s += 8;
      continue;
    }
    const u32 length = character_length(s, static_cast<u32>(end - s));
    if (length == 0) return false;
    s += length;
  }
  return true;
}

const u8* skip_string(const u8* s) {
  const u8* const start = s;
  u32 not_ascii = 0;
  for (;;) {
    const Block block = load_block(s);
    const u32 special = special_mask(block);
    const u32 high = mask_of(block);
    if (special == 0) {
      not_ascii |= high;
      s += BLOCK_BYTES;
      continue;
    }
    const u32 plain = static_cast<u32>(__builtin_ctz(special));
    not_ascii |= high & ((1u << plain) - 1);
    s += plain;
    if (LIKELY(*s == '"')) break;
    u8 discarded[4];
    u8* out = discarded;
    s = read_escape(s, out);
    if (UNLIKELY(s == nullptr)) return nullptr;
  }
  // Escapes are ASCII text themselves, so the raw bytes can be checked as they stand.
  if (UNLIKELY(not_ascii != 0) && !is_utf8(start, s)) return fail(REJECT_UTF8, start - 1);
  return s + 1;
}

u32 raw_string_length(const u8* s) {
  const u8* const start = s;
  for (;;) {
    const u32 special = special_mask(load_block(s));
    if (special == 0) {
      s += BLOCK_BYTES;
      continue;
    }
    s += __builtin_ctz(special);
    if (*s != '\\') return static_cast<u32>(s - start);
    // A backslash may be the last byte: what follows it is then the zero at the end.
    s += s[1] == 0 ? 1 : 2;
    if (*s == 0) return static_cast<u32>(s - start);
  }
}

}  // namespace millrace
