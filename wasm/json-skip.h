// Values that nobody reads. They get the full check of syntax and UTF-8 all the same.
#pragma once
#include "json-failure.h"
#include "json-simd.h"

namespace millrace {

// How deep values may nest that nobody reads or that are copied as text; deeper ones are
// REJECT_DEPTH. The stack does not grow with it: open brackets are one bit each, 128 KiB in all.
constexpr u32 MAX_SKIPPED_DEPTH = 1u << 20;

MILLRACE_INLINE const u8* skip_space(const u8* s) {
  while (*s <= ' ' && (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r')) s++;
  return s;
}

constexpr u32 WORD_TRUE = 0x65757274;  // "true"
constexpr u32 WORD_ALSE = 0x65736c61;  // "alse", behind the f
constexpr u32 WORD_NULL = 0x6c6c756e;  // "null"

// Checks the value at `s` (no space before it) and answers the byte behind it.
MILLRACE_NOINLINE const u8* skip_value(const u8* s);

}  // namespace millrace
