// A JSON reader: the fields of a schema, made from a program. The format is in json-program.cpp,
// src/ingest/codecs/json-reader-program.ts writes it.
#pragma once
#include "json-field.h"
#include "json-hash.h"

namespace millrace {

struct JsonReader {
  Field root;
  bool unknown_is_error;
  // Of the hash tables, random: no sender of messages can make their texts collide.
  HashKey hash_key;
  // The value of a member that the schema does not name.
  Field unknown;
  // Objects that were read by their names so far: tells what an object has from what earlier ones
  // had, without clearing anything.
  u64 object_count;
  // Room for a decoded name that has escapes and might be a member's.
  u8* name_buffer;
  u32 name_buffer_bytes;
};

// The reader at work: one at a time, as there is one thread.
extern JsonReader* current_reader;

// nullptr where the state heap is full.
JsonReader* make_json_reader(const u32* program);

}  // namespace millrace
