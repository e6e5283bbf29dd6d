// Which output partition each selected row goes to, and the rows of each partition in order.
#include "bytes.h"
#include "murmur2.h"

namespace millrace {
namespace {

// Gives `run` rows to a partition, then as many to the next: 1 is round-robin, more is sticky.
struct Turns {
  u32 partitions;
  u32 run;
  u32 current;
  u32 given = 0;
  u32 next() {
    if (given == run) {
      given = 0;
      if (++current == partitions) current = 0;
    }
    given++;
    return current;
  }
};

// What both exports fill: starts[partitions + 1] with the sorted rows behind them, and the
// partition that each row goes to, which is dropped at the end.
struct Deal {
  u32* starts;
  u32* chosen;
  u32 mark;
};

// An integer of any width; an uint64 that an int64 does not hold is below 0.
MILLRACE_INLINE i64 integer_at(const Column& column, u32 place) {
  switch (column.type) {
    case TYPE_INT8:
      return at<int8_t>(column.data)[place];
    case TYPE_INT16:
      return at<int16_t>(column.data)[place];
    case TYPE_INT32:
      return at<i32>(column.data)[place];
    case TYPE_UINT8:
      return at<u8>(column.data)[place];
    case TYPE_UINT16:
      return at<u16>(column.data)[place];
    case TYPE_UINT32:
      return at<u32>(column.data)[place];
    default:
      return at<i64>(column.data)[place];
  }
}

bool open_deal(Deal& deal, u32 count, u32 partitions) {
  const u64 words = static_cast<u64>(partitions) + 1 + count;
  if (words > 0x0fffffff) return false;
  deal.starts = static_cast<u32*>(arena_alloc(static_cast<u32>(words) * 4));
  deal.mark = arena_mark();
  deal.chosen = static_cast<u32*>(arena_alloc(count * 4));
  if (!deal.starts || !deal.chosen) return false;
  memset(deal.starts, 0, (partitions + 1) * 4);
  return true;
}

u32 close_deal(const Deal& deal, const u32* rows, u32 count, u32 partitions) {
  u32* const starts = deal.starts;
  const u32* const chosen = deal.chosen;
  for (u32 i = 0; i < count; i++) starts[chosen[i] + 1]++;
  for (u32 i = 0; i < partitions; i++) starts[i + 1] += starts[i];
  u32* const sorted = starts + partitions + 1;
  // Each start moves to its partition's end, which is the next one's start.
  for (u32 i = 0; i < count; i++) sorted[starts[chosen[i]]++] = rows ? rows[i] : i;
  memmove(starts + 1, starts, partitions * 4);
  starts[0] = 0;
  arena_rewind(deal.mark);
  return address_of(starts);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Sorts rows by partition, stable. `key`: Column whose murmur2 chooses, or 0: none; rows with a
// null key, or all, take turns: `run` rows (at least 1) to each partition. `rows`: u32[count], or 0
// for rows 0 to count - 1; `start`: the partition that comes first, below `partitions`. Returns the
// address of u32[partitions + 1] starts into the u32[count] rows that follow them; 0: the lease is
// full.
MILLRACE_EXPORT(partition_rows)
u32 export_partition_rows(u32 key, u32 rows_address, u32 count, u32 partitions, u32 start,
                          u32 run) {
  Deal deal;
  if (!open_deal(deal, count, partitions)) return 0;
  const u32* const rows = at<u32>(rows_address);
  Turns turns{partitions, run, start};
  if (key) {
    const Column& column = *at<Column>(key);
    for (u32 i = 0; i < count; i++) {
      const u32 row = rows ? rows[i] : i;
      if (column_is_null(column, row)) {
        deal.chosen[i] = turns.next();
      } else {
        const Bytes bytes = column_bytes(column, row);
        deal.chosen[i] = (murmur2(bytes.data, bytes.length) & 0x7fffffff) % partitions;
      }
    }
  } else {
    for (u32 i = 0; i < count; i++) deal.chosen[i] = turns.next();
  }
  return close_deal(deal, rows, count, partitions);
}

// As `partition_rows`, by the numbers of `number`, a Column of integers. Where a row's is null
// or no partition, the first start is 0xffffffff and the next word is that row.
MILLRACE_EXPORT(partition_rows_by_number)
u32 export_partition_rows_by_number(u32 number, u32 rows_address, u32 count, u32 partitions) {
  Deal deal;
  if (!open_deal(deal, count, partitions)) return 0;
  const u32* const rows = at<u32>(rows_address);
  const Column& column = *at<Column>(number);
  for (u32 i = 0; i < count; i++) {
    const u32 row = rows ? rows[i] : i;
    const i64 value = integer_at(column, column_row(column, row));
    if (value < 0 || value >= partitions || column_is_null(column, row)) {
      deal.starts[0] = 0xffffffff;
      deal.starts[1] = row;
      return address_of(deal.starts);
    }
    deal.chosen[i] = static_cast<u32>(value);
  }
  return close_deal(deal, rows, count, partitions);
}
