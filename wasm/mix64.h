// A 64-bit hash step that spreads every bit of its input over all of its output.
#pragma once
#include "abi.h"

namespace millrace {

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
MILLRACE_INLINE u64 mix64(u64 value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ull;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebull;
  return value ^ (value >> 31);
}

}  // namespace millrace
