// Record batches to records: `batches_scan` checks whole batches (framing, CRC), TypeScript
// decompresses those that need it, `records_walk` finds every record.
//
// Nothing that a batch says is believed: each length is compared with what is left of its record,
// each record with what is left of its batch, and a batch must be used up exactly. Reads go past an
// end by a few varints at most, which PADDING covers.
#include "crc32c.h"
#include "record-batch.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/ingest/wire-batch.ts has the same, with words for each.
enum ScanFault : u32 {
  SCAN_OK = 0,
  SCAN_ARENA_FULL = 1,
  FAULT_BATCH_LENGTH = 2,   // shorter than a header, or longer than what is there
  FAULT_MAGIC = 3,
  FAULT_CRC = 4,
  FAULT_COUNT = 5,          // a count that the batch's bytes cannot hold
  FAULT_OFFSETS = 6,        // no range of offsets, or one too short for the count
  FAULT_COMPRESSION = 7,    // a codec that does not exist
  FAULT_RECORD_LENGTH = 8,  // a record that ends outside of its batch
  FAULT_VARINT = 9,         // more bytes than its type has
  FAULT_FIELD = 10,         // a key, value or header that ends outside of its record
  FAULT_RECORD_OFFSET = 11, // offsets that do not ascend inside the batch's range
  FAULT_TRAILING = 12,      // bytes behind the last record or its last header
};

// A batch with records to read. 16 bytes; TypeScript replaces payload and payload_length by the
// decompressed records.
struct BatchEntry {
  u32 batch;
  u32 payload;
  u32 payload_length;
  u32 records;
};
static_assert(sizeof(BatchEntry) == 16);

// What the two passes answer; one static instance, read before the next call.
struct Scan {
  u32 fault;
  u32 fault_batch;   // address of the batch at fault
  u32 fault_record;  // record in it, from 0
  u32 entries;       // address of BatchEntry[entry_count]
  u32 entry_count;
  u32 compressed;    // of them
  u32 control;       // control batches, left out
  u32 dropped;       // batches of aborted transactions, left out
  u32 records;       // address of Records
  u32 before;        // records before the fetch offset, left out
  i64 next_offset;   // behind the last batch; 0 where there is none
};
static_assert(sizeof(Scan) == 48);
Scan scan;

u32 fail(u32 fault, const u8* batch, u32 record = 0) {
  scan.fault = fault;
  scan.fault_batch = address_of(batch);
  scan.fault_record = record;
  return address_of(&scan);
}

// Counts the batches in [from, end); 0 and a fault where one does not fit.
u32 count_batches(const u8* from, const u8* end) {
  u32 count = 0;
  while (from < end) {
    const u32 left = static_cast<u32>(end - from);
    const i32 length = left < BATCH_HEADER ? -1 : static_cast<i32>(load_be32(from + BATCH_LENGTH));
    if (length < static_cast<i32>(BATCH_HEADER - 12) || static_cast<u32>(length) > left - 12) {
      fail(FAULT_BATCH_LENGTH, from);
      return 0;
    }
    from += 12 + length;
    count++;
  }
  return count;
}

// Checks one batch whose length is good; SCAN_OK or its fault.
u32 check_batch(const u8* batch, u32 byte_length) {
  if (batch[BATCH_MAGIC] != 2) return FAULT_MAGIC;
  const u32 crc = crc32c(batch + BATCH_ATTRIBUTES, byte_length - BATCH_ATTRIBUTES);
  if (crc != load_be32(batch + BATCH_CRC)) return FAULT_CRC;
  const u32 compression = load_be16(batch + BATCH_ATTRIBUTES) & ATTRIBUTE_COMPRESSION;
  if (compression > 4) return FAULT_COMPRESSION;
  const i32 count = static_cast<i32>(load_be32(batch + BATCH_RECORD_COUNT));
  const i32 last_delta = static_cast<i32>(load_be32(batch + BATCH_LAST_OFFSET_DELTA));
  if (count < 0) return FAULT_COUNT;
  const u32 fitting = (byte_length - BATCH_HEADER) / RECORD_BYTES_MIN;
  if (compression == 0 && static_cast<u32>(count) > fitting) return FAULT_COUNT;
  const i64 base_offset = static_cast<i64>(load_be64(batch));
  if (base_offset < 0 || base_offset > INT64_MAX - (1ll << 32)) return FAULT_OFFSETS;
  if (last_delta < 0 || static_cast<i64>(last_delta) + 1 < count) return FAULT_OFFSETS;
  return SCAN_OK;
}

