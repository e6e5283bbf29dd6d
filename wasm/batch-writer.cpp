// Selected rows to Kafka record batches, one call a batch; the layout is in record-batch.h.
#include "bytes.h"
#include "crc32c.h"
#include "json-writer.h"
#include "record-batch.h"

namespace millrace {
namespace {

// What to write; src/ingest/batch-writer.ts fills it. 48 bytes.
struct BatchJob {
  u32 writer;      // ValueWriter
  u32 program;     // of the value writer
  u32 key;         // Column of texts or bytes; 0 = no keys
  u32 headers;     // list<struct{text, text or bytes}> or map Column; 0 = no headers
  u32 timestamps;  // i64[rows], ms; 0 = `timestamp` for all
  u32 rows;        // u32[count] rows to write; 0 = rows 0 to count - 1
  u32 count;
  u32 max_bytes;   // of a batch of several records, before compression
  u32 tombstones;  // whether a row of nulls is a null value
  u32 max_records;  // of a batch, at least 1
  i64 timestamp;
};
static_assert(sizeof(BatchJob) == 48);

enum WriteStatus : u32 {
  WRITE_OK = 0,
  WRITE_ARENA_FULL = 1,
  WRITE_OVERSIZED = 2,  // the batch is one record, and larger than max_bytes
};

struct WrittenBatch {
  u32 status;
  u32 rows;  // how many of the job's rows it holds
  u32 address;
  u32 byte_length;
};
WrittenBatch written;

// Most bytes of a record that are neither key, value nor headers.
constexpr u32 RECORD_FRAME_MAX = 48;

MILLRACE_INLINE bool has_room(const u8* out, const u8* end, u64 bytes) {
  return LIKELY(static_cast<u64>(end - out) >= bytes);
}

// A length as varint and the bytes behind it; -1 and none for null. Room is checked.
u8* write_sized(u8* out, const u8* end, const Column& column, u32 row) {
  if (column_is_null(column, row)) {
    if (!has_room(out, end, VARINT_BYTES_MAX)) return nullptr;
    return write_varint(out, -1);
  }
  const Bytes bytes = column_bytes(column, row);
  if (!has_room(out, end, static_cast<u64>(bytes.length) + VARINT_BYTES_MAX + 16)) return nullptr;
  out = write_varint(out, bytes.length);
  copy_bytes(out, bytes.data, bytes.length);
  return out + bytes.length;
}

u8* write_headers(u8* out, const u8* end, const Column& list, u32 row) {
  if (!has_room(out, end, VARINT_BYTES_MAX)) return nullptr;
  if (column_is_null(list, row)) return write_varint(out, 0);
  const i32* const offsets = at<i32>(list.offsets) + column_row(list, row);
  const Column* const header = at<Column>(at<Column>(list.children)->children);
  out = write_varint(out, offsets[1] - offsets[0]);
  for (i32 i = offsets[0]; i < offsets[1]; i++) {
    out = write_sized(out, end, header[0], static_cast<u32>(i));
    if (!out) return nullptr;
    out = write_sized(out, end, header[1], static_cast<u32>(i));
    if (!out) return nullptr;
  }
  return out;
}

// Records are written in one go: the widths of the two lengths that are known only afterwards are
// guessed from the record before, and bytes move only where the guess was wrong.
struct RecordWriter {
  const BatchJob& job;
  u8* const end;
  u32 length_width = 2;
  u32 value_width = 2;

  template <u32 WRITER>
  __attribute__((always_inline)) bool is_tombstone(u32 row) const {
    if (WRITER == WRITER_BYTES) return column_is_null(*at<Column>(job.program), row);
    if (WRITER == WRITER_RECORDS) return at<i32>(at<Records>(job.program)->value_length)[row] < 0;
    return job.tombstones && json_all_null(*at<JsonWriter>(job.program), row);
  }

  template <u32 WRITER>
  __attribute__((always_inline)) u8* write_value(u8* out, u32 row) const {
    if (WRITER == WRITER_JSON) return write_json(*at<JsonWriter>(job.program), out, end, row);
    const Bytes bytes = WRITER == WRITER_RECORDS ? record_value(row)
                                                 : column_bytes(*at<Column>(job.program), row);
    if (!has_room(out, end, static_cast<u64>(bytes.length) + 16)) return nullptr;
    copy_bytes(out, bytes.data, bytes.length);
    return out + bytes.length;
  }

  Bytes record_value(u32 row) const {
    const Records& records = *at<Records>(job.program);
    const u32 length = at<u32>(records.value_length)[row];
    return {at<u8>(at<u32>(records.value_address)[row]), length};
  }

