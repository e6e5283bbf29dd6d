// Strings: plain runs go 16 bytes at a time straight into the column; escapes go out of line.
#pragma once
#include "json-failure.h"
#include "json-simd.h"

namespace millrace {

// Reads one escape at `s` (a backslash; else it is a control character, which fails) and appends
// what it stands for to `out`, at most as many bytes as the escape has. A lone surrogate is
// refused: it has no UTF-8.
MILLRACE_NOINLINE const u8* read_escape(const u8* s, u8*& out);

// Whether [begin, end) is UTF-8 by RFC 3629: no overlong forms, no surrogates, at most U+10FFFF.
MILLRACE_NOINLINE bool is_utf8(const u8* begin, const u8* end);

// Checks a string that nobody wants; `s` is behind the opening quote.
MILLRACE_NOINLINE const u8* skip_string(const u8* s);

// Bytes from `s` (behind the opening quote) to the closing quote, or to where the string breaks: an
// upper bound of what it decodes to.
MILLRACE_NOINLINE u32 raw_string_length(const u8* s);

// Decodes a string to `out`, `s` is behind the opening quote. Never writes more bytes than the text
// between the quotes has, plus up to BLOCK_BYTES of room behind that.
MILLRACE_INLINE const u8* copy_string(const u8* s, u8*& out) {
  const u8* const start = s;
  u8* d = out;
  u32 not_ascii = 0;
  for (;;) {
    const Block block = load_block(s);
    store_block(d, block);
    const u32 special = special_mask(block);
    const u32 high = mask_of(block);
    if (LIKELY(special != 0)) {
      const u32 plain = static_cast<u32>(__builtin_ctz(special));
      not_ascii |= high & ((1u << plain) - 1);
      s += plain;
      d += plain;
      if (LIKELY(*s == '"')) break;
      s = read_escape(s, d);
      if (UNLIKELY(s == nullptr)) return nullptr;
      continue;
    }
    not_ascii |= high;
    s += BLOCK_BYTES;
    d += BLOCK_BYTES;
  }
  // An escape yields whole characters, so that it cannot complete or hide a broken one beside it:
  // to check the result is to check the text.
  if (UNLIKELY(not_ascii != 0) && UNLIKELY(!is_utf8(out, d))) return fail(REJECT_UTF8, start - 1);
  out = d;
  return s + 1;
}

}  // namespace millrace
