// Columns and a row to JSON bytes: the text that JSON.stringify would give for the row's object,
// with integers and decimals in exact digits, times in ISO 8601, binary in base64, columns of raw
// JSON as they are.
#pragma once
#include "abi.h"

namespace millrace {

// One column of the program. TypeScript lays the tree out (src/ingest/codecs/json-writer.ts);
// json_writer_bind copies the buffers of a morsel's columns into it. 40 bytes.
struct JsonWriter {
  u8 type;  // TypeId; the root is a struct
  u8 flags; // Column's
  u16 param; // Column's
  // What stands before the value: `{"id":` or `,"amount":`; empty in lists and at the root.
  u32 literal;
  u32 literal_length;
  u32 child_count;
  // JsonWriter[child_count], as the children of the Column are: of a map a struct of key and value,
  // of a dictionary its texts.
  u32 children;
  u32 validity;  // these three as in Column
  u32 data;
  u32 offsets;
  u32 padding[2];
};
static_assert(sizeof(JsonWriter) == 40);

// A value writer, see abi.h: row `row` as an object.
u8* write_json(const JsonWriter& root, u8* out, u8* end, u32 row);
// Whether every column of the row is null (false where there is no column).
bool json_all_null(const JsonWriter& root, u32 row);

}  // namespace millrace
