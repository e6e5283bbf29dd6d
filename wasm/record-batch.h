// Kafka's record batch, magic 2, and its integers:
// https://kafka.apache.org/documentation/#recordbatch
//
//    0  int64   base offset
//    8  int32   batch length: bytes after this field
//   12  int32   partition leader epoch             (12 bytes and these 4 are outside of the CRC)
//   16  int8    magic: 2
//   17  uint32  CRC32C of everything from 21 on
//   21  int16   attributes: bits 0-2 compression, 3 log append time, 4 transactional, 5 control,
//               6 delete horizon
//   23  int32   last offset delta
//   27  int64   base timestamp, ms
//   35  int64   max timestamp, ms
//   43  int64   producer id, -1 = none
//   51  int16   producer epoch
//   53  int32   base sequence
//   57  int32   record count
//   61  records; compressed as a whole where attributes say so
//
// record:  varint length of what follows, int8 attributes, varlong timestamp delta,
//          varint offset delta, varint key length (-1 = null), key, varint value length
//          (-1 = null), value, varint header count, headers
// header:  varint key length, key (UTF-8), varint value length (-1 = null), value
//
// Fixed integers are big-endian, varints are zigzag in groups of seven bits, lowest first.
#pragma once
#include <string.h>

#include "abi.h"

namespace millrace {

constexpr u32 BATCH_LENGTH = 8;
constexpr u32 BATCH_LEADER_EPOCH = 12;
constexpr u32 BATCH_MAGIC = 16;
constexpr u32 BATCH_CRC = 17;
constexpr u32 BATCH_ATTRIBUTES = 21;
constexpr u32 BATCH_LAST_OFFSET_DELTA = 23;
constexpr u32 BATCH_BASE_TIMESTAMP = 27;
constexpr u32 BATCH_MAX_TIMESTAMP = 35;
constexpr u32 BATCH_PRODUCER_ID = 43;
constexpr u32 BATCH_PRODUCER_EPOCH = 51;
constexpr u32 BATCH_BASE_SEQUENCE = 53;
constexpr u32 BATCH_RECORD_COUNT = 57;
constexpr u32 BATCH_HEADER = 61;

constexpr u32 ATTRIBUTE_COMPRESSION = 7;
constexpr u32 ATTRIBUTE_LOG_APPEND_TIME = 8;
constexpr u32 ATTRIBUTE_CONTROL = 32;

// The smallest record: a length and six fields of one byte.
constexpr u32 RECORD_BYTES_MIN = 7;
constexpr u32 VARINT_BYTES_MAX = 5;
constexpr u32 VARLONG_BYTES_MAX = 10;

MILLRACE_INLINE u16 load_be16(const u8* from) {
  u16 value;
  memcpy(&value, from, 2);
  return __builtin_bswap16(value);
}
MILLRACE_INLINE u32 load_be32(const u8* from) {
  u32 value;
  memcpy(&value, from, 4);
  return __builtin_bswap32(value);
}
MILLRACE_INLINE u64 load_be64(const u8* from) {
  u64 value;
  memcpy(&value, from, 8);
  return __builtin_bswap64(value);
}
MILLRACE_INLINE void store_be16(u8* to, u16 value) {
  value = __builtin_bswap16(value);
  memcpy(to, &value, 2);
}
MILLRACE_INLINE void store_be32(u8* to, u32 value) {
  value = __builtin_bswap32(value);
  memcpy(to, &value, 4);
}
MILLRACE_INLINE void store_be64(u8* to, u64 value) {
  value = __builtin_bswap64(value);
  memcpy(to, &value, 8);
}

// Reads a varint of one to five bytes without looking where the buffer ends: the caller has PADDING
// behind it and compares the answer with the end. nullptr: the bytes are no int32.
MILLRACE_INLINE const u8* read_varint(const u8* from, i32& value) {
  u32 bits = *from++;
  if (UNLIKELY(bits >= 128)) {
    bits &= 127;
    for (u32 shift = 7;; shift += 7) {
      const u32 byte = *from++;
      bits |= (byte & 127) << shift;
      if (byte < 128) {
        if (UNLIKELY(shift == 28 && byte > 15)) return nullptr;
        break;
      }
      if (UNLIKELY(shift == 28)) return nullptr;
    }
  }
  value = static_cast<i32>(bits >> 1) ^ -static_cast<i32>(bits & 1);
  return from;
}

// As read_varint, one to ten bytes, an int64.
MILLRACE_INLINE const u8* read_varlong(const u8* from, i64& value) {
  u64 bits = *from++;
  if (UNLIKELY(bits >= 128)) {
    bits &= 127;
    for (u32 shift = 7;; shift += 7) {
      const u64 byte = *from++;
      bits |= (byte & 127) << shift;
      if (byte < 128) {
        if (UNLIKELY(shift == 63 && byte > 1)) return nullptr;
        break;
      }
      if (UNLIKELY(shift == 63)) return nullptr;
    }
  }
  value = static_cast<i64>(bits >> 1) ^ -static_cast<i64>(bits & 1);
  return from;
}

MILLRACE_INLINE u64 zigzag(i64 value) {
  return static_cast<u64>(value) << 1 ^ static_cast<u64>(value >> 63);
}

// Writes at most VARLONG_BYTES_MAX bytes; the caller has checked for room.
MILLRACE_INLINE u8* write_varint(u8* to, i64 value) {
  u64 bits = zigzag(value);
  for (; bits >= 128; bits >>= 7) *to++ = static_cast<u8>(bits | 128);
  *to++ = static_cast<u8>(bits);
  return to;
}

MILLRACE_INLINE u32 varint_size(i64 value) {
  const u64 bits = zigzag(value);
  return (70 - static_cast<u32>(__builtin_clzll(bits | 1))) / 7;
}

}  // namespace millrace
