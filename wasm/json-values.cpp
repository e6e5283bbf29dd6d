// See json-values.h. An object is read by its shape as far as that matches (read_object), then by
// its names (read_members).
#include "json-values.h"

#include "json-columns.h"
#include "json-dictionary.h"
#include "json-keys.h"
#include "json-map.h"
#include "json-number.h"
#include "json-scalars.h"
#include "json-shape.h"
#include "json-skip.h"
#include "json-timestamp.h"

namespace millrace {
namespace {

MILLRACE_NOINLINE const u8* read_object(Field& object, const u8* s, u32 row);
MILLRACE_NOINLINE const u8* read_list(Field& list, const u8* s, u32 row);

}  // namespace

// Space counts, too: a shape's literal may end before it.
const u8* read_other(Field& field, const u8* s, u32 row) {
  const u8* const value = skip_space(s);
  if (value != s) return read_value_called(field, value, row);
  if (load32(s) == WORD_NULL) {
    if (!field.nullable) return fail(REJECT_NULL, s);
    put_null(field, row);
    return s + 4;
  }
  if (skip_value(s) == nullptr) return nullptr;
  return fail(REJECT_TYPE, s);
}

namespace {

MILLRACE_INLINE const u8* read_int32(Field& field, const u8* s, u32 row) {
  i64 value;
  const u8* const end = read_integer(s, value);
  if (UNLIKELY(end == nullptr)) return nullptr;
  if (UNLIKELY(value != static_cast<i32>(value))) return fail(REJECT_RANGE, s);
  value_at<i32>(field, row) = static_cast<i32>(value);
  return end;
}

MILLRACE_INLINE const u8* read_value(Field& field, const u8* s, u32 row) {
  switch (field.type) {
    case TYPE_SKIPPED:
      return skip_value(skip_space(s));
    case TYPE_UTF8:
      if (LIKELY(*s == '"')) return read_utf8(field, s + 1, row);
      break;
    case TYPE_INT64:
      if (LIKELY(starts_number(*s))) return read_integer(s, value_at<i64>(field, row));
      break;
    case TYPE_FLOAT64:
      if (LIKELY(starts_number(*s))) return read_double(s, value_at<f64>(field, row));
      break;
    case TYPE_INT32:
      if (LIKELY(starts_number(*s))) return read_int32(field, s, row);
      break;
    case TYPE_TIMESTAMP:
      if (LIKELY(*s == '"' && field.param == TIMESTAMP_US)) {
        return read_timestamp(s + 1, value_at<i64>(field, row));
      }
      return read_scalar(field, s, row);
    case TYPE_BOOL: {
      const bool value = load32(s) == WORD_TRUE;
      if (!value && !(*s == 'f' && load32(s + 1) == WORD_ALSE)) break;
      put_bit(field.data, row, value);
      return s + 5 - value;
    }
    case TYPE_STRUCT:
      if (LIKELY(*s == '{')) return read_object(field, s, row);
      break;
    case TYPE_LIST:
      if (LIKELY(*s == '[')) return read_list(field, s, row);
      break;
    case TYPE_MAP:
      if (LIKELY(*s == '{')) return read_map(field, s, row);
      break;
    case TYPE_DICTIONARY:
      if (LIKELY(*s == '"')) return read_dictionary(field, s + 1, row);
      break;
    default:
      return read_scalar(field, s, row);
  }
  return read_other(field, s, row);
}

}  // namespace

const u8* read_value_called(Field& field, const u8* s, u32 row) {
  return read_value(field, s, row);
}

namespace {

const u8* read_list(Field& list, const u8* s, u32 row) {
  Field& item = list.children[0];
  s = skip_space(s + 1);
  if (*s == ']') {
    list.offsets[row + 1] = static_cast<i32>(item.length);
    return s + 1;
  }
  for (;;) {
    const u32 item_row = item.length;
    if (UNLIKELY(item_row == item.row_capacity) && !grow_rows(item)) return nullptr;
    item.length = item_row + 1;
    s = LIKELY(item.type == TYPE_STRUCT && *s == '{') ? read_object(item, s, item_row)
                                                      : read_value_called(item, s, item_row);
    if (UNLIKELY(s == nullptr)) return blame(item.index);
    s = skip_space(s);
    if (*s != ',') break;
    s = skip_space(s + 1);
  }
  if (UNLIKELY(*s != ']')) return fail(REJECT_SYNTAX, s);
  list.offsets[row + 1] = static_cast<i32>(item.length);
  return s + 1;
}

// A member without a value; `s` is behind the object.
MILLRACE_NOINLINE bool put_missing(Field& field, const u8* s, u32 row) {
  if (field.nullable) {
    put_null(field, row & field.row_mask);
    return true;
  }
  fail(REJECT_MISSING, s - 1);
  blame(field.index);
  return false;
}

const u8* read_long_name(Field& object, const u8* s, Field*& field) {
  const u8* const end = skip_string(s);
  if (end == nullptr) return nullptr;
  const u32 length = static_cast<u32>(end - 1 - s);
  field = nullptr;
  if (memchr(s, '\\', length) == nullptr) {
    field = find_key(*object.keys, s, length);
  } else if (length <= current_reader->name_buffer_bytes) {
    u8* out = current_reader->name_buffer;
    copy_string(s, out);
    const u32 decoded = static_cast<u32>(out - current_reader->name_buffer);
    field = find_key(*object.keys, current_reader->name_buffer, decoded);
  }
  return end;
}

// The name at `s`, behind the quote: its field, answers the byte behind the closing quote.
MILLRACE_INLINE const u8* read_name(Field& object, const u8* s, Field*& field) {
  const u8* const start = s;
  const Block block = load_block(s);
  const u32 special = special_mask(block);
  const u32 plain = special == 0 ? BLOCK_BYTES : static_cast<u32>(__builtin_ctz(special));
  const bool ascii = (mask_of(block) & ((1u << plain) - 1)) == 0;
  if (LIKELY(special != 0 && ascii && s[plain] == '"')) {
    field = find_key(*object.keys, s, plain);
    s += plain + 1;
  } else {
    s = read_long_name(object, s, field);
    if (s == nullptr) return nullptr;
  }
  if (field != nullptr) return s;
  if (current_reader->unknown_is_error) return fail(REJECT_UNKNOWN_FIELD, start - 1);
  field = &current_reader->unknown;
  return s;
}

// Behind a value or at the object's bracket: the next member's name and the colon. Answers its
// value's first byte; `field` is nullptr where the object ended and the answer is the byte behind.
MILLRACE_INLINE const u8* read_to_value(Field& object, const u8* s, bool first, Field*& field) {
  field = nullptr;
  s = skip_space(s);
  if (!first && *s == '}') return s + 1;
  if (UNLIKELY(*s != (first ? '{' : ','))) return fail(REJECT_SYNTAX, s);
  s = skip_space(s + 1);
  if (first && *s == '}') return s + 1;
  if (UNLIKELY(*s != '"')) return fail(REJECT_SYNTAX, s);
  s = read_name(object, s + 1, field);
  if (UNLIKELY(s == nullptr)) return nullptr;
  s = skip_space(s);
  if (UNLIKELY(*s != ':')) return fail(REJECT_SYNTAX, s);
  return skip_space(s + 1);
}

// The entry that goes on here: the one expected next, or the one after it where an optional member
// is left out. Entry 0 has the opening bracket and stands only at the beginning.
MILLRACE_INLINE const ShapeEntry* predict(const Shape& shape, u32 next, bool first, const u8* s) {
  if (next == 0 && !first) next = 1;
  for (u32 i = next; i < next + 2 && i < shape.count; i++) {
    if (matches(shape.entries[i], s)) return &shape.entries[i];
  }
  return nullptr;
}

// An object that is read by its names.
struct Members {
  Field& object;
  u64 number;  // of this object, see JsonReader::object_count
  u32 seen;    // wanted members so far
  bool learning;

