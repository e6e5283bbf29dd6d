// Arithmetic on numbers of up to 64 bits; kernels-decimal.cpp has that of decimals.
//
// Integer loops do not branch: they gather a hint that some row may have overflowed, and only then
// are the selected rows checked one by one. Rows that are null or not selected can set the hint,
// never the error.
#include <math.h>

#include "kernels.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/arithmetic.ts has the same.
enum ArithmeticOp : u32 { OP_ADD = 0, OP_SUB = 1, OP_MUL = 2, OP_DIV = 3, OP_MOD = 4 };

template <typename T>
struct Unsigned;
template <>
struct Unsigned<i32> {
  using type = u32;
};
template <>
struct Unsigned<i64> {
  using type = u64;
};

// Integers below 32 bits are computed in 32: what is lost on the way back tells an overflow.
template <typename T>
constexpr bool is_narrow = sizeof(T) < 4;
template <typename T>
constexpr bool is_float = static_cast<T>(0.5) != 0;

template <typename T>
MILLRACE_INLINE T narrowed(i32 wide, T& hint) {
  const T low = static_cast<T>(wide);
  hint |= static_cast<T>(-static_cast<i32>(wide != static_cast<i32>(low)));
  return low;
}

// Each operator: `apply` computes and gathers the hint (negative = perhaps an overflow),
// `overflows` tells for sure.
struct Add {
  template <typename T>
  MILLRACE_INLINE T apply(T a, T b, T& hint) {
    if constexpr (is_float<T>) {
      return a + b;
    } else if constexpr (is_narrow<T>) {
      return narrowed(static_cast<i32>(a) + b, hint);
    } else {
      using U = typename Unsigned<T>::type;
      const T sum = static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
      hint |= (a ^ sum) & (b ^ sum);
      return sum;
    }
  }
  MILLRACE_INLINE u32 apply(u32 a, u32 b, u32& hint) {
    const u32 sum = a + b;
    hint |= -static_cast<u32>(sum < a);
    return sum;
  }
  MILLRACE_INLINE u64 apply(u64 a, u64 b, u64& hint) {
    const u64 sum = a + b;
    hint |= -static_cast<u64>(sum < a);
    return sum;
  }
  template <typename T>
  static bool overflows(T a, T b) {
    T result;
    return __builtin_add_overflow(a, b, &result);
  }
};

struct Sub {
  template <typename T>
  MILLRACE_INLINE T apply(T a, T b, T& hint) {
    if constexpr (is_float<T>) {
      return a - b;
    } else if constexpr (is_narrow<T>) {
      return narrowed(static_cast<i32>(a) - b, hint);
    } else {
      using U = typename Unsigned<T>::type;
      const T difference = static_cast<T>(static_cast<U>(a) - static_cast<U>(b));
      hint |= (a ^ b) & (a ^ difference);
      return difference;
    }
  }
  MILLRACE_INLINE u32 apply(u32 a, u32 b, u32& hint) {
    hint |= -static_cast<u32>(a < b);
    return a - b;
  }
  MILLRACE_INLINE u64 apply(u64 a, u64 b, u64& hint) {
    hint |= -static_cast<u64>(a < b);
    return a - b;
  }
  template <typename T>
  static bool overflows(T a, T b) {
    T result;
    return __builtin_sub_overflow(a, b, &result);
  }
};

