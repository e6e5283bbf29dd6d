// Rows of two columns of one type, mixed, as one column.
#pragma once
#include "kernels.h"

namespace millrace {

// A place says where a row comes from: a row of the left column, or with FROM_RIGHT of the right
// one; NO_PLACE: nobody reads it.
enum : u32 {
  FROM_RIGHT = 0x80000000,
  NO_PLACE = 0xffffffff,
};

// Row i of the result is what `places[i]` says, of `count`; nullptr where the lease is full.
// Constants are expanded, of both columns. The depth of the recursion is that of the type.
Column* pick_values(const Column* left, const Column* right, const u32* places, u32 count);

}  // namespace millrace
