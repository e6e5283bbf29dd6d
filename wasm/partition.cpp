// Which output partition each selected row goes to, and the rows of each partition in order.
#include "bytes.h"

namespace millrace {
namespace {

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

struct RoundRobin {
  u32 partitions;
  u32 current;
  u32 next() {
    const u32 partition = current;
    if (++current == partitions) current = 0;
    return partition;
  }
};

}  // namespace
}  // namespace millrace

using namespace millrace;

// Sorts rows by partition, stable. `key`: Column whose murmur2 chooses, or 0: round-robin for all;
// rows with a null key go round-robin, too. `rows`: u32[count], or 0 for rows 0 to count - 1;
// `start`: the first partition of the round, below `partitions`. Returns the address of
// u32[partitions + 1] starts into the u32[count] rows that follow them; 0: the lease is full.
MILLRACE_EXPORT(partition_rows)
u32 export_partition_rows(u32 key, u32 rows_address, u32 count, u32 partitions, u32 start) {
  const u64 words = static_cast<u64>(partitions) + 1 + count;
  if (words > 0x0fffffff) return 0;
  u32* const starts = static_cast<u32*>(arena_alloc(static_cast<u32>(words) * 4));
  const u32 mark = arena_mark();
  u32* const chosen = static_cast<u32*>(arena_alloc(count * 4));
  if (!starts || !chosen) return 0;
  memset(starts, 0, (partitions + 1) * 4);
  const u32* const rows = at<u32>(rows_address);
  RoundRobin robin{partitions, start};
  if (key) {
    const Column& column = *at<Column>(key);
    for (u32 i = 0; i < count; i++) {
      const u32 row = rows ? rows[i] : i;
      if (column_is_null(column, row)) {
        chosen[i] = robin.next();
      } else {
        const Bytes bytes = column_bytes(column, row);
        chosen[i] = (murmur2(bytes.data, bytes.length) & 0x7fffffff) % partitions;
      }
      starts[chosen[i] + 1]++;
    }
  } else {
    for (u32 i = 0; i < count; i++) {
      chosen[i] = robin.next();
      starts[chosen[i] + 1]++;
    }
  }
  for (u32 i = 0; i < partitions; i++) starts[i + 1] += starts[i];
  u32* const sorted = starts + partitions + 1;
  // Each start moves to its partition's end, which is the next one's start.
  for (u32 i = 0; i < count; i++) sorted[starts[chosen[i]]++] = rows ? rows[i] : i;
  memmove(starts + 1, starts, partitions * 4);
  starts[0] = 0;
  arena_rewind(mark);
  return address_of(starts);
}
