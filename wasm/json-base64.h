// Base64, strictly by RFC 4648: either alphabet (`+/` or `-_`), padding whole or left out, unused
// bits zero, no line breaks.
#pragma once
#include "abi.h"

namespace millrace {

constexpr u32 NOT_BASE64 = 0xffffffff;

// Decodes `length` bytes of text in their place: the bytes that they stand for, or NOT_BASE64.
u32 decode_base64(u8* text, u32 length);

}  // namespace millrace
