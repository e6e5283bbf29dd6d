// The contract between the WebAssembly module and src/wasm: memory, columns, records, rejects.
//
// Memory. One shared, fixed-size linear memory per worker (it never grows, so views never detach):
//
//   [0, __heap_base)              statics and stack
//   [__heap_base, ARENA_BASE)     the state heap: programs and learned shapes; a bump, freed whole
//   [ARENA_BASE, end - PADDING)   leases, given out by the main thread (src/morsel/memory.ts)
//
// The module never allocates outside the state heap and the arena that is open: the lease of the
// morsel at work. `arena_alloc` answers nullptr where the lease is full; every caller stops there
// and says so, and the morsel runs again with a larger lease.
//
// Padding. Every buffer may be read and written up to PADDING bytes past its end (SIMD loads and
// stores); `arena_alloc` leaves that room, and what lies there is never part of a result.
//
// Validity bitmaps are Arrow's: least significant bit first, 1 = valid; address 0 = no nulls.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace millrace {

using i8 = int8_t;
using i16 = int16_t;
using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i32 = int32_t;
using i64 = int64_t;
using f32 = float;
using f64 = double;

constexpr u32 ARENA_BASE = 16u << 20;
constexpr u32 PADDING = 64;

#define MILLRACE_EXPORT(name) extern "C" __attribute__((export_name(#name)))
#define MILLRACE_INLINE static inline __attribute__((always_inline))
#define MILLRACE_NOINLINE __attribute__((noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

// Numbers are part of the contract: src/wasm/column.ts has the same.
enum TypeId : u8 {
  TYPE_BOOL = 1,       // data: bitmap, 1 bit a row
  TYPE_INT32 = 2,      // data: i32 a row
  TYPE_INT64 = 3,      // data: i64 a row
  TYPE_FLOAT64 = 4,    // data: f64 a row
  TYPE_UTF8 = 5,       // offsets: i32, length + 1; data: bytes, valid UTF-8
  TYPE_BINARY = 6,     // as utf8, any bytes
  TYPE_TIMESTAMP = 7,  // data: i64 a row since the epoch; param: TIMESTAMP_*
  TYPE_STRUCT = 8,     // children, each as long as the struct
  TYPE_LIST = 9,       // offsets: i32, length + 1, into the one child
  TYPE_INT8 = 10,      // data: i8 a row, and so on
  TYPE_INT16 = 11,
  TYPE_UINT8 = 12,
  TYPE_UINT16 = 13,
  TYPE_UINT32 = 14,
  TYPE_UINT64 = 15,
  TYPE_FLOAT32 = 16,     // data: f32 a row
  TYPE_DECIMAL = 17,     // data: i128 a row, little-endian; param: precision * 256 + scale
  TYPE_DATE = 18,        // data: i32 a row, days since the epoch
  TYPE_TIME = 19,        // data: i64 a row, microseconds since midnight
  TYPE_DURATION = 20,    // data: i64 a row, microseconds
  TYPE_MAP = 21,         // offsets: i32, length + 1, into the one child: struct of key, value
  TYPE_DICTIONARY = 22,  // data: i32 a row, indices into the one child, utf8
  TYPE_JSON = 23,        // as utf8: the text of one JSON value a row
  TYPE_NULL = 24,        // no buffer but validity: every row is null
};

// `Column::param` of a timestamp: its unit, and TIMESTAMP_LOCAL where it has no zone.
enum : u16 {
  TIMESTAMP_US = 0,
  TIMESTAMP_S = 1,
  TIMESTAMP_MS = 2,
  TIMESTAMP_NS = 3,
  TIMESTAMP_UNIT_MASK = 3,
  TIMESTAMP_LOCAL = 4,
};

// Column flags.
enum : u8 {
  COLUMN_CONSTANT = 1,  // row 0 stands for every row; buffers hold one row
};

// One column, an Arrow array in linear memory. 48 bytes; addresses are u32.
struct Column {
  u8 type;
  u8 flags;
  u16 param;        // of a timestamp or decimal, see TypeId; else 0
  u32 length;       // rows
  u32 null_count;   // nulls among them; an upper bound is not enough, it is exact
  u32 validity;     // address of the bitmap, 0 = no nulls
  u32 data;         // address of values, bits or bytes; 0 for struct and list
  u32 offsets;      // address of i32[length + 1] for utf8, binary, list; else 0
  u32 data_length;  // bytes used in data
  u32 child_count;
  u32 children;     // address of Column[child_count]
  u32 data_capacity;      // bytes that data can hold before it moves (writers only)
  u32 row_capacity;       // rows that the other buffers can hold (writers only)
  u32 padding;
};
static_assert(sizeof(Column) == 48);