struct Mul {
  template <typename T>
  MILLRACE_INLINE T apply(T a, T b, T& hint) {
    if constexpr (is_float<T>) {
      return a * b;
    } else {
      return narrowed(static_cast<i32>(a) * static_cast<i32>(b), hint);
    }
  }
  // 65535 * 65535 is beyond an i32.
  MILLRACE_INLINE u16 apply(u16 a, u16 b, u16& hint) {
    const u32 product = static_cast<u32>(a) * b;
    hint |= static_cast<u16>(-static_cast<i32>(product > 0xffff));
    return static_cast<u16>(product);
  }
  MILLRACE_INLINE u32 apply(u32 a, u32 b, u32& hint) {
    const u64 product = static_cast<u64>(a) * b;
    hint |= -static_cast<u32>(product > 0xffffffff);
    return static_cast<u32>(product);
  }
  // As for i64: whether factors of more than 32 bits overflow is left to `overflows`.
  MILLRACE_INLINE u64 apply(u64 a, u64 b, u64& hint) {
    hint |= -static_cast<u64>((a | b) >> 32 != 0);
    return a * b;
  }
  MILLRACE_INLINE i32 apply(i32 a, i32 b, i32& hint) {
    const i64 product = static_cast<i64>(a) * b;
    const i32 low = static_cast<i32>(product);
    // Any difference counts, not its sign alone.
    hint |= -static_cast<i32>(static_cast<i32>(product >> 32) != low >> 31);
    return low;
  }
  // Factors of 32 bits cannot overflow; whether larger ones do is left to `overflows`.
  MILLRACE_INLINE i64 apply(i64 a, i64 b, i64& hint) {
    const u64 shifted = static_cast<u64>(a) + 0x80000000u;
    const u64 high = (shifted | (static_cast<u64>(b) + 0x80000000u)) >> 32;
    hint |= -static_cast<i64>(high);
    return static_cast<i64>(static_cast<u64>(a) * static_cast<u64>(b));
  }
  template <typename T>
  static bool overflows(T a, T b) {
    const i64 product = static_cast<i64>(a) * b;
    return product != static_cast<T>(product);
  }
  static bool overflows(u32 a, u32 b) { return static_cast<u64>(a) * b > 0xffffffff; }
  static bool overflows(u64 a, u64 b) {
    return static_cast<unsigned __int128>(a) * b > 0xffffffffffffffffull;
  }
  static bool overflows(i64 a, i64 b) {
    return static_cast<__int128>(a) * b !=
           static_cast<i64>(static_cast<u64>(a) * static_cast<u64>(b));
  }
};

struct Div {
  template <typename T>
  MILLRACE_INLINE T apply(T a, T b, T&) {
    return a / b;
  }
};

struct Mod {
  // By 0 the row is null, see clear_zero_divisors; by -1 the machine's division could trap.
  template <typename T>
  MILLRACE_INLINE T apply(T a, T b, T&) {
    if constexpr (is_float<T>) {
      return static_cast<T>(fmod(a, b));
    } else {
      return b == 0 || b == static_cast<T>(-1) ? modulo_edge(a, b) : static_cast<T>(a % b);
    }
  }
  // The greatest unsigned number is no -1.
  template <typename T>
  MILLRACE_INLINE T modulo_edge(T a, T b) {
    const bool is_unsigned = static_cast<T>(-1) > 0;
    return is_unsigned && b != 0 && a != b ? a : 0;
  }
};

template <typename Op, typename T, bool left_constant, bool right_constant>
T loop(const T* __restrict left, const T* __restrict right, T* __restrict out, const Rows& rows) {
  T hint = 0;
  const T a = left[0];
  const T b = right[0];
  if (rows.dense()) {
    const u32 end = rows.dense_end();
    for (u32 i = 0; i < end; ++i) {
      out[i] = Op::apply(left_constant ? a : left[i], right_constant ? b : right[i], hint);
    }
  } else {
    for (u32 i = 0; i < rows.count; ++i) {
      const u32 row = rows.selection[i];
      out[row] = Op::apply(left_constant ? a : left[row], right_constant ? b : right[row], hint);
    }
  }
  return hint;
}

template <typename Op, typename T>
MILLRACE_NOINLINE bool find_overflow(const Column* left, const Column* right, const Rows& rows) {
  const T* a = at<T>(left->data);
  const T* b = at<T>(right->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const u32 row = rows[i];
    if (!is_valid(left, row) || !is_valid(right, row)) continue;
    if (!Op::overflows(a[is_constant(left) ? 0 : row], b[is_constant(right) ? 0 : row])) continue;
    failed_row = row;
    return true;
  }
  return false;
}

// Makes the rows null whose divisor is 0; false where the lease is full.
template <typename T>
bool clear_zero_divisors(Column* out, const Column* right) {
  const T* divisors = at<T>(right->data);
  const u32 length = is_constant(right) ? 1 : right->length;
  bool any = false;
  for (u32 i = 0; i < length; ++i) any |= divisors[i] == 0;
  if (!any) return true;
  const u32 stored = is_constant(out) ? 1 : out->length;
  u64* bits = static_cast<u64*>(arena_array(words_for(stored), 8));
  if (bits == nullptr) return false;
  const bool constant = is_constant(right);
  fill_bits_dense(bits, stored, 0, [=](u32 row) { return divisors[constant ? 0 : row] != 0; });
  const Words before = validity_words(out);
  for (u32 i = 0; i < words_for(stored); ++i) bits[i] &= before[i];
  set_validity(out, bits);
  return true;
}

