#include "json-writer.h"

#include "bytes.h"
#include "digits.h"
#include "json-writer-text.h"
#include "time-writer.h"

namespace millrace {
namespace {

// Room for any value but strings, binaries and containers, with the overrun of its stores.
constexpr u32 SCALAR_BYTES_MAX = 64;
static_assert(SCALAR_BYTES_MAX >= NUMBER_BYTES_MAX + 16);

MILLRACE_INLINE u8* write_bool(u8* out, bool value) {
  memcpy(out, value ? "true" : "fals", 4);
  out[4] = 'e';
  return out + (value ? 4 : 5);
}

MILLRACE_INLINE u32 row_of(const JsonWriter& column, u32 row) {
  return column.flags & COLUMN_CONSTANT ? 0 : row;
}
MILLRACE_INLINE bool is_null(const JsonWriter& column, u32 row) {
  return column.validity && !get_bit(at<u8>(column.validity), row_of(column, row));
}

MILLRACE_INLINE u8* write_null(u8* out) {
  memcpy(out, "null", 4);
  return out + 4;
}

template <typename T>
MILLRACE_INLINE T value_at(const JsonWriter& column, u32 row) {
  return at<T>(column.data)[row];
}
MILLRACE_INLINE Bytes bytes_at(const JsonWriter& column, u32 row) {
  const i32* const offsets = at<i32>(column.offsets) + row;
  return {at<u8>(column.data) + offsets[0], static_cast<u32>(offsets[1] - offsets[0])};
}

// Text that is JSON already.
u8* write_raw(u8* out, const u8* end, Bytes text) {
  if (!has_room(out, end, text.length + 16)) return nullptr;
  copy_bytes(out, text.data, text.length);
  return out + text.length;
}

// `write(out)` in quotes.
template <typename Write>
MILLRACE_INLINE u8* write_quoted(u8* out, Write write) {
  *out = '"';
  out = write(out + 1);
  *out = '"';
  return out + 1;
}

u8* write_object(const JsonWriter& object, u8* out, u8* end, u32 row);
u8* write_list(const JsonWriter& list, u8* out, u8* end, u32 row);
u8* write_map(const JsonWriter& map, u8* out, u8* end, u32 row);

// The types that are not written inline.
MILLRACE_NOINLINE u8* write_other(const JsonWriter& column, u8* out, u8* end, u32 row) {
  switch (column.type) {
    case TYPE_INT8:
      return write_int64(out, value_at<int8_t>(column, row));
    case TYPE_INT16:
      return write_int64(out, value_at<int16_t>(column, row));
    case TYPE_UINT8:
      return write_uint64(out, value_at<u8>(column, row));
    case TYPE_UINT16:
      return write_uint64(out, value_at<u16>(column, row));
    case TYPE_UINT32:
      return write_uint64(out, value_at<u32>(column, row));
    case TYPE_UINT64:
      return write_uint64(out, value_at<u64>(column, row));
    case TYPE_FLOAT32:
      return write_float32(out, value_at<float>(column, row));
    case TYPE_DECIMAL:
      return write_decimal(out, value_at<u64>(column, 2 * row), value_at<u64>(column, 2 * row + 1),
                           column.param & 0xff);
    case TYPE_DATE:
      return write_quoted(out, [&](u8* o) { return write_date(o, value_at<i32>(column, row)); });
    case TYPE_TIME:
      return write_time(out, value_at<i64>(column, row));
    case TYPE_DURATION:
      return write_quoted(out,
                          [&](u8* o) { return write_duration(o, value_at<i64>(column, row)); });
    case TYPE_MAP:
      return write_map(column, out, end, row);
    case TYPE_JSON:
      return write_raw(out, end, bytes_at(column, row));
    case TYPE_BINARY:
      return write_base64(out, end, bytes_at(column, row));
    case TYPE_NULL:
      return write_null(out);
    default:
      return nullptr;
  }
}

// The value of one column; SCALAR_BYTES_MAX bytes are there.
MILLRACE_INLINE u8* write_value(const JsonWriter& column, u8* out, u8* end, u32 row) {
  row = row_of(column, row);
  if (column.validity && UNLIKELY(!get_bit(at<u8>(column.validity), row))) return write_null(out);
  switch (column.type) {
    case TYPE_UTF8: {
      const Bytes text = bytes_at(column, row);
      return write_string(out, end, text.data, text.length);
    }
    case TYPE_INT64:
      return write_int64(out, value_at<i64>(column, row));
    case TYPE_FLOAT64:
      return write_float64(out, value_at<f64>(column, row));
    case TYPE_INT32:
      return write_int64(out, value_at<i32>(column, row));
    case TYPE_TIMESTAMP:
      return write_quoted(
          out, [&](u8* o) { return write_timestamp(o, value_at<i64>(column, row), column.param); });
    case TYPE_BOOL:
      return write_bool(out, get_bit(at<u8>(column.data), row));
    case TYPE_STRUCT:
      return write_object(column, out, end, row);
    case TYPE_LIST:
      return write_list(column, out, end, row);
    case TYPE_DICTIONARY: {
      const Bytes text = bytes_at(*at<JsonWriter>(column.children), value_at<u32>(column, row));
      return write_string(out, end, text.data, text.length);
    }
    default:
      return write_other(column, out, end, row);
  }
}

u8* write_list(const JsonWriter& list, u8* out, u8* end, u32 row) {
  const i32* const offsets = at<i32>(list.offsets) + row;
  const JsonWriter& item = *at<JsonWriter>(list.children);
  *out++ = '[';
  for (i32 i = offsets[0]; i < offsets[1]; i++) {
    if (UNLIKELY(!has_room(out, end, SCALAR_BYTES_MAX + 1))) return nullptr;
    if (i > offsets[0]) *out++ = ',';
    out = write_value(item, out, end, static_cast<u32>(i));
    if (UNLIKELY(!out)) return nullptr;
  }
  if (UNLIKELY(!has_room(out, end, 1))) return nullptr;
  *out = ']';
  return out + 1;
}

// An object of the entries, in their order.
u8* write_map(const JsonWriter& map, u8* out, u8* end, u32 row) {
  const i32* const offsets = at<i32>(map.offsets) + row;
  const JsonWriter& entries = *at<JsonWriter>(map.children);
  const JsonWriter& key = at<JsonWriter>(entries.children)[0];
  const JsonWriter& value = at<JsonWriter>(entries.children)[1];
  *out++ = '{';
  for (i32 i = offsets[0]; i < offsets[1]; i++) {
    if (UNLIKELY(!has_room(out, end, 1))) return nullptr;
    if (i > offsets[0]) *out++ = ',';
    const Bytes text = bytes_at(key, static_cast<u32>(i));
    out = write_string(out, end, text.data, text.length);
    if (UNLIKELY(!out || !has_room(out, end, SCALAR_BYTES_MAX + 1))) return nullptr;
    *out++ = ':';
    out = write_value(value, out, end, static_cast<u32>(i));
    if (UNLIKELY(!out)) return nullptr;
  }
  if (UNLIKELY(!has_room(out, end, 1))) return nullptr;
  *out = '}';
  return out + 1;
}

u8* write_object(const JsonWriter& object, u8* out, u8* end, u32 row) {
  const JsonWriter* column = at<JsonWriter>(object.children);
  const JsonWriter* const columns_end = column + object.child_count;
  if (object.child_count == 0) {
    if (!has_room(out, end, 2)) return nullptr;
    memcpy(out, "{}", 2);
    return out + 2;
  }
  for (; column < columns_end; column++) {
    if (UNLIKELY(!has_room(out, end, column->literal_length + SCALAR_BYTES_MAX))) return nullptr;
    const u32 length = column->literal_length;
    // Most names fit one vector; a member's literal is never empty.
    wasm_v128_store(out, wasm_v128_load(at<u8>(column->literal)));
    if (UNLIKELY(length > 16)) copy_bytes(out + 16, at<u8>(column->literal) + 16, length - 16);
    out = write_value(*column, out + length, end, row);
    if (UNLIKELY(!out)) return nullptr;
  }
  if (UNLIKELY(!has_room(out, end, 1))) return nullptr;
  *out = '}';
  return out + 1;
}

bool bind(JsonWriter& writer, const Column& column) {
  if (writer.type != column.type) return false;
  writer.flags = column.flags;
  writer.param = column.param;
  writer.validity = column.null_count ? column.validity : 0;
  writer.data = column.data;
  writer.offsets = column.offsets;
  if (writer.child_count != column.child_count) return false;
  for (u32 i = 0; i < writer.child_count; i++) {
    if (!bind(at<JsonWriter>(writer.children)[i], at<Column>(column.children)[i])) return false;
  }
  return true;
}

}  // namespace

u8* write_json(const JsonWriter& root, u8* out, u8* end, u32 row) {
  return write_object(root, out, end, row);
}

bool json_all_null(const JsonWriter& root, u32 row) {
  const JsonWriter* const columns = at<JsonWriter>(root.children);
  for (u32 i = 0; i < root.child_count; i++) {
    if (!is_null(columns[i], row)) return false;
  }
  return root.child_count > 0;
}

}  // namespace millrace

using namespace millrace;

// Puts a morsel's column (address of a `Column`) in place of child `index` of the root; 0 where
// its type or shape is another than the program's.
MILLRACE_EXPORT(json_writer_bind) u32 export_json_writer_bind(u32 writer, u32 index, u32 column) {
  const JsonWriter& root = *at<JsonWriter>(writer);
  if (index >= root.child_count) return 0;
  return bind(at<JsonWriter>(root.children)[index], *at<Column>(column));
}
