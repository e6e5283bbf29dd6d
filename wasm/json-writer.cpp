#include "json-writer.h"

#include "bytes.h"
#include "number-writer.h"

namespace millrace {
namespace {

// Room for any value but strings, binaries and containers, with the overrun of its stores.
constexpr u32 SCALAR_BYTES_MAX = 64;
static_assert(SCALAR_BYTES_MAX >= NUMBER_BYTES_MAX + 16);

MILLRACE_INLINE bool has_room(const u8* out, const u8* end, u32 bytes) {
  return LIKELY(end - out >= static_cast<ptrdiff_t>(bytes));
}

// Writes the escape of `byte`: at most 6 bytes.
u8* write_escape(u8* out, u8 byte) {
  static constexpr char HEX[] = "0123456789abcdef";
  *out++ = '\\';
  switch (byte) {
    case '"':
    case '\\':
      *out++ = byte;
      return out;
    case '\b':
      *out++ = 'b';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\f':
      *out++ = 'f';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    default:
      memcpy(out, "u00", 3);
      out[3] = static_cast<u8>(HEX[byte >> 4]);
      out[4] = static_cast<u8>(HEX[byte & 15]);
      return out + 5;
  }
}

// One bit for each of sixteen bytes that JSON does not take as it is.
MILLRACE_INLINE u32 escape_mask(v128_t bytes) {
  const v128_t quote = wasm_i8x16_eq(bytes, wasm_u8x16_const_splat('"'));
  const v128_t backslash = wasm_i8x16_eq(bytes, wasm_u8x16_const_splat('\\'));
  const v128_t control = wasm_u8x16_lt(bytes, wasm_u8x16_const_splat(0x20));
  return wasm_i8x16_bitmask(wasm_v128_or(wasm_v128_or(quote, backslash), control));
}

// Escapes runs in between are copied by vectors.
MILLRACE_NOINLINE u8* write_escaped(u8* out, const u8* end, const u8* from, u32 length) {
  while (length > 0) {
    // An escape grows a byte to six, a vector store reaches sixteen ahead.
    if (!has_room(out, end, length + 32)) return nullptr;
    const v128_t bytes = wasm_v128_load(from);
    wasm_v128_store(out, bytes);
    u32 mask = escape_mask(bytes);
    const u32 block = length < 16 ? length : 16;
    mask &= (1u << block) - 1;
    const u32 clean = mask ? static_cast<u32>(__builtin_ctz(mask)) : block;
    out += clean;
    from += clean;
    length -= clean;
    if (mask) {
      out = write_escape(out, *from++);
      length--;
    }
  }
  return out;
}

MILLRACE_INLINE u8* write_string(u8* out, const u8* end, const u8* from, u32 length) {
  if (UNLIKELY(!has_room(out, end, length + 32))) return nullptr;
  *out++ = '"';
  while (length > 0) {
    const v128_t bytes = wasm_v128_load(from);
    wasm_v128_store(out, bytes);
    u32 mask = escape_mask(bytes);
    if (length < 16) mask &= (1u << length) - 1;
    if (UNLIKELY(mask)) {
      out = write_escaped(out, end, from, length);
      if (!out || !has_room(out, end, 1)) return nullptr;
      break;
    }
    if (length <= 16) {
      out += length;
      break;
    }
    out += 16;
    from += 16;
    length -= 16;
  }
  *out = '"';
  return out + 1;
}

// RFC 4648 base64 with padding, in quotes.
u8* write_base64(u8* out, const u8* end, const u8* from, u32 length) {
  static constexpr char DIGITS[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (length > 0x40000000 || !has_room(out, end, (length + 2) / 3 * 4 + 2)) return nullptr;
  *out++ = '"';
  for (; length >= 3; from += 3, length -= 3) {
    const u32 bits = static_cast<u32>(from[0]) << 16 | static_cast<u32>(from[1]) << 8 | from[2];
    for (int shift = 18; shift >= 0; shift -= 6) *out++ = static_cast<u8>(DIGITS[bits >> shift & 63]);
  }
  if (length > 0) {
    const u32 bits =
        static_cast<u32>(from[0]) << 16 | (length == 2 ? static_cast<u32>(from[1]) << 8 : 0);
    *out++ = static_cast<u8>(DIGITS[bits >> 18]);
    *out++ = static_cast<u8>(DIGITS[bits >> 12 & 63]);
    *out++ = length == 2 ? static_cast<u8>(DIGITS[bits >> 6 & 63]) : '=';
    *out++ = '=';
  }
  *out++ = '"';
  return out;
}

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

u8* write_object(const JsonWriter& object, u8* out, u8* end, u32 row);
u8* write_list(const JsonWriter& list, u8* out, u8* end, u32 row);

// The value of one column; SCALAR_BYTES_MAX bytes are there.
MILLRACE_INLINE u8* write_value(const JsonWriter& column, u8* out, u8* end, u32 row) {
  row = row_of(column, row);
  if (column.validity && UNLIKELY(!get_bit(at<u8>(column.validity), row))) {
    memcpy(out, "null", 4);
    return out + 4;
  }
  switch (column.type) {
    case TYPE_UTF8: {
      const i32* const offsets = at<i32>(column.offsets) + row;
      const u32 length = static_cast<u32>(offsets[1] - offsets[0]);
      return write_string(out, end, at<u8>(column.data) + offsets[0], length);
    }
    case TYPE_INT64:
      return write_int64(out, at<i64>(column.data)[row]);
    case TYPE_FLOAT64:
      return write_float64(out, at<f64>(column.data)[row]);
    case TYPE_INT32:
      return write_int64(out, at<i32>(column.data)[row]);
    case TYPE_TIMESTAMP:
      *out = '"';
      out = write_timestamp(out + 1, at<i64>(column.data)[row]);
      *out = '"';
      return out + 1;
    case TYPE_BOOL:
      return write_bool(out, get_bit(at<u8>(column.data), row));
    case TYPE_STRUCT:
      return write_object(column, out, end, row);
    case TYPE_LIST:
      return write_list(column, out, end, row);
    case TYPE_BINARY: {
      const i32* const offsets = at<i32>(column.offsets) + row;
      const u32 length = static_cast<u32>(offsets[1] - offsets[0]);
      return write_base64(out, end, at<u8>(column.data) + offsets[0], length);
    }
    default:
      return nullptr;
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
    copy_bytes(out, at<u8>(column->literal), column->literal_length);
    out = write_value(*column, out + column->literal_length, end, row);
    if (UNLIKELY(!out)) return nullptr;
  }
  if (UNLIKELY(!has_room(out, end, 1))) return nullptr;
  *out = '}';
  return out + 1;
}

bool bind(JsonWriter& writer, const Column& column) {
  if (writer.type != column.type) return false;
  writer.flags = column.flags;
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
