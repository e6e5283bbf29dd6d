#include "bytes.h"

namespace millrace {

u32 valid_utf8_prefix(const u8* text, u32 length) {
  u32 i = 0;
  while (i < length) {
    const u8 lead = text[i];
    u32 size = 1;
    u8 least = 0x80, most = 0xbf;
    if (lead < 0x80) {
      i++;
      continue;
    } else if (lead >= 0xc2 && lead <= 0xdf) {
      size = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      size = 3;
      if (lead == 0xe0) least = 0xa0;
      if (lead == 0xed) most = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      size = 4;
      if (lead == 0xf0) least = 0x90;
      if (lead == 0xf4) most = 0x8f;
    } else {
      return i;
    }
    if (size > length - i || text[i + 1] < least || text[i + 1] > most) return i;
    for (u32 k = 2; k < size; k++) {
      if (text[i + k] < 0x80 || text[i + k] > 0xbf) return i;
    }
    i += size;
  }
  return i;
}

}  // namespace millrace
