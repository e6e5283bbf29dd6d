// What the module exports for reading JSON: records to columns, rejects and a selection.
#include "json-columns.h"
#include "json-values.h"

namespace millrace {
namespace {

// `MAX_REJECTS` in src/ingest/codecs/codec.ts: more are counted, not described.
constexpr u32 MAX_DESCRIBED_REJECTS = 1000;

// What a decode gives. 24 bytes in the arena; src/ingest/codecs/json-reader.ts reads it.
struct Decoded {
  u32 columns;  // Column[column_count]: the columns that are read, in the program's order
  u32 column_count;
  u32 rejects;  // Reject[min(reject_count, MAX_DESCRIBED_REJECTS)]
  u32 reject_count;
  u32 selection;  // u32[selection_count]: the other rows; 0 = all of them
  u32 selection_count;
};

template <typename T>
T* allocate(u32 count) {
  const u64 bytes = static_cast<u64>(count) * sizeof(T);
  return bytes > INT32_MAX ? nullptr : static_cast<T*>(arena_alloc(static_cast<u32>(bytes)));
}

bool add_reject(Decoded& decoded, u32 row, const u8* begin, u32 rows) {
  if (decoded.reject_count == 0) {
    // Until now no selection was kept: every row before this one is in it.
    u32* const selection = allocate<u32>(rows);
    const u32 described = rows < MAX_DESCRIBED_REJECTS ? rows : MAX_DESCRIBED_REJECTS;
    Reject* const rejects = allocate<Reject>(described);
    if (selection == nullptr || rejects == nullptr) return false;
    for (u32 i = 0; i < row; i++) selection[i] = i;
    decoded.selection = address_of(selection);
    decoded.rejects = address_of(rejects);
  }
  if (decoded.reject_count < MAX_DESCRIBED_REJECTS) {
    const u32 position = failure.at == nullptr ? 0 : static_cast<u32>(failure.at - begin);
    Reject& reject = at<Reject>(decoded.rejects)[decoded.reject_count];
    reject = {row, failure.code, position, failure.column};
  }
  decoded.reject_count++;
  return true;
}

// A message without a value: null in every column, if they all can be.
bool read_tombstone(JsonReader& reader, u32 row) {
  for (u32 i = 0; i < reader.root.child_count; i++) {
    const Field& field = reader.root.children[i];
    if (field.nullable || field.only_checked || field.type == TYPE_SKIPPED) continue;
    fail(REJECT_NULL_MESSAGE, nullptr);
    blame(field.index);
    return false;
  }
  for (u32 i = 0; i < reader.root.child_count; i++) {
    Field& field = reader.root.children[i];
    if (!field.only_checked) put_null(field, row);
  }
  return true;
}

bool read_record(JsonReader& reader, u8* begin, i32 length, u32 row) {
  for (u32 i = 0; i < reader.root.child_count; i++) {
    if (reader.root.children[i].only_checked) reset_row(reader.root.children[i], 0);
  }
  if (UNLIKELY(length < 0)) return read_tombstone(reader, row);
  // See json-failure.h: no step accepts the zero, so none passes it.
  message_end = begin + length;
  const u8 behind = *message_end;
  *message_end = 0;
  const bool ok = read_message(reader, begin, row);
  *message_end = behind;
  return ok;
}

void blank_row(JsonReader& reader, u32 row) {
  for (u32 i = 0; i < reader.root.child_count; i++) {
    Field& field = reader.root.children[i];
    if (field.only_checked || field.type == TYPE_SKIPPED) continue;
    reset_row(field, row);
    put_blank(field, row);
  }
}

bool open_columns(JsonReader& reader, u32 rows, u32 input_bytes) {
  for (u32 i = 0; i < reader.root.child_count; i++) {
    Field& field = reader.root.children[i];
    if (field.type == TYPE_SKIPPED) continue;
    const u32 wanted = field.only_checked ? 1 : rows;
    if (!open_field(field, wanted, field.only_checked ? 0 : input_bytes)) return false;
  }
  return true;
}

bool write_columns(JsonReader& reader, u32 rows, u32 input_bytes, Decoded& decoded) {
  Column* const columns = allocate<Column>(reader.root.child_count);
  if (columns == nullptr) return false;
  decoded.columns = address_of(columns);
  for (u32 i = 0; i < reader.root.child_count; i++) {
    Field& field = reader.root.children[i];
    if (field.type == TYPE_SKIPPED || field.only_checked) continue;
    if (!write_column(field, rows, columns[decoded.column_count++])) return false;
    learn_sizes(field, rows, input_bytes);
  }
  return true;
}

bool decode(JsonReader& reader, const Records& records, Decoded& decoded) {
  const u32* const addresses = at<u32>(records.value_address);
  const i32* const lengths = at<i32>(records.value_length);
  u32 input_bytes = 0;
  for (u32 i = 0; i < records.count; i++) input_bytes += lengths[i] > 0 ? lengths[i] : 0;
  if (!open_columns(reader, records.count, input_bytes)) return false;
  for (u32 row = 0; row < records.count; row++) {
    u8* const begin = at<u8>(addresses[row]);
    if (LIKELY(read_record(reader, begin, lengths[row], row))) {
      if (UNLIKELY(decoded.reject_count > 0)) {
        at<u32>(decoded.selection)[row - decoded.reject_count] = row;
      }
      continue;
    }
    if (failure.code == ARENA_IS_FULL) return false;
    if (!add_reject(decoded, row, begin, records.count)) return false;
    blank_row(reader, row);
  }
  decoded.selection_count = records.count - decoded.reject_count;
  return write_columns(reader, records.count, input_bytes, decoded);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A reader for the program (json-program.cpp) at `program` in the state heap; 0 when that is full.
MILLRACE_EXPORT(json_reader_make) u32 export_json_reader_make(u32 program) {
  return address_of(make_json_reader(at<u32>(program)));
}

// Decodes every value of a Records into the open lease: the address of a Decoded, or 0 when the
// lease is full; then what was written to it is void. The values are put back as they were.
MILLRACE_EXPORT(json_reader_decode) u32 export_json_reader_decode(u32 reader, u32 records) {
  Decoded* const decoded = allocate<Decoded>(1);
  if (decoded == nullptr) return 0;
  *decoded = {};
  return decode(*at<JsonReader>(reader), *at<Records>(records), *decoded) ? address_of(decoded) : 0;
}