// The records of one record set, as a struct of arrays in the arena. Record i is row i of every
// column decoded from it. Addresses point into the (decompressed) input, which the arena holds.
struct Records {
  u32 count;
  u32 capacity;
  u32 value_address;    // u32[capacity]
  u32 value_length;     // i32[capacity]; -1 = null
  u32 key_address;      // u32[capacity]
  u32 key_length;       // i32[capacity]; -1 = null
  u32 offset;           // i64[capacity]: Kafka offsets
  u32 timestamp;        // i64[capacity]: milliseconds
  u32 headers_address;  // u32[capacity]: first header
  u32 headers_length;   // u32[capacity]: bytes of all headers, to the record's end
  u32 headers_count;    // u32[capacity]
  u32 padding;
};
static_assert(sizeof(Records) == 48);

// A row that does not decode. 16 bytes.
struct Reject {
  u32 row;
  u32 code;      // RejectCode
  u32 position;  // byte in the message where it was found
  u32 column;    // index of the column in the program (pre-order), 0xffffffff = none
};

enum RejectCode : u32 {
  REJECT_SYNTAX = 1,         // not the format at all
  REJECT_UTF8 = 2,           // a string that is not valid UTF-8
  REJECT_TYPE = 3,           // a value of another type than the column's
  REJECT_RANGE = 4,          // a number outside the column's range
  REJECT_MISSING = 5,        // no value for a column that is not nullable
  REJECT_NULL = 6,           // null in a column that is not nullable
  REJECT_UNKNOWN_FIELD = 7,  // a field the schema does not name, under `unknown: 'error'`
  REJECT_DUPLICATE_KEY = 8,  // (only where a codec's documentation says it rejects them)
  REJECT_DEPTH = 9,          // nested deeper than the documented limit
  REJECT_TIMESTAMP = 10,     // text that is not a timestamp
  REJECT_SURROGATE = 11,     // a lone surrogate in an escape
  REJECT_TRAILING = 12,      // bytes after the value
  REJECT_NULL_MESSAGE = 13,  // a tombstone where a column is not nullable
  REJECT_DECIMAL = 14,       // text that is not a decimal number
  REJECT_BASE64 = 15,        // text that is not base64
  REJECT_DATE = 16,          // text that is not a date
  REJECT_TIME = 17,          // text that is not a time of day
  REJECT_DURATION = 18,      // text that is not a duration
  REJECT_MONTHS = 19,        // a duration of years or months, which have no fixed length
  REJECT_OFFSET = 20,        // a timestamp with an offset, where the column has no zone
};

// Value writers: how the record batch writer turns a row into a message value. Each is one function
// `u8* write(const void* program, u8* out, u8* end, u32 row)`: the byte behind what it wrote, or
// nullptr where `end` is too near (nothing before `end` counts then). WRITER_BYTES also answers
// null rows, see json-writer.h and batch-writer.cpp.
enum ValueWriter : u32 {
  WRITER_JSON = 1,   // program: JsonWriter
  WRITER_BYTES = 2,  // program: one utf8 or binary column; a null row is a null value
  WRITER_RECORDS = 3,  // program: Records; the value of the record as it came, null or not
};

template <typename T>
MILLRACE_INLINE T* at(u32 address) {
  return reinterpret_cast<T*>(static_cast<uintptr_t>(address));
}
MILLRACE_INLINE u32 address_of(const void* pointer) {
  return static_cast<u32>(reinterpret_cast<uintptr_t>(pointer));
}

// arena.cpp
// State heap: lives as long as the instance; nullptr when it is full. 16-byte aligned, zeroed.
void* state_alloc(u32 bytes);
// The open lease: 16-byte aligned, not zeroed, PADDING behind it; nullptr when the lease is full.
void* arena_alloc(u32 bytes);
// Where the next allocation would start; give it to arena_rewind to drop all that came after.
u32 arena_mark();
void arena_rewind(u32 mark);
// The most bytes that arena_alloc would give now.
u32 arena_room();

}  // namespace millrace