template <typename Op, typename T>
T compute(const Column* left, const Column* right, Column* out, const Rows& rows) {
  const T* a = at<T>(left->data);
  const T* b = at<T>(right->data);
  T* to = at<T>(out->data);
  if (is_constant(out)) return loop<Op, T, false, false>(a, b, to, one_row());
  if (is_constant(left)) return loop<Op, T, true, false>(a, b, to, rows);
  if (is_constant(right)) return loop<Op, T, false, true>(a, b, to, rows);
  return loop<Op, T, false, false>(a, b, to, rows);
}

// Of signed integers of 32 and 64 bits the sign alone counts.
template <typename T>
bool is_alarm(T hint) {
  if constexpr (!is_narrow<T> && static_cast<T>(-1) < 0) return hint < 0;
  return hint != 0;
}

template <typename Op, typename T>
u32 checked(const Column* left, const Column* right, Column* out, const Rows& rows) {
  const T hint = compute<Op, T>(left, right, out, rows);
  const bool alarm = UNLIKELY(hint != 0) && is_alarm(hint);
  if (alarm && find_overflow<Op, T>(left, right, rows)) return KERNEL_FAILED;
  return address_of(out);
}

template <typename T>
u32 integers(u32 op, const Column* left, const Column* right, Column* out, const Rows& rows) {
  switch (op) {
    case OP_ADD:
      return checked<Add, T>(left, right, out, rows);
    case OP_SUB:
      return checked<Sub, T>(left, right, out, rows);
    case OP_MUL:
      return checked<Mul, T>(left, right, out, rows);
    default:
      compute<Mod, T>(left, right, out, rows);
      return clear_zero_divisors<T>(out, right) ? address_of(out) : static_cast<u32>(KERNEL_FULL);
  }
}

template <typename T>
u32 floats(u32 op, const Column* left, const Column* right, Column* out, const Rows& rows) {
  switch (op) {
    case OP_ADD:
      compute<Add, T>(left, right, out, rows);
      break;
    case OP_SUB:
      compute<Sub, T>(left, right, out, rows);
      break;
    case OP_MUL:
      compute<Mul, T>(left, right, out, rows);
      break;
    case OP_DIV:
      compute<Div, T>(left, right, out, rows);
      break;
    default:
      compute<Mod, T>(left, right, out, rows);
  }
  return address_of(out);
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// `left op right`, both of one type of number up to 64 bits (OP_DIV: floats alone), or durations.
MILLRACE_EXPORT(kernel_arithmetic)
u32 kernel_arithmetic(u32 op, u32 left_at, u32 right_at, u32 selection, u32 count) {
  const Column* left = at<Column>(left_at);
  const Column* right = at<Column>(right_at);
  if (is_null_constant(left) || is_null_constant(right)) {
    return address_of(null_column(left->type, left->length));
  }
  const Rows rows = rows_of(left, selection, count);
  Column* out = new_fixed_column(left->type, left->length, left->flags & right->flags);
  if (out == nullptr || !join_validity(out, left, right)) return KERNEL_FULL;
  switch (left->type) {
    case TYPE_INT32:
      return integers<i32>(op, left, right, out, rows);
    case TYPE_INT64:
    case TYPE_DURATION:
      return integers<i64>(op, left, right, out, rows);
    case TYPE_INT8:
      return integers<i8>(op, left, right, out, rows);
    case TYPE_INT16:
      return integers<i16>(op, left, right, out, rows);
    case TYPE_UINT8:
      return integers<u8>(op, left, right, out, rows);
    case TYPE_UINT16:
      return integers<u16>(op, left, right, out, rows);
    case TYPE_UINT32:
      return integers<u32>(op, left, right, out, rows);
    case TYPE_UINT64:
      return integers<u64>(op, left, right, out, rows);
    case TYPE_FLOAT32:
      return floats<f32>(op, left, right, out, rows);
    default:
      return floats<f64>(op, left, right, out, rows);
  }
}
