// Values into their columns: the walk over a message that its schema guides.
#pragma once
#include "json-program.h"

namespace millrace {

// Reads the message [begin, message_end) into `row` of every column, or says why not in `failure`;
// then columns may hold parts of it, which reset_row takes back.
bool read_message(JsonReader& reader, const u8* begin, u32 row);

}  // namespace millrace
