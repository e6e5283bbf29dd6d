// See json-skip.h.
#include "json-skip.h"

#include "json-number.h"
#include "json-string.h"

namespace millrace {
namespace {

// Which open brackets are objects, innermost last; one value is skipped at a time.
u64 open_objects[MAX_SKIPPED_DEPTH / 64];

class Brackets {
 public:
  bool push(bool object) {
    if (depth_ == MAX_SKIPPED_DEPTH) return false;
    const u64 bit = 1ull << (depth_ % 64);
    u64& word = open_objects[depth_ / 64];
    word = object ? word | bit : word & ~bit;
    depth_++;
    return true;
  }
  void pop() { depth_--; }
  bool empty() const { return depth_ == 0; }
  bool in_object() const { return open_objects[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1; }

 private:
  u32 depth_ = 0;
};

MILLRACE_INLINE const u8* skip_scalar(const u8* s) {
  switch (*s) {
    case '"':
      return skip_string(s + 1);
    case 't':
      return load32(s) == WORD_TRUE ? s + 4 : fail(REJECT_SYNTAX, s);
    case 'f':
      return load32(s + 1) == WORD_ALSE ? s + 5 : fail(REJECT_SYNTAX, s);
    case 'n':
      return load32(s) == WORD_NULL ? s + 4 : fail(REJECT_SYNTAX, s);
    default:
      return skip_number(s);
  }
}

// `s` is at a member's name; answers its value's first byte.
MILLRACE_INLINE const u8* skip_name(const u8* s) {
  if (*s != '"') return fail(REJECT_SYNTAX, s);
  s = skip_string(s + 1);
  if (s == nullptr) return nullptr;
  s = skip_space(s);
  return *s == ':' ? skip_space(s + 1) : fail(REJECT_SYNTAX, s);
}

// Behind a value: closes what ends here and goes to the next value; where the outermost bracket
// closes, `brackets` is empty and the answer is the byte behind it.
MILLRACE_INLINE const u8* skip_to_next(const u8* s, Brackets& brackets) {
  for (;;) {
    s = skip_space(s);
    const bool object = brackets.in_object();
    if (*s == ',') {
      s = skip_space(s + 1);
      return object ? skip_name(s) : s;
    }
    if (*s != (object ? '}' : ']')) return fail(REJECT_SYNTAX, s);
    brackets.pop();
    s++;
    if (brackets.empty()) return s;
  }
}

const u8* skip_container(const u8* s) {
  Brackets brackets;
  for (;;) {  // `s` is at a value
    const bool object = *s == '{';
    if (object || *s == '[') {
      if (!brackets.push(object)) return fail(REJECT_DEPTH, s);
      s = skip_space(s + 1);
      if (*s != (object ? '}' : ']')) {
        if (object) s = skip_name(s);
        if (s == nullptr) return nullptr;
        continue;
      }
      brackets.pop();
      s++;
      if (brackets.empty()) return s;
    } else {
      s = skip_scalar(s);
      if (s == nullptr) return nullptr;
    }
    s = skip_to_next(s, brackets);
    if (s == nullptr || brackets.empty()) return s;
  }
}

}  // namespace

const u8* skip_value(const u8* s) {
  return *s == '{' || *s == '[' ? skip_container(s) : skip_scalar(s);
}

}  // namespace millrace
