// Rounding of floats to whole numbers.
#pragma once
#include <math.h>

#include "abi.h"

namespace millrace {

// Halves away from zero, as `round`, of any double; that one is a function that the compiler calls.
// The largest double below a half moves exactly those over the next whole number that belong there:
// a half and more of it, whose sum is rounded up.
MILLRACE_INLINE f64 round_away(f64 value) {
  return trunc(value + copysign(0.49999999999999994, value));
}

}  // namespace millrace
