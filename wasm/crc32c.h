// CRC32C (Castagnoli), as Kafka's record batches carry it.
#pragma once
#include "abi.h"

namespace millrace {

// The CRC of `length` bytes. `previous` is the CRC of what stands before them, 0 at the start.
// Reads no byte past the end.
u32 crc32c(const u8* data, u32 length, u32 previous = 0);

}  // namespace millrace
