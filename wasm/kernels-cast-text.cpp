// Casts from texts to values, and from values to texts.
#include "digits.h"
#include "json-skip.h"
#include "json-string.h"
#include "kernels-cast.h"
#include "number-writer.h"
#include "text-values.h"
#include "text-writer.h"

namespace millrace {
namespace {

// From texts.

template <typename To>
u32 to_integer(Cast& cast, const Spans& texts) {
  constexpr bool is_signed = static_cast<To>(-1) < static_cast<To>(0);
  constexpr i128 most = (static_cast<i128>(1) << (sizeof(To) * 8 - (is_signed ? 1 : 0))) - 1;
  constexpr i128 least = is_signed ? -most - 1 : 0;
  To* to = at<To>(cast.to->data);
  return cast.each([=](u32 row) {
    i128 value;
    if (!read_scaled(texts[row], 0, value)) return false;
    to[row] = static_cast<To>(value);
    return value >= least && value <= most;
  });
}

u32 to_decimal(Cast& cast, const Spans& texts) {
  i128* to = at<i128>(cast.to->data);
  const u32 scale = scale_of(cast.to->param);
  const i128 limit = power_of_ten(precision_of(cast.to->param));
  return cast.each([=](u32 row) {
    return read_scaled(texts[row], scale, to[row]) && within(to[row], limit);
  });
}

u32 to_bool(Cast& cast, const Spans& texts) {
  u8* to = at<u8>(cast.to->data);
  memset(to, 0, cast.to->data_length);
  return cast.each([=](u32 row) {
    bool value;
    if (!read_bool(texts[row], value)) return false;
    to[row >> 3] |= static_cast<u8>(value << (row & 7));
    return true;
  });
}

template <typename To, typename Read>
u32 to_value(Cast& cast, const Spans& texts, Read read) {
  To* to = at<To>(cast.to->data);
  return cast.each([=](u32 row) { return read(texts[row], to[row]); });
}

u32 from_text(Cast& cast) {
  const Spans texts(cast.from);
  const u16 param = cast.to->param;
  switch (cast.to->type) {
    case TYPE_BOOL:
      return to_bool(cast, texts);
    case TYPE_INT8:
      return to_integer<i8>(cast, texts);
    case TYPE_INT16:
      return to_integer<i16>(cast, texts);
    case TYPE_INT32:
      return to_integer<i32>(cast, texts);
    case TYPE_INT64:
      return to_integer<i64>(cast, texts);
    case TYPE_UINT8:
      return to_integer<u8>(cast, texts);
    case TYPE_UINT16:
      return to_integer<u16>(cast, texts);
    case TYPE_UINT32:
      return to_integer<u32>(cast, texts);
    case TYPE_UINT64:
      return to_integer<u64>(cast, texts);
    case TYPE_FLOAT32:
      return to_value<f32>(cast, texts, read_float32);
    case TYPE_FLOAT64:
      return to_value<f64>(cast, texts, read_float64);
    case TYPE_DECIMAL:
      return to_decimal(cast, texts);
    case TYPE_DATE:
      return to_value<i32>(cast, texts, read_date_text);
    case TYPE_TIME:
      return to_value<i64>(cast, texts, read_time_text);
    case TYPE_DURATION:
      return to_value<i64>(cast, texts, read_duration_text);
    default:
      return to_value<i64>(cast, texts, [param](Span text, i64& value) {
        return read_timestamp_text(text, param, value);
      });
  }
}

// A value of JSON as a reader of messages takes it; the text ends with a zero byte.
bool is_json(const u8* text, u32 length) {
  const u8* s = skip_value(skip_space(text));
  return s != nullptr && skip_space(s) == text + length;
}

// Between types of one layout: the bytes stay, and are checked where the type asks for it.
u32 retype(Cast& cast) {
  const Spans texts(cast.from);
  if (cast.to->type == TYPE_UTF8 && cast.from->type == TYPE_BINARY) {
    return cast.each([=](u32 row) {
      return is_utf8(texts[row].bytes, texts[row].bytes + texts[row].length);
    });
  }
  if (cast.to->type != TYPE_JSON) return address_of(cast.to);
  u32 longest = 0;
  for (u32 i = 0; i < cast.rows.count; ++i) {
    const u32 length = texts[cast.rows[i]].length;
    if (length > longest) longest = length;
  }
  // A copy, which can end with a zero where the column goes on.
  u8* const copy = static_cast<u8*>(arena_array(static_cast<u64>(longest) + 1, 1));
  if (copy == nullptr) return KERNEL_FULL;
  return cast.each([=](u32 row) {
    const Span text = texts[row];
    copy_span(copy, text);
    memset(copy + text.length, 0, 16);
    return is_json(copy, text.length);
  });
}

// To texts.

template <typename Write>
u32 to_text(Column* out, const Rows& rows, Write write) {
  return write_texts(out, rows, [&](const TextWriter& to, u32 row) -> u8* {
    u8* const text = to.reserve(VALUE_TEXT_BYTES);
    return text == nullptr ? nullptr : write(text, row);
  });
}

template <typename T>
u32 from_signed(const Column* column, Column* out, const Rows& rows) {
  const T* values = at<T>(column->data);
  return to_text(out, rows, [=](u8* text, u32 row) { return write_int64(text, values[row]); });
}

template <typename T>
u32 from_unsigned(const Column* column, Column* out, const Rows& rows) {
  const T* values = at<T>(column->data);
  return to_text(out, rows, [=](u8* text, u32 row) { return write_uint64(text, values[row]); });
}

template <typename T>
u32 from_value(const Column* column, Column* out, const Rows& rows, u8* (*write)(u8*, T)) {
  const T* values = at<T>(column->data);
  return to_text(out, rows, [=](u8* text, u32 row) { return write(text, values[row]); });
}

u32 from_bool(const Column* column, Column* out, const Rows& rows) {
  const u8* bits = at<u8>(column->data);
  return to_text(out, rows, [=](u8* text, u32 row) {
    const bool value = get_bit(bits, row);
    memcpy(text, value ? "true " : "false", 5);
    return text + (value ? 4 : 5);
  });
}

u32 write_values(const Column* column, Column* out, const Rows& rows) {
  const u16 param = column->param;
  switch (column->type) {
    case TYPE_BOOL:
      return from_bool(column, out, rows);
    case TYPE_INT8:
      return from_signed<i8>(column, out, rows);
    case TYPE_INT16:
      return from_signed<i16>(column, out, rows);
    case TYPE_INT32:
      return from_signed<i32>(column, out, rows);
    case TYPE_INT64:
      return from_signed<i64>(column, out, rows);
    case TYPE_UINT8:
      return from_unsigned<u8>(column, out, rows);
    case TYPE_UINT16:
      return from_unsigned<u16>(column, out, rows);
    case TYPE_UINT32:
      return from_unsigned<u32>(column, out, rows);
    case TYPE_UINT64:
      return from_unsigned<u64>(column, out, rows);
    case TYPE_FLOAT32:
      return from_value<f32>(column, out, rows, write_float);
    case TYPE_FLOAT64:
      return from_value<f64>(column, out, rows, write_double);
    case TYPE_DATE:
      return from_value<i32>(column, out, rows, write_date_text);
    case TYPE_TIME:
      return from_value<i64>(column, out, rows, write_time_text);
    case TYPE_DURATION:
      return from_value<i64>(column, out, rows, write_duration_text);
    case TYPE_DECIMAL: {
      const i128* values = at<i128>(column->data);
      return to_text(out, rows, [=](u8* text, u32 row) {
        return write_decimal_text(text, values[row], param);
      });
    }
    default: {
      const i64* values = at<i64>(column->data);
      return to_text(out, rows, [=](u8* text, u32 row) {
        return write_timestamp_text(text, values[row], param);
      });
    }
  }
}

MILLRACE_INLINE bool is_text(u8 type) {
  return type == TYPE_UTF8 || type == TYPE_BINARY || type == TYPE_JSON;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A column of texts (utf8, binary, json) as another type, or one of scalars as utf8; `misfit` is 0
// to fail the row, 1 to make null.
MILLRACE_EXPORT(kernel_cast_text)
u32 kernel_cast_text(u32 column_at, u32 type, u32 param_at, u32 misfit, u32 selection,
                     u32 count) {
  const Column* column = at<Column>(column_at);
  const u8 to = static_cast<u8>(type);
  const u16 param = static_cast<u16>(param_at);
  if (is_null_constant(column)) return address_of(null_column(to, column->length, param));
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  if (!is_text(column->type)) {
    Column* out = new_result(to, &column, 1);
    return out == nullptr ? static_cast<u32>(KERNEL_FULL) : write_values(column, out, rows);
  }
  Column* out;
  if (is_text(to)) {
    out = share_column(column);
    if (out != nullptr) out->type = to;
  } else {
    out = new_fixed_column(to, column->length, column->flags);
  }
  if (out == nullptr) return KERNEL_FULL;
  out->param = param;
  out->validity = column->validity;
  out->null_count = column->null_count;
  Cast cast{column, out, rows, misfit != 0};
  return is_text(to) ? retype(cast) : from_text(cast);
}
