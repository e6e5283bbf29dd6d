// Upper and lower case by Unicode's simple mapping: one character becomes one.
#pragma once
#include "abi.h"

namespace millrace {

// Characters `first`, `first + stride`, … `last` are `delta` away from their other case.
struct CaseRange {
  u32 first;
  u32 last;
  i32 delta;
  u32 stride;
};

// case-table.cpp, written by tools/case-table.ts
extern const CaseRange LOWER_RANGES[];
extern const u32 LOWER_RANGE_COUNT;
extern const CaseRange UPPER_RANGES[];
extern const u32 UPPER_RANGE_COUNT;

}  // namespace millrace
