// Programs to readers.
//
// A program is a row of u32 words:
//
//   program:  flags, hash key (4 words), fields, field*    flags: 1 = unknown members are errors
//   field:    type, flags, children, name bytes, name (zero padded to whole words), field*
//
// `type` is a TypeId, or 0 for a value that is only checked for syntax, and its `Column::param`
// from bit 16 on; flags: 1 = nullable, 2 = only checked. A field's children follow it (pre-order);
// the number of a field in that order is what a reject calls its column. The item of a list, and
// the key and the value that are the two children of a map, are fields whose name nothing asks for.
#include "json-program.h"

#include "json-columns.h"
#include "json-dictionary.h"
#include "json-keys.h"
#include "json-shape.h"

namespace millrace {
namespace {

constexpr u32 UNKNOWN_IS_ERROR = 1;
constexpr u32 FIELD_NULLABLE = 1;
constexpr u32 FIELD_ONLY_CHECKED = 2;
// \uXXXX: the longest escape of one byte.
constexpr u32 MAX_ESCAPE_BYTES = 6;

struct ProgramReader {
  const u32* word;
  u32 next_index;
  u32 longest_name;
  u32 text_fields;
};

bool read_fields(ProgramReader& program, Field& parent, u32 count);

bool read_field(ProgramReader& program, Field& field) {
  field.type = static_cast<u8>(program.word[0]);
  field.param = static_cast<u16>(program.word[0] >> 16);
  field.nullable = (program.word[1] & FIELD_NULLABLE) != 0;
  field.only_checked = (program.word[1] & FIELD_ONLY_CHECKED) != 0;
  field.row_mask = field.only_checked ? 0 : 0xffffffff;
  field.index = program.next_index++;
  field.shape_position = NO_POSITION;
  if (has_bytes(field.type)) program.text_fields++;
  if (field.type == TYPE_DICTIONARY) {
    program.text_fields++;
    field.dictionary = make_dictionary();
    if (field.dictionary == nullptr) return false;
  }
  const u32 children = program.word[2];
  field.name_length = program.word[3];
  // The program lies in the state heap, too, and lives as long: names stay where they are.
  field.name = reinterpret_cast<const u8*>(program.word + 4);
  program.word += 4 + (field.name_length + 3) / 4;
  if (field.name_length > program.longest_name) program.longest_name = field.name_length;
  return read_fields(program, field, children);
}

bool read_fields(ProgramReader& program, Field& parent, u32 count) {
  const u64 bytes = static_cast<u64>(count) * sizeof(Field);
  if (bytes > ARENA_BASE) return false;
  parent.child_count = count;
  parent.children = static_cast<Field*>(state_alloc(static_cast<u32>(bytes)));
  if (parent.children == nullptr) return false;
  for (u32 i = 0; i < count; i++) {
    if (!read_field(program, parent.children[i])) return false;
  }
  if (parent.type != TYPE_STRUCT) return true;
  parent.keys = make_keys(parent);
  parent.shape = make_shape(parent);
  return parent.keys != nullptr && parent.shape != nullptr;
}

}  // namespace

JsonReader* current_reader;

JsonReader* make_json_reader(const u32* words) {
  JsonReader* const reader = static_cast<JsonReader*>(state_alloc(sizeof(JsonReader)));
  if (reader == nullptr) return nullptr;
  ProgramReader program{words + 6, 0, 0, 0};
  reader->unknown_is_error = (words[0] & UNKNOWN_IS_ERROR) != 0;
  memcpy(&reader->hash_key, words + 1, sizeof reader->hash_key);
  reader->root.type = TYPE_STRUCT;
  reader->root.index = NO_COLUMN;
  reader->unknown.type = TYPE_SKIPPED;
  reader->unknown.index = NO_COLUMN;
  reader->unknown.shape_position = NO_POSITION;
  if (!read_fields(program, reader->root, words[5])) return nullptr;
  guess_sizes(reader->root, program.text_fields);
  reader->name_buffer_bytes = MAX_ESCAPE_BYTES * program.longest_name;
  reader->name_buffer = static_cast<u8*>(state_alloc(reader->name_buffer_bytes));
  return reader->name_buffer == nullptr ? nullptr : reader;
}

}  // namespace millrace