template <typename T>
T* alloc_rows(u32 rows) {
  return rows > 0x0fffffff ? nullptr : static_cast<T*>(arena_alloc(rows * sizeof(T)));
}

enum Want : u32 { WANT_KEYS = 1, WANT_HEADERS = 2, WANT_TIMESTAMPS = 4 };

// The arrays of `Records`, as pointers.
struct RecordArrays {
  u32* value_address;
  i32* value_length;
  u32* key_address;
  i32* key_length;
  i64* offset;
  i64* timestamp;
  u32* headers_address;
  u32* headers_length;
  u32* headers_count;

  bool alloc(u32 rows, u32 want) {
    *this = {};
    value_address = alloc_rows<u32>(rows);
    value_length = alloc_rows<i32>(rows);
    offset = alloc_rows<i64>(rows);
    bool ok = value_address && value_length && offset;
    if (want & WANT_KEYS) {
      key_address = alloc_rows<u32>(rows);
      key_length = alloc_rows<i32>(rows);
      ok = ok && key_address && key_length;
    }
    if (want & WANT_TIMESTAMPS) {
      timestamp = alloc_rows<i64>(rows);
      ok = ok && timestamp;
    }
    if (want & WANT_HEADERS) {
      headers_address = alloc_rows<u32>(rows);
      headers_length = alloc_rows<u32>(rows);
      headers_count = alloc_rows<u32>(rows);
      ok = ok && headers_address && headers_length && headers_count;
    }
    return ok;
  }

  void store(Records& records, u32 count, u32 capacity) const {
    records = {count, capacity, address_of(value_address), address_of(value_length),
               address_of(key_address), address_of(key_length), address_of(offset),
               address_of(timestamp), address_of(headers_address), address_of(headers_length),
               address_of(headers_count), 0};
  }
};

// Skips `count` headers that must end at `end` exactly; SCAN_OK or the fault.
u32 check_headers(const u8* from, const u8* end, i32 count) {
  for (i32 i = 0; i < count; i++) {
    i32 length;
    from = read_varint(from, length);
    if (!from) return FAULT_VARINT;
    if (from > end || length < 0 || length > end - from) return FAULT_FIELD;
    from = read_varint(from + length, length);
    if (!from) return FAULT_VARINT;
    if (from > end || length < -1 || length > end - from) return FAULT_FIELD;
    if (length > 0) from += length;
  }
  return from == end ? SCAN_OK : FAULT_TRAILING;
}

// One record, its fields as they lie in the batch.
struct RecordView {
  const u8* key;
  const u8* value;
  const u8* headers;
  const u8* end;
  i64 timestamp_delta;
  i32 offset_delta;
  i32 key_length;
  i32 value_length;
  i32 headers_count;
};

