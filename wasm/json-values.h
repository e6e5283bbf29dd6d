// Values into their columns: the walk over a message that its schema guides.
#pragma once
#include "json-program.h"

namespace millrace {

// Reads the message [begin, message_end) into `row` of every column, or says why not in `failure`;
// then columns may hold parts of it, which reset_row takes back.
bool read_message(JsonReader& reader, const u8* begin, u32 row);

// The value at `s` into a row of its column, called from where it is not inlined.
MILLRACE_NOINLINE const u8* read_value_called(Field& field, const u8* s, u32 row);
// A value that its type's reader does not know: null, space before a value, or REJECT_TYPE.
MILLRACE_NOINLINE const u8* read_other(Field& field, const u8* s, u32 row);

}  // namespace millrace
