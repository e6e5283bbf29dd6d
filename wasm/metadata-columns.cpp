// Columns made from the records themselves: timestamps, keys, headers.
#include "bytes.h"
#include "record-batch.h"

namespace millrace {
namespace {

Column* alloc_column(u8 type, u32 length) {
  Column* const column = static_cast<Column*>(arena_alloc(sizeof(Column)));
  if (!column) return nullptr;
  *column = {};
  column->type = type;
  column->length = length;
  return column;
}

// Bits for `rows` rows, all valid; nullptr: the lease is full.
u8* alloc_validity(u32 rows) {
  u8* const validity = static_cast<u8*>(arena_alloc(rows / 8 + 1));
  if (validity) memset(validity, 0xff, rows / 8 + 1);
  return validity;
}

// Collects the values of a utf8 or binary column whose row count and bytes are known before.
struct BytesBuilder {
  Column* column;
  i32* offsets;
  u8* data;
  u8* validity;
  u32 row = 0;
  u32 used = 0;
  u32 nulls = 0;

  bool alloc(Column* target, u8 type, u32 rows, u64 bytes) {
    if (!target || bytes > 0x7fffffff || rows > 0x0fffffff) return false;
    column = target;
    *column = {};
    column->type = type;
    column->length = rows;
    offsets = static_cast<i32*>(arena_alloc((rows + 1) * 4));
    data = static_cast<u8*>(arena_alloc(static_cast<u32>(bytes)));
    validity = alloc_validity(rows);
    if (!offsets || !data || !validity) return false;
    offsets[0] = 0;
    return true;
  }

  __attribute__((always_inline)) void add(const u8* from, i32 length) {
    if (length < 0) {
      validity[row >> 3] &= static_cast<u8>(~(1u << (row & 7)));
      nulls++;
    } else {
      copy_bytes(data + used, from, static_cast<u32>(length));
      used += static_cast<u32>(length);
    }
    offsets[++row] = static_cast<i32>(used);
  }