  // Notes that the object has this member; true where it had it before.
  bool note(Field& field) {
    if (field.type == TYPE_SKIPPED) return false;
    if (field.seen_in == number) return true;
    field.seen_in = number;
    seen++;
    return false;
  }
};

// Puts what the object lacks and, where it was learned from, finishes the shape.
const u8* end_members(const Members& members, const u8* tail, const u8* s, u32 row) {
  Field& object = members.object;
  if (members.seen < object.shape->wanted_count) {
    for (u32 i = 0; i < object.child_count; i++) {
      Field& field = object.children[i];
      if (field.type == TYPE_SKIPPED || field.seen_in == members.number) continue;
      if (!put_missing(field, s, row)) return nullptr;
    }
  }
  if (members.learning) finish_learning(*object.shape, object, tail, s, members.number);
  return s;
}

// Reads a value whose name and so on are [literal, s). Of a name that comes twice the last value
// counts, as in JSON.parse: the first is taken back. Each one is checked. Shapes name no member
// twice, since reading by them does not look for that.
MILLRACE_INLINE const u8* read_member(Members& members, Field& field, const u8* literal,
                                      const u8* s, u32 row) {
  row &= field.row_mask;
  if (UNLIKELY(members.note(field))) {
    reset_row(field, row);
    members.learning = false;
  }
  if (members.learning) learn_entry(*members.object.shape, literal, s, field);
  s = read_value_called(field, s, row);
  return LIKELY(s != nullptr) ? s : blame(field.index);
}

// Reads on by names where the shape stopped matching: its first `matched` entries are read.
MILLRACE_NOINLINE const u8* read_members(Field& object, const u8* s, u32 row, u32 matched) {
  Shape& shape = *object.shape;
  const bool learning = shape.misses_left == 0;
  Members members{object, ++current_reader->object_count, 0, learning};
  for (u32 i = 0; i < matched; i++) members.note(*shape.entries[i].field);
  if (learning) {
    begin_learning(shape, matched);
  } else {
    shape.misses_left--;
  }
  u32 next = matched;
  for (bool first = matched == 0;; first = false) {
    const u8* const literal = s;
    Field* field;
    if (const ShapeEntry* entry = learning ? nullptr : predict(shape, next, first, s)) {
      field = entry->field;
      next = static_cast<u32>(entry - shape.entries) + 1;
      s += entry->length;
    } else {
      s = read_to_value(object, s, first, field);
      if (UNLIKELY(s == nullptr)) return nullptr;
      if (field == nullptr) return end_members(members, literal, s, row);
      if (field->shape_position != NO_POSITION) next = field->shape_position + 1;
    }
    s = read_member(members, *field, literal, s, row);
    if (UNLIKELY(s == nullptr)) return nullptr;
  }
}

const u8* read_object(Field& object, const u8* s, u32 row) {
  Shape& shape = *object.shape;
  const u32 count = shape.count;
  for (u32 i = 0; i < count; i++) {
    const ShapeEntry& entry = shape.entries[i];
    if (UNLIKELY(!matches(entry, s))) return read_members(object, s, row, i);
    Field& field = *entry.field;
    s = read_value(field, s + entry.length, row & field.row_mask);
    if (UNLIKELY(s == nullptr)) return blame(field.index);
  }
  if (UNLIKELY(!matches_tail(shape, s))) return read_members(object, s, row, count);
  s += shape.tail_length;
  for (u32 i = 0; i < shape.missing_count; i++) {
    if (!put_missing(*shape.missing[i], s, row)) return nullptr;
  }
  return s;
}

}  // namespace

bool read_message(JsonReader& reader, const u8* begin, u32 row) {
  current_reader = &reader;
  const u8* s = skip_space(begin);
  if (UNLIKELY(*s != '{')) {
    if (skip_value(s) != nullptr) fail(REJECT_TYPE, s);
    return false;
  }
  s = read_object(reader.root, s, row);
  if (UNLIKELY(s == nullptr)) return false;
  if (LIKELY(s == message_end)) return true;
  s = skip_space(s);
  if (s == message_end) return true;
  fail(REJECT_TRAILING, s);
  return false;
}

}  // namespace millrace
