// Kafka's hash of keys.
#pragma once
#include <string.h>

#include "abi.h"

namespace millrace {

// MurmurHash2 as org.apache.kafka.common.utils.Utils.murmur2; src/ingest/partitioner.ts is the
// reference that tests compare with.
MILLRACE_INLINE u32 murmur2(const u8* key, u32 length) {
  constexpr u32 MULTIPLIER = 0x5bd1e995;
  u32 hash = 0x9747b28c ^ length;
  for (; length >= 4; key += 4, length -= 4) {
    u32 block;
    memcpy(&block, key, 4);
    block *= MULTIPLIER;
    block ^= block >> 24;
    hash = hash * MULTIPLIER ^ block * MULTIPLIER;
  }
  if (length > 0) {
    u32 tail = key[0];
    if (length > 1) tail |= static_cast<u32>(key[1]) << 8;
    if (length > 2) tail |= static_cast<u32>(key[2]) << 16;
    hash = (hash ^ tail) * MULTIPLIER;
  }
  hash ^= hash >> 13;
  hash *= MULTIPLIER;
  return hash ^ hash >> 15;
}

}  // namespace millrace
