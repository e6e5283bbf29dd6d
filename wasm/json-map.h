// Maps: objects whose members are not known beforehand, an entry a member.
#pragma once
#include "json-field.h"

namespace millrace {

// The object at `s` into `row`. Of a key that comes twice the last entry stays, as in JSON.parse;
// the values of the others are checked, too.
MILLRACE_NOINLINE const u8* read_map(Field& map, const u8* s, u32 row);

}  // namespace millrace
