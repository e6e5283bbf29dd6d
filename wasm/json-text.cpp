// See json-text.h.
#include "json-text.h"

namespace millrace {

TextValue open_text(const u8* s) {
  TextValue text{s, s, skip_string(s), arena_mark()};
  if (UNLIKELY(text.behind == nullptr)) return text;
  text.end = text.behind - 1;
  const u32 length = static_cast<u32>(text.end - s);
  if (LIKELY(memchr(s, '\\', length) == nullptr)) return text;
  u8* const copy = static_cast<u8*>(arena_alloc(length + BLOCK_BYTES));
  if (copy == nullptr) {
    fail(ARENA_IS_FULL, nullptr);
    text.behind = nullptr;
    return text;
  }
  u8* out = copy;
  copy_string(s, out);
  *out = 0;
  text.begin = copy;
  text.end = out;
  return text;
}

}  // namespace millrace
