// Bernoulli samples: each row passes or not by a hash of what it is, so that it does again.
#include "kernels.h"
#include "mix64.h"

using namespace millrace;

// Writes the rows of the selection that are in the sample to `out`, u32[count]; answers how many.
// A row is known by `seed`, its record's offset and its place among that record's rows. `offsets`:
// i64[records], or 0: record i has the offset `first + i`. `records`: u32[rows], the record of each
// row, ascending, or 0: row i is of record i. `threshold` of 2^53 passes all.
MILLRACE_EXPORT(kernel_sample)
u32 kernel_sample(u32 offsets_at, i64 first, u32 records_at, u32 selection, u32 count, u64 seed,
                  u64 threshold, u32 out_at) {
  const i64* offsets = at<i64>(offsets_at);
  const u32* records = at<u32>(records_at);
  const u32* rows = at<u32>(selection);
  u32* out = at<u32>(out_at);
  u32 passed = 0;
  u32 record = 0;
  u32 begin = 0;  // the first row of `record`
  bool known = false;
  // Seeds that differ in a bit must not draw each other's rows in another order.
  const u64 mixed = mix64(seed);
  for (u32 i = 0; i < count; ++i) {
    const u32 row = rows == nullptr ? i : rows[i];
    if (records == nullptr) {
      record = begin = row;
    } else if (!known || records[row] != record) {
      record = records[row];
      begin = row;
      while (begin > 0 && records[begin - 1] == record) --begin;
      known = true;
    }
    const i64 offset = offsets == nullptr ? first + record : offsets[record];
    u64 hash = mix64(mixed + static_cast<u64>(offset));
    hash = mix64(hash + row - begin);
    out[passed] = row;
    passed += (hash >> 11) < threshold;
  }
  return passed;
}