// Reads the record at `from`; SCAN_OK or the fault. `end` is the batch's.
MILLRACE_INLINE u32 read_record(const u8* from, const u8* end, RecordView& record) {
  i32 length;
  from = read_varint(from, length);
  if (UNLIKELY(!from)) return FAULT_VARINT;
  if (UNLIKELY(from > end || length < 0 || length > end - from)) return FAULT_RECORD_LENGTH;
  const u8* const record_end = from + length;
  from = read_varlong(from + 1, record.timestamp_delta);
  if (UNLIKELY(!from)) return FAULT_VARINT;
  from = read_varint(from, record.offset_delta);
  if (UNLIKELY(!from)) return FAULT_VARINT;
  from = read_varint(from, record.key_length);
  if (UNLIKELY(!from)) return FAULT_VARINT;
  if (UNLIKELY(from > record_end || record.key_length < -1 ||
               record.key_length > record_end - from)) {
    return FAULT_FIELD;
  }
  record.key = from;
  from += record.key_length > 0 ? record.key_length : 0;
  from = read_varint(from, record.value_length);
  if (UNLIKELY(!from)) return FAULT_VARINT;
  if (UNLIKELY(from > record_end || record.value_length < -1 ||
               record.value_length > record_end - from)) {
    return FAULT_FIELD;
  }
  record.value = from;
  from += record.value_length > 0 ? record.value_length : 0;
  from = read_varint(from, record.headers_count);
  if (UNLIKELY(!from)) return FAULT_VARINT;
  record.headers = from;
  record.end = record_end;
  if (UNLIKELY(from > record_end || record.headers_count < 0)) return FAULT_FIELD;
  if (LIKELY(record.headers_count == 0)) return from == record_end ? SCAN_OK : FAULT_TRAILING;
  return check_headers(from, record_end, record.headers_count);
}

