// See json-writer-text.h.
#include "json-writer-text.h"

namespace millrace {
namespace {

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

}  // namespace

// Runs without escapes are copied by vectors.
u8* write_escaped(u8* out, const u8* end, const u8* from, u32 length) {
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

u8* write_base64(u8* out, const u8* end, Bytes bytes) {
  const u8* from = bytes.data;
  u32 length = bytes.length;
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

}  // namespace millrace
