// A cast at work: which rows, and what becomes of values that do not fit.
#pragma once
#include "kernels.h"

namespace millrace {

struct Cast {
  const Column* from;
  // Has `from`'s validity at first.
  Column* to;
  Rows rows;
  bool misfit_is_null;

  // Converts the selected rows that are valid; `convert(row)` answers false where a value does not
  // fit. Answers as kernels do. Without a branch a row where all fit, so `convert` must be able to
  // take whatever rows hold that are null or not selected.
  template <typename Convert>
  u32 all(Convert convert) {
    if (!rows.dense()) return each(convert);
    const u32 end = rows.dense_end();
    bool fits = true;
    for (u32 row = 0; row < end; ++row) fits &= convert(row);
    return LIKELY(fits) ? address_of(to) : each(convert);
  }

  // The same row by row.
  template <typename Convert>
  u32 each(Convert convert) {
    u64* valid = nullptr;
    for (u32 i = 0; i < rows.count; ++i) {
      const u32 row = rows[i];
      if (LIKELY(convert(row))) continue;
      if (!is_valid(from, row)) continue;
      if (!misfit_is_null) {
        failed_row = row;
        return KERNEL_FAILED;
      }
      if (valid == nullptr) {
        valid = own_validity();
        if (valid == nullptr) return KERNEL_FULL;
      }
      valid[row >> 6] &= ~(1ull << (row & 63));
    }
    if (valid != nullptr) set_validity(to, valid);
    return address_of(to);
  }

 private:
  // A bitmap of `to`'s own, so that bits can be cleared.
  u64* own_validity() const {
    const u32 words = words_for(is_constant(to) ? 1 : to->length);
    u64* bits = static_cast<u64*>(arena_array(words, 8));
    if (bits == nullptr) return nullptr;
    const Words before = validity_words(from);
    for (u32 i = 0; i < words; ++i) bits[i] = before[i];
    return bits;
  }
};

// Numbers and bools to numbers and bools.
u32 cast_number(Cast& cast);

// kernels-cast-decimal.cpp: decimals to numbers, numbers to decimals.
u32 cast_from_decimal(Cast& cast);
u32 cast_to_decimal(Cast& cast);

}  // namespace millrace
