// Values of the scalar types that are not read inline (json-values.cpp): numbers of other widths,
// decimals, times, binary, raw JSON, null.
#pragma once
#include "json-field.h"

namespace millrace {

MILLRACE_NOINLINE const u8* read_scalar(Field& field, const u8* s, u32 row);

}  // namespace millrace
