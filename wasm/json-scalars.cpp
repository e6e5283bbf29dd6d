// See json-scalars.h.
#include "json-scalars.h"

#include "json-base64.h"
#include "json-columns.h"
#include "json-decimal.h"
#include "json-duration.h"
#include "json-number.h"
#include "json-skip.h"
#include "json-timestamp.h"
#include "json-values.h"

namespace millrace {
namespace {

template <typename T>
const u8* read_narrow(Field& field, const u8* s, u32 row) {
  i64 value;
  const u8* const end = read_integer(s, value);
  if (UNLIKELY(end == nullptr)) return nullptr;
  if (UNLIKELY(value != static_cast<T>(value))) return fail(REJECT_RANGE, s);
  value_at<T>(field, row) = static_cast<T>(value);
  return end;
}

// The string becomes its bytes where it lies, in the column.
const u8* read_binary(Field& field, const u8* s, u32 row) {
  const u8* const end = read_utf8(field, s + 1, row);
  if (UNLIKELY(end == nullptr)) return nullptr;
  const u32 start = static_cast<u32>(field.offsets[row]);
  const u32 length = static_cast<u32>(field.offsets[row + 1]) - start;
  const u32 bytes = decode_base64(field.data + start, length);
  if (UNLIKELY(bytes == NOT_BASE64)) return fail(REJECT_BASE64, s);
  field.offsets[row + 1] = static_cast<i32>(start + bytes);
  return end;
}

// The text of any value but null, as it stands in the message.
const u8* read_json(Field& field, const u8* s, u32 row) {
  const u8* const end = skip_value(s);
  if (UNLIKELY(end == nullptr)) return nullptr;
  const u32 used = static_cast<u32>(field.offsets[row]);
  const u32 length = static_cast<u32>(end - s);
  if (UNLIKELY(used + length > field.data_capacity) && !reserve_bytes(field, used, length)) {
    return nullptr;
  }
  memcpy(field.data + used, s, length);
  field.offsets[row + 1] = static_cast<i32>(used + length);
  return end;
}

const u8* read_number(Field& field, const u8* s, u32 row) {
  switch (field.type) {
    case TYPE_INT8:
      return read_narrow<int8_t>(field, s, row);
    case TYPE_INT16:
      return read_narrow<int16_t>(field, s, row);
    case TYPE_UINT8:
      return read_narrow<u8>(field, s, row);
    case TYPE_UINT16:
      return read_narrow<u16>(field, s, row);
    case TYPE_UINT32:
      return read_narrow<u32>(field, s, row);
    case TYPE_UINT64:
      return read_unsigned(s, value_at<u64>(field, row));
    case TYPE_FLOAT32:
      return read_float32(s, value_at<float>(field, row));
    case TYPE_DECIMAL:
      return read_decimal_number(field, s, value_at<i128>(field, row));
    case TYPE_DURATION:
      return read_duration_number(s, value_at<i64>(field, row));
    case TYPE_TIMESTAMP:
      return read_timestamp_number(field.param, s, value_at<i64>(field, row));
    default:
      return read_other(field, s, row);
  }
}

const u8* read_text(Field& field, const u8* s, u32 row) {
  switch (field.type) {
    case TYPE_DECIMAL:
      return read_decimal_text(field, s + 1, value_at<i128>(field, row));
    case TYPE_DATE:
      return read_date(s + 1, value_at<i32>(field, row));
    case TYPE_TIME:
      return read_time(s + 1, value_at<i64>(field, row));
    case TYPE_DURATION:
      return read_duration(s + 1, value_at<i64>(field, row));
    case TYPE_TIMESTAMP:
      return read_timestamp_text(field.param, s + 1, value_at<i64>(field, row));
    case TYPE_BINARY:
      return read_binary(field, s, row);
    default:
      return read_other(field, s, row);
  }
}

}  // namespace

const u8* read_scalar(Field& field, const u8* s, u32 row) {
  // Of JSON columns, too: a null is no value, and text begins behind the space.
  if (UNLIKELY(*s <= ' ' || *s == 'n')) return read_other(field, s, row);
  if (field.type == TYPE_JSON) return read_json(field, s, row);
  if (*s == '"') return read_text(field, s, row);
  return starts_number(*s) ? read_number(field, s, row) : read_other(field, s, row);
}

}  // namespace millrace