  void finish() {
    column->null_count = nulls;
    column->validity = nulls ? address_of(validity) : 0;
    column->data = address_of(data);
    column->offsets = address_of(offsets);
    column->data_length = used;
  }
};

// U+FFFD for each byte that is not part of a character, as the WHATWG decoder would show where
// one stands alone; `to` has room for three bytes per byte of input.
u32 repair_utf8(u8* to, const u8* from, u32 length) {
  u32 used = 0;
  while (length > 0) {
    const u32 valid = valid_utf8_prefix(from, length);
    memcpy(to + used, from, valid);
    used += valid;
    if (valid == length) break;
    memcpy(to + used, "\xef\xbf\xbd", 3);
    used += 3;
    from += valid + 1;
    length -= valid + 1;
  }
  return used;
}

struct Totals {
  u64 headers;
  u64 key_bytes;
  u64 value_bytes;
  bool valid;  // whether every key is UTF-8
};

// Calls `visit(key, key length, value, value length)` for each header; records_walk has checked
// every length.
template <typename Visit>
void for_each_header(const Records& records, u32 row, Visit visit) {
  const u8* from = at<u8>(at<u32>(records.headers_address)[row]);
  for (u32 i = at<u32>(records.headers_count)[row]; i > 0; i--) {
    i32 key_length, value_length;
    const u8* const key = read_varint(from, key_length);
    const u8* const value = read_varint(key + key_length, value_length);
    visit(key, key_length, value, value_length);
    from = value + (value_length > 0 ? value_length : 0);
  }
}

Totals measure_headers(const Records& records) {
  Totals totals{0, 0, 0, true};
  for (u32 row = 0; row < records.count; row++) {
    for_each_header(records, row, [&](const u8* key, i32 key_length, const u8*, i32 value_length) {
      totals.headers++;
      totals.key_bytes += static_cast<u32>(key_length);
      totals.value_bytes += value_length > 0 ? static_cast<u32>(value_length) : 0;
      if (totals.valid) {
        const u32 length = static_cast<u32>(key_length);
        totals.valid = valid_utf8_prefix(key, length) == length;
      }
    });
  }
  return totals;
}

bool fill_headers(const Records& records, const Totals& totals, i32* offsets, Column* fields) {
  BytesBuilder keys, values;
  const u32 headers = static_cast<u32>(totals.headers);
  const u64 key_bytes = totals.valid ? totals.key_bytes : totals.key_bytes * 3;
  if (!keys.alloc(fields, TYPE_UTF8, headers, key_bytes)) return false;
  if (!values.alloc(fields + 1, TYPE_BINARY, headers, totals.value_bytes)) return false;
  for (u32 row = 0; row < records.count; row++) {
    offsets[row] = static_cast<i32>(keys.row);
    for_each_header(records, row, [&](const u8* key, i32 key_length, const u8* value, i32 length) {
      if (LIKELY(totals.valid)) {
        keys.add(key, key_length);
      } else {
        keys.used += repair_utf8(keys.data + keys.used, key, static_cast<u32>(key_length));
        keys.offsets[++keys.row] = static_cast<i32>(keys.used);
      }
      values.add(value, length);
    });
  }
  offsets[records.count] = static_cast<i32>(keys.row);
  keys.finish();
  values.finish();
  return true;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Timestamps in microseconds. Null where a record has none (Kafka writes -1) or where one is so far
// away that microseconds do not hold it.
MILLRACE_EXPORT(metadata_timestamps) u32 export_metadata_timestamps(u32 records_address) {
  constexpr i64 MILLIS_MAX = INT64_MAX / 1000;
  const Records& records = *at<Records>(records_address);
  Column* const column = alloc_column(TYPE_TIMESTAMP, records.count);
  i64* const micros = static_cast<i64*>(arena_alloc(records.count * 8));
  if (!column || !micros) return 0;
  const i64* const millis = at<i64>(records.timestamp);
  const auto valid = [&](i64 value) {
    return value != -1 && value <= MILLIS_MAX && value >= -MILLIS_MAX;
  };
  u32 nulls = 0;
  for (u32 row = 0; row < records.count; row++) {
    nulls += !valid(millis[row]);
    micros[row] = static_cast<i64>(static_cast<u64>(millis[row]) * 1000);
  }
  column->data = address_of(micros);
  column->data_length = records.count * 8;
  if (nulls == 0) return address_of(column);
  u8* const validity = alloc_validity(records.count);
  if (!validity) return 0;
  for (u32 row = 0; row < records.count; row++) {
    if (!valid(millis[row])) validity[row >> 3] &= static_cast<u8>(~(1u << (row & 7)));
  }
  column->validity = address_of(validity);
  column->null_count = nulls;
  return address_of(column);
}

// Keys, binary, null where a record has none.
MILLRACE_EXPORT(metadata_keys) u32 export_metadata_keys(u32 records_address) {
  const Records& records = *at<Records>(records_address);
  const u32* const addresses = at<u32>(records.key_address);
  const i32* const lengths = at<i32>(records.key_length);
  u64 bytes = 0;
  for (u32 row = 0; row < records.count; row++) bytes += lengths[row] > 0 ? lengths[row] : 0;
  BytesBuilder keys;
  Column* const column = alloc_column(TYPE_BINARY, records.count);
  if (!keys.alloc(column, TYPE_BINARY, records.count, bytes)) return 0;
  for (u32 row = 0; row < records.count; row++) keys.add(at<u8>(addresses[row]), lengths[row]);
  keys.finish();
  return address_of(column);
}

// Headers, list<struct{key: utf8, value: binary}>, an empty list where a record has none.
MILLRACE_EXPORT(metadata_headers) u32 export_metadata_headers(u32 records_address) {
  const Records& records = *at<Records>(records_address);
  const Totals totals = measure_headers(records);
  if (totals.headers > 0x0fffffff) return 0;
  Column* const list = alloc_column(TYPE_LIST, records.count);
  i32* const offsets = static_cast<i32*>(arena_alloc((records.count + 1) * 4));
  Column* const entry = alloc_column(TYPE_STRUCT, static_cast<u32>(totals.headers));
  Column* const fields = static_cast<Column*>(arena_alloc(2 * sizeof(Column)));
  if (!list || !offsets || !entry || !fields) return 0;
  if (!fill_headers(records, totals, offsets, fields)) return 0;
  entry->child_count = 2;
  entry->children = address_of(fields);
  list->offsets = address_of(offsets);
  list->child_count = 1;
  list->children = address_of(entry);
  return address_of(list);
}