  // The byte behind the record; nullptr where the lease is full.
  template <u32 WRITER>
  __attribute__((always_inline))
  u8* write(u8* out, u32 row, i64 timestamp_delta, i32 offset_delta) {
    if (!has_room(out, end, RECORD_FRAME_MAX)) return nullptr;
    u8* body = out + length_width;
    u8* at_end = body;
    *at_end++ = 0;  // attributes
    at_end = write_varint(at_end, timestamp_delta);
    at_end = write_varint(at_end, offset_delta);
    if (job.key) {
      at_end = write_sized(at_end, end, *at<Column>(job.key), row);
      if (UNLIKELY(!at_end || !has_room(at_end, end, RECORD_FRAME_MAX))) return nullptr;
    } else {
      at_end = write_varint(at_end, -1);
    }
    if (UNLIKELY(is_tombstone<WRITER>(row))) {
      at_end = write_varint(at_end, -1);
    } else {
      u8* const value = at_end + value_width;
      u8* const value_end = write_value<WRITER>(value, row);
      if (UNLIKELY(!value_end || !has_room(value_end, end, RECORD_FRAME_MAX))) return nullptr;
      const u32 length = static_cast<u32>(value_end - value);
      const u32 width = varint_size(length);
      if (UNLIKELY(width != value_width)) {
        memmove(at_end + width, value, length);
        value_width = width;
      }
      write_varint(at_end, length);
      at_end += width + length;
    }
    if (job.headers) {
      at_end = write_headers(at_end, end, *at<Column>(job.headers), row);
      if (UNLIKELY(!at_end || !has_room(at_end, end, VARINT_BYTES_MAX))) return nullptr;
    } else {
      at_end = write_varint(at_end, 0);
    }
    const u32 length = static_cast<u32>(at_end - body);
    const u32 width = varint_size(length);
    if (UNLIKELY(width != length_width)) {
      memmove(out + width, body, length);
      length_width = width;
    }
    write_varint(out, length);
    return out + width + length;
  }
};

struct Timestamps {
  i64 base;
  i64 max;
};

// Everything but length, attributes and CRC, which batch_seal fills in.
void write_header(u8* batch, u32 records, Timestamps timestamps) {
  memset(batch, 0, BATCH_HEADER);
  store_be32(batch + BATCH_LEADER_EPOCH, ~0u);
  batch[BATCH_MAGIC] = 2;
  store_be32(batch + BATCH_LAST_OFFSET_DELTA, records - 1);
  store_be64(batch + BATCH_BASE_TIMESTAMP, static_cast<u64>(timestamps.base));
  store_be64(batch + BATCH_MAX_TIMESTAMP, static_cast<u64>(timestamps.max));
  store_be64(batch + BATCH_PRODUCER_ID, ~0ull);
  store_be16(batch + BATCH_PRODUCER_EPOCH, 0xffff);
  store_be32(batch + BATCH_BASE_SEQUENCE, ~0u);
  store_be32(batch + BATCH_RECORD_COUNT, records);
}

// Writes rows `first` and on of the job at `batch` until one more would pass max_bytes or
// max_records.
template <u32 WRITER>
void write_batch(const BatchJob& job, u32 first, u8* batch, u8* end) {
  const u32* const rows = at<u32>(job.rows);
  const i64* const timestamps = at<i64>(job.timestamps);
  RecordWriter writer{job, end};
  Timestamps times{job.timestamp, job.timestamp};
  u8* out = batch + BATCH_HEADER;
  const u32 behind = job.count - first > job.max_records ? first + job.max_records : job.count;
  u32 i = first;
  for (; i < behind; i++) {
    const u32 row = rows ? rows[i] : i;
    const i64 time = timestamps ? timestamps[row] : job.timestamp;
    if (i == first) times = {time, time};
    const i64 delta = static_cast<i64>(static_cast<u64>(time) - static_cast<u64>(times.base));
    u8* const next = writer.write<WRITER>(out, row, delta, static_cast<i32>(i - first));
    if (UNLIKELY(!next)) {
      written.status = WRITE_ARENA_FULL;
      return;
    }
    if (UNLIKELY(static_cast<u32>(next - batch) > job.max_bytes)) {
      if (i > first) break;
      written.status = WRITE_OVERSIZED;
      i++;
      out = next;
      break;
    }
    if (time > times.max) times.max = time;
    out = next;
  }
  written.rows = i - first;
  written.byte_length = static_cast<u32>(out - batch);
  write_header(batch, written.rows, times);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Writes one batch from row `first` of the job (address of a `BatchJob`) into the open lease, not
// compressed and not sealed yet. Returns the address of a `WrittenBatch`.
MILLRACE_EXPORT(batch_write) u32 export_batch_write(u32 job_address, u32 first) {
  const BatchJob& job = *at<BatchJob>(job_address);
  written = {};
  // The size is known afterwards, so it takes what there is and gives the rest back.
  const u32 room = arena_room();
  u8* const batch = room > BATCH_HEADER ? static_cast<u8*>(arena_alloc(room)) : nullptr;
  if (!batch) {
    written.status = WRITE_ARENA_FULL;
    return address_of(&written);
  }
  written.address = address_of(batch);
  if (job.writer == WRITER_JSON) {
    write_batch<WRITER_JSON>(job, first, batch, batch + room);
  } else if (job.writer == WRITER_RECORDS) {
    write_batch<WRITER_RECORDS>(job, first, batch, batch + room);
  } else {
    write_batch<WRITER_BYTES>(job, first, batch, batch + room);
  }
  arena_rewind((written.address + written.byte_length + PADDING + 15) & ~15u);
  return address_of(&written);
}

// Completes a written batch of `byte_length` bytes (header included, compressed or not): length,
// compression and CRC.
MILLRACE_EXPORT(batch_seal)
void export_batch_seal(u32 address, u32 byte_length, u32 compression) {
  u8* const batch = at<u8>(address);
  store_be32(batch + BATCH_LENGTH, byte_length - 12);
  store_be16(batch + BATCH_ATTRIBUTES, static_cast<u16>(compression));
  const u32 crc = crc32c(batch + BATCH_ATTRIBUTES, byte_length - BATCH_ATTRIBUTES);
  store_be32(batch + BATCH_CRC, crc);
}