// Walks the records of one batch into rows from `row` on; the row behind the last, or -1 where
// `scan` says what is wrong. `offsets`: how many are wanted from `fetch_offset` on; what lies
// behind them is left to whoever wants it.
i32 walk_batch(const BatchEntry& entry, const RecordArrays& rows, u32 row, i64 fetch_offset,
               u64 offsets) {
  const u8* const batch = at<u8>(entry.batch);
  const u8* from = at<u8>(entry.payload);
  const u8* const end = from + entry.payload_length;
  const i64 base_offset = static_cast<i64>(load_be64(batch));
  const i32 last_delta = static_cast<i32>(load_be32(batch + BATCH_LAST_OFFSET_DELTA));
  const bool append_time = load_be16(batch + BATCH_ATTRIBUTES) & ATTRIBUTE_LOG_APPEND_TIME;
  const u32 time_field = append_time ? BATCH_MAX_TIMESTAMP : BATCH_BASE_TIMESTAMP;
  const u64 base_time = load_be64(batch + time_field);
  i32 previous_delta = -1;
  for (u32 i = 0; i < entry.records; i++) {
    RecordView record;
    const u32 fault = read_record(from, end, record);
    if (UNLIKELY(fault)) {
      fail(fault, batch, i);
      return -1;
    }
    if (UNLIKELY(record.offset_delta <= previous_delta || record.offset_delta > last_delta)) {
      fail(FAULT_RECORD_OFFSET, batch, i);
      return -1;
    }
    previous_delta = record.offset_delta;
    from = record.end;
    const i64 offset = base_offset + record.offset_delta;
    if (UNLIKELY(static_cast<u64>(offset) - static_cast<u64>(fetch_offset) >= offsets)) {
      if (offset >= fetch_offset) return static_cast<i32>(row);
      scan.before++;
      continue;
    }
    rows.value_address[row] = address_of(record.value);
    rows.value_length[row] = record.value_length;
    rows.offset[row] = offset;
    if (rows.key_address) {
      rows.key_address[row] = address_of(record.key);
      rows.key_length[row] = record.key_length;
    }
    if (rows.timestamp) {
      const u64 delta = append_time ? 0 : static_cast<u64>(record.timestamp_delta);
      rows.timestamp[row] = static_cast<i64>(base_time + delta);
    }
    if (rows.headers_address) {
      rows.headers_address[row] = address_of(record.headers);
      rows.headers_length[row] = static_cast<u32>(record.end - record.headers);
      rows.headers_count[row] = static_cast<u32>(record.headers_count);
    }
    row++;
  }
  if (from != end) {
    fail(FAULT_TRAILING, batch, entry.records);
    return -1;
  }
  return static_cast<i32>(row);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Checks the batches in [address, address + byte_length), which must hold whole batches only, and
// lists those with records to read. `dropped` is u32[dropped_count]: positions of batches, from
// `address`, ascending, that are left out. Returns the address of a `Scan`.
MILLRACE_EXPORT(batches_scan)
u32 export_batches_scan(u32 address, u32 byte_length, u32 dropped, u32 dropped_count) {
  scan = {};
  const u8* const begin = at<u8>(address);
  const u8* const end = begin + byte_length;
  const u32 batches = count_batches(begin, end);
  if (scan.fault) return address_of(&scan);
  BatchEntry* const entries = alloc_rows<BatchEntry>(batches);
  if (!entries) return fail(SCAN_ARENA_FULL, begin);
  scan.entries = address_of(entries);
  const u32* next_dropped = at<u32>(dropped);
  const u32* const dropped_end = next_dropped + dropped_count;
  u32 length;
  for (const u8* batch = begin; batch < end; batch += length) {
    length = 12 + load_be32(batch + BATCH_LENGTH);
    if (const u32 fault = check_batch(batch, length)) return fail(fault, batch);
    const u32 attributes = load_be16(batch + BATCH_ATTRIBUTES);
    const u32 records = load_be32(batch + BATCH_RECORD_COUNT);
    const i64 last_delta = static_cast<i32>(load_be32(batch + BATCH_LAST_OFFSET_DELTA));
    scan.next_offset = static_cast<i64>(load_be64(batch)) + last_delta + 1;
    if (attributes & ATTRIBUTE_CONTROL) {
      scan.control++;
      continue;
    }
    if (next_dropped < dropped_end && *next_dropped == static_cast<u32>(batch - begin)) {
      next_dropped++;
      scan.dropped++;
      continue;
    }
    if (attributes & ATTRIBUTE_COMPRESSION) scan.compressed++;
    entries[scan.entry_count++] = {address_of(batch), address_of(batch + BATCH_HEADER),
                                   length - BATCH_HEADER, records};
  }
  return address_of(&scan);
}

// Finds the records of the batches that the last `batches_scan` listed, once each payload is
// decompressed: those in [fetch_offset, end_offset). `want`: WANT_* bits; arrays that are not
// wanted have address 0 in `Records`.
MILLRACE_EXPORT(records_walk)
u32 export_records_walk(i64 fetch_offset, i64 end_offset, u32 want) {
  const u64 span = static_cast<u64>(end_offset) - static_cast<u64>(fetch_offset);
  const u64 offsets = end_offset <= fetch_offset ? 0 : span;
  const BatchEntry* const entries = at<BatchEntry>(scan.entries);
  u64 capacity = 0;
  for (u32 i = 0; i < scan.entry_count; i++) {
    if (entries[i].records > entries[i].payload_length / RECORD_BYTES_MIN) {
      return fail(FAULT_COUNT, at<u8>(entries[i].batch));
    }
    capacity += entries[i].records < offsets ? entries[i].records : offsets;
  }
  Records* const records = static_cast<Records*>(arena_alloc(sizeof(Records)));
  RecordArrays rows;
  if (capacity > 0x0fffffff || !records || !rows.alloc(static_cast<u32>(capacity), want)) {
    return fail(SCAN_ARENA_FULL, at<u8>(scan.entries));
  }
  u32 row = 0;
  for (u32 i = 0; i < scan.entry_count; i++) {
    const i32 next = walk_batch(entries[i], rows, row, fetch_offset, offsets);
    if (next < 0) return address_of(&scan);
    row = static_cast<u32>(next);
  }
  rows.store(*records, row, static_cast<u32>(capacity));
  scan.records = address_of(records);
  return address_of(&scan);
}
