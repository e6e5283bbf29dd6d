// What a path leads to in the text of JSON values.
//
// The texts are JSON: they were checked when they were read. So a value that the path does not
// enter is passed over by its brackets and quotes alone, sixteen bytes at a time. The end of a text
// is looked at all the same; what is no JSON leads nowhere.
#include "json-simd.h"
#include "text-writer.h"
#include "utf8.h"

namespace millrace {
namespace {

// As src/operators/kernels/json-path.ts writes it.
struct PathStep {
  u32 is_name;
  i32 index;
  u32 name;
  u32 length;
};
struct Path {
  u32 count;
  u32 unused[3];
  PathStep steps[];
};

MILLRACE_INLINE bool is_space(u8 byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

// A place in a text that ends at `end`; behind a mistake it is there.
struct Walker {
  const u8* s;
  const u8* end;

  u8 peek() {
    while (s < end && is_space(*s)) ++s;
    return s < end ? *s : 0;
  }
  bool take(u8 byte) {
    if (peek() != byte) return false;
    ++s;
    return true;
  }

  // Behind the closing quote of a string; `s` is behind the opening one.
  void skip_string() {
    while (s < end) {
      const Block block = load_block(s);
      const u32 marks = mask_of(either(equal(block, splat('"')), equal(block, splat('\\'))));
      if (marks == 0) {
        s += BLOCK_BYTES;
        continue;
      }
      s += __builtin_ctz(marks);
      if (s >= end) break;
      if (*s++ == '"') return;
      ++s;
    }
    s = end;
  }

  // Behind the bracket that closes one that stands before `s`.
  void skip_container() {
    u32 depth = 1;
    while (s < end) {
      const Block block = load_block(s);
      // A bracket with the bit 0x20 set is a brace.
      const Block folded = either(block, splat(0x20));
      const Block brackets = either(equal(folded, splat('{')), equal(folded, splat('}')));
      u32 marks = mask_of(either(brackets, equal(block, splat('"'))));
      const u8* const start = s;
      s += BLOCK_BYTES;
      for (; marks != 0; marks &= marks - 1) {
        const u8* const mark = start + __builtin_ctz(marks);
        if (mark >= end) break;
        if (*mark == '"') {
          s = mark + 1;
          skip_string();
          break;
        }
        if ((*mark | 0x20) == '{') {
          ++depth;
        } else if (--depth == 0) {
          s = mark + 1;
          return;
        }
      }
    }
    s = end;
  }

  // Behind the value at `s`.
  void skip_value() {
    const u8 first = peek();
    if (first == '"') {
      ++s;
      skip_string();
    } else if (first == '{' || first == '[') {
      ++s;
      skip_container();
    } else {
      while (s < end && *s != ',' && *s != ']' && *s != '}' && !is_space(*s)) ++s;
    }
  }
};

// Sixteen bits in hex; what is no hex digit counts as something.
u32 read_hex(const u8* s) {
  u32 value = 0;
  for (u32 i = 0; i < 4; ++i) {
    const u32 digit = s[i] <= '9' ? s[i] - '0' : (s[i] | 0x20) - 'a' + 10;
    value = value << 4 | (digit & 15);
  }
  return value;
}

// One escape at `s`, a backslash; writes at most 4 bytes.
const u8* write_escape(const u8* s, const u8* end, u8*& out) {
  const u8 letter = s + 1 < end ? s[1] : '\\';
  if (letter != 'u') {
    constexpr char FROM[] = "bfnrt";
    constexpr char TO[] = "\b\f\n\r\t";
    u8 meant = letter;
    for (u32 i = 0; i < 5; ++i) {
      if (letter == FROM[i]) meant = TO[i];
    }
    *out++ = meant;
    return s + 2 < end ? s + 2 : end;
  }
  if (end - s < 6) return end;
  u32 character = read_hex(s + 2);
  s += 6;
  if (character >= 0xd800 && character < 0xe000) {
    const u32 second = end - s >= 6 && *s == '\\' && s[1] == 'u' ? read_hex(s + 2) : 0;
    const bool pair = character < 0xdc00 && second >= 0xdc00 && second < 0xe000;
    // Readers refuse half a pair; columns of others may have one.
    character = pair ? 0x10000 + ((character - 0xd800) << 10) + (second - 0xdc00) : 0xfffd;
    if (pair) s += 6;
  }
  out = write_character(out, character);
  return s;
}

// Whether the raw text of a string, without quotes, means `name`.
bool is_name(Span raw, Span name) {
  if (raw.length < name.length) return false;
  if (memchr(raw.bytes, '\\', raw.length) == nullptr) return equal_spans(raw, name);
  const u8* s = raw.bytes;
  const u8* const end = s + raw.length;
  u32 matched = 0;
  while (s < end) {
    u8 meant[8];
    u8* out = meant;
    if (*s == '\\') {
      s = write_escape(s, end, out);
    } else {
      *out++ = *s++;
    }
    const u32 length = static_cast<u32>(out - meant);
    if (name.length - matched < length) return false;
    if (memcmp(meant, name.bytes + matched, length) != 0) return false;
    matched += length;
  }
  return matched == name.length;
}

// To the value of the first member of that name; `walker` is at the object.
bool enter_member(Walker& walker, Span name) {
  if (!walker.take('{') || walker.take('}')) return false;
  do {
    if (!walker.take('"')) return false;
    const u8* const start = walker.s;
    walker.skip_string();
    const u32 length = static_cast<u32>(walker.s - start);
    if (!walker.take(':') || length == 0) return false;
    if (is_name({start, length - 1}, name)) return true;
    walker.skip_value();
  } while (walker.take(','));
  return false;
}

// To an item; `walker` is at the list. One that counts from the end goes over the list twice.
bool enter_item(Walker& walker, i32 index) {
  if (!walker.take('[') || walker.peek() == ']') return false;
  i64 wanted = index;
  if (index < 0) {
    Walker counter = walker;
    i64 items = 0;
    do {
      counter.skip_value();
      ++items;
    } while (counter.take(','));
    wanted += items;
    if (wanted < 0) return false;
  }
  for (; wanted > 0; --wanted) {
    walker.skip_value();
    if (!walker.take(',')) return false;
  }
  return true;
}

// The text of what the path leads to; nothing (length 0) where it leads nowhere.
Span follow(const Path& path, Span text) {
  Walker walker{text.bytes, text.bytes + text.length};
  for (u32 i = 0; i < path.count; ++i) {
    const PathStep& step = path.steps[i];
    const bool found = step.is_name ? enter_member(walker, {at<u8>(step.name), step.length})
                                    : enter_item(walker, step.index);
    if (!found) return {text.bytes, 0};
  }
  walker.peek();
  const u8* const begin = walker.s;
  walker.skip_value();
  return {begin, static_cast<u32>(walker.s - begin)};
}

// A string without quotes and escapes; anything else as it stands.
u8* write_plain(const TextWriter& to, Span value) {
  if (*value.bytes != '"' || value.length < 2) return to.copy(value);
  const Span inner{value.bytes + 1, value.length - 2};
  if (memchr(inner.bytes, '\\', inner.length) == nullptr) return to.copy(inner);
  u8* out = to.reserve(inner.length);
  if (out == nullptr) return nullptr;
  const u8* s = inner.bytes;
  const u8* const end = s + inner.length;
  while (s < end) {
    if (*s == '\\') {
      s = write_escape(s, end, out);
    } else {
      *out++ = *s++;
    }
  }
  return out;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// What a path leads to in each value of a json column: json, or, where `is_text`, utf8 with strings
// as they are meant and null for null.
MILLRACE_EXPORT(kernel_json_path)
u32 kernel_json_path(u32 column_at, u32 path_at, u32 is_text, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  const u8 type = is_text ? TYPE_UTF8 : TYPE_JSON;
  if (is_null_constant(column)) return address_of(null_column(type, column->length));
  Column* out = new_result(type, &column, 1);
  u64* const valid = out == nullptr ? nullptr : copy_validity(out);
  if (valid == nullptr) return KERNEL_FULL;
  const Path& path = *at<Path>(path_at);
  const Spans texts(column);
  const Rows rows = result_rows(out, selection, count);
  const u32 result = write_texts(out, rows, [&](const TextWriter& to, u32 row) -> u8* {
    const Span found = follow(path, texts[row]);
    const bool is_null = found.length == 4 && memcmp(found.bytes, "null", 4) == 0;
    if (found.length == 0 || (is_text && is_null)) {
      valid[row >> 6] &= ~(1ull << (row & 63));
      return to.top;
    }
    return is_text ? write_plain(to, found) : to.copy(found);
  });
  if (result != KERNEL_FULL) set_validity(out, valid);
  return result;
}
