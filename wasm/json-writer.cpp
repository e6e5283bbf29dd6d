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

// All ones in each of sixteen bytes that JSON does not take as it is. Exchanging bit 1 leaves the
// control characters among themselves and moves the quote (0x22) next to them.
MILLRACE_INLINE v128_t needs_escape(v128_t bytes) {
  const v128_t moved = wasm_v128_xor(bytes, wasm_u8x16_const_splat(2));
  const v128_t control_or_quote = wasm_u8x16_le(moved, wasm_u8x16_const_splat(0x20));
  const v128_t backslash = wasm_i8x16_eq(bytes, wasm_u8x16_const_splat('\\'));
  return wasm_v128_or(control_or_quote, backslash);
}

// Escapes runs in between are copied by vectors.
MILLRACE_NOINLINE u8* write_escaped(u8* out, const u8* end, const u8* from, u32 length) {
  while (length > 0) {
    // An escape grows a byte to six, a vector store reaches sixteen ahead.
    if (!has_room(out, end, length + 32)) return nullptr;
    const v128_t bytes = wasm_v128_load(from);
    wasm_v128_store(out, bytes);
    u32 mask = wasm_i8x16_bitmask(needs_escape(bytes));
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

// Copies as if nothing needs an escape and looks at the end whether something did. Strings of
// sixteen bytes and more end with a vector that overlaps the one before.
MILLRACE_INLINE u8* write_string(u8* out, const u8* end, const u8* from, u32 length) {
  if (UNLIKELY(!has_room(out, end, length + 32))) return nullptr;
  *out++ = '"';
  bool escapes;
  if (length < 16) {
    const v128_t bytes = wasm_v128_load(from);
    wasm_v128_store(out, bytes);
    escapes = wasm_i8x16_bitmask(needs_escape(bytes)) & ((1u << length) - 1);
  } else {
    const v128_t last = wasm_v128_load(from + length - 16);
    v128_t found = needs_escape(last);
    for (u32 i = 0; i < length - 16; i += 16) {
      const v128_t bytes = wasm_v128_load(from + i);
      wasm_v128_store(out + i, bytes);
      found = wasm_v128_or(found, needs_escape(bytes));
    }
    wasm_v128_store(out + length - 16, last);
    escapes = wasm_v128_any_true(found);
  }
  if (UNLIKELY(escapes)) {
    out = write_escaped(out, end, from, length);
    if (!out || !has_room(out, end, 1)) return nullptr;
  } else {
    out += length;
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
    for (int shift = 18; shift >= 0; shift -= 6) {
      *out++ = static_cast<u8>(DIGITS[bits >> shift & 63]);
    }
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
