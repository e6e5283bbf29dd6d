// `in`: a hash set of constants in the state heap, built once, and the look-up of a column in it.
//
// A handful of short constants is not hashed but compared one by one, without branches: whether a
// row's value is among them is what the branch predictor cannot know.
#include "decimal.h"
#include "kernels-bytes.h"

namespace millrace {
namespace {

constexpr u32 MAX_COMPARED = 8;

// Open addressing; a slot holds the index of a value plus 1, 0 is free. At most a quarter of it is
// full, so that a look-up ends, mostly at once.
struct ValueSet {
  const Column* values;
  u32* slots;
  u32 mask;
};

// Values of fixed width by a key that is the same exactly where they are equal.
template <typename T>
MILLRACE_INLINE u64 key_of(T value) {
  return static_cast<u64>(static_cast<i64>(value));
}
MILLRACE_INLINE u64 key_of(u64 value) { return value; }
MILLRACE_INLINE u64 key_of(f64 value) {
  if (value != value) return 0x7ff8000000000000ull;
  const f64 plain = value + 0.0;  // -0 becomes 0
  u64 key;
  memcpy(&key, &plain, 8);
  return key;
}

MILLRACE_INLINE u64 key_of(f32 value) { return key_of(static_cast<f64>(value)); }

template <typename T>
struct FixedKeys {
  const T* values;
  using Key = u64;
  explicit FixedKeys(const Column* column) : values(at<T>(column->data)) {}
  Key operator[](u32 row) const { return key_of(values[row]); }
  static u64 hash(Key key) { return mix(key); }
  static bool equal(Key a, Key b) { return a == b; }
};

struct WideKeys {
  const i128* values;
  using Key = i128;
  explicit WideKeys(const Column* column) : values(at<i128>(column->data)) {}
  Key operator[](u32 row) const { return values[row]; }
  static u64 hash(Key key) { return mix(static_cast<u64>(key) ^ mix(static_cast<u64>(key >> 64))); }
  static bool equal(Key a, Key b) { return a == b; }
};

struct SpanKeys {
  Spans values;
  using Key = Span;
  explicit SpanKeys(const Column* column) : values(column) {}
  Key operator[](u32 row) const { return values[row]; }
  static u64 hash(Key key) { return hash_span(key); }
  static bool equal(Key a, Key b) { return equal_spans(a, b); }
};

template <typename Keys>
MILLRACE_INLINE u32 find_slot(const ValueSet& set, const Keys& known, typename Keys::Key key) {
  u32 slot = static_cast<u32>(Keys::hash(key)) & set.mask;
  while (set.slots[slot] != 0 && !Keys::equal(known[set.slots[slot] - 1], key)) {
    slot = (slot + 1) & set.mask;
  }
  return slot;
}

template <typename Keys>
void insert_all(ValueSet& set) {
  const Keys known(set.values);
  for (u32 i = 0; i < set.values->length; ++i) {
    const u32 slot = find_slot(set, known, known[i]);
    if (set.slots[slot] == 0) set.slots[slot] = i + 1;
  }
}

template <typename Test>
MILLRACE_INLINE void fill(u64* out, const Rows& rows, Test test) {
  if (rows.selection == nullptr) {
    fill_bits_dense(out, rows.count, 0, test);
  } else {
    fill_bits_sparse(out, rows.selection, rows.count, 0, test);
  }
}

template <typename Keys>
void look_up(const ValueSet& set_at, const Column* column, u64* out, const Rows& rows) {
  const ValueSet set = set_at;
  const Keys known(set.values);
  const Keys wanted(column);
  fill(out, rows, [=](u32 row) { return set.slots[find_slot(set, known, wanted[row])] != 0; });
}

template <typename T>
void look_up_fixed(const ValueSet& set, const Column* column, u64* out, const Rows& rows) {
  const u32 count = set.values->length;
  if (count > MAX_COMPARED) return look_up<FixedKeys<T>>(set, column, out, rows);
  const FixedKeys<T> known(set.values);
  const FixedKeys<T> wanted(column);
  u64 keys[MAX_COMPARED];
  for (u32 i = 0; i < count; ++i) keys[i] = known[i];
  fill(out, rows, [&keys, count, wanted](u32 row) {
    const u64 key = wanted[row];
    u32 found = 0;
    for (u32 i = 0; i < count; ++i) found |= key == keys[i];
    return found;
  });
}

void look_up_spans(const ValueSet& set, const Column* column, u64* out, const Rows& rows) {
  const u32 count = set.values->length;
  const Spans known(set.values);
  bool is_short = count <= MAX_COMPARED;
  for (u32 i = 0; is_short && i < count; ++i) is_short = known[i].length <= 16;
  if (!is_short) return look_up<SpanKeys>(set, column, out, rows);
  v128_t masks[MAX_COMPARED];
  v128_t texts[MAX_COMPARED];
  u32 lengths[MAX_COMPARED];
  for (u32 i = 0; i < count; ++i) {
    lengths[i] = known[i].length;
    masks[i] = mask_of(lengths[i]);
    texts[i] = wasm_v128_and(wasm_v128_load(known[i].bytes), masks[i]);
  }
  const Spans wanted(column);
  fill(out, rows, [&, count, wanted](u32 row) {
    const Span span = wanted[row];
    const v128_t value = wasm_v128_load(span.bytes);
    u32 found = 0;
    for (u32 i = 0; i < count; ++i) {
      const v128_t same = wasm_i8x16_eq(wasm_v128_and(value, masks[i]), texts[i]);
      const u32 fits = span.length == lengths[i];
      found |= fits & static_cast<u32>(wasm_i8x16_all_true(same));
    }
    return found;
  });
}

void look_up_any(const ValueSet& set, const Column* column, u64* out, const Rows& rows) {
  switch (column->type) {
    case TYPE_INT8:
      return look_up_fixed<i8>(set, column, out, rows);
    case TYPE_INT16:
      return look_up_fixed<i16>(set, column, out, rows);
    case TYPE_INT32:
    case TYPE_DATE:
      return look_up_fixed<i32>(set, column, out, rows);
    case TYPE_UINT8:
      return look_up_fixed<u8>(set, column, out, rows);
    case TYPE_UINT16:
      return look_up_fixed<u16>(set, column, out, rows);
    case TYPE_UINT32:
      return look_up_fixed<u32>(set, column, out, rows);
    case TYPE_UINT64:
      return look_up_fixed<u64>(set, column, out, rows);
    case TYPE_FLOAT32:
      return look_up_fixed<f32>(set, column, out, rows);
    case TYPE_DECIMAL:
      return look_up<WideKeys>(set, column, out, rows);
    case TYPE_FLOAT64:
      return look_up_fixed<f64>(set, column, out, rows);
    case TYPE_UTF8:
    case TYPE_BINARY:
      return look_up_spans(set, column, out, rows);
    default:
      return look_up_fixed<i64>(set, column, out, rows);
  }
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A set of the values of a column without nulls, of any scalar type but bool. The column must live
// as long as the set: in the state heap. Answers 0 where that is full.
MILLRACE_EXPORT(value_set_new) u32 value_set_new(u32 values_at) {
  const Column* values = at<Column>(values_at);
  u32 capacity = 16;
  while (capacity < values->length * 4) capacity *= 2;
  ValueSet* set = static_cast<ValueSet*>(state_alloc(sizeof(ValueSet)));
  u32* slots = static_cast<u32*>(state_alloc(capacity * 4));
  if (set == nullptr || slots == nullptr) return 0;
  *set = {values, slots, capacity - 1};
  switch (values->type) {
    case TYPE_INT8:
      insert_all<FixedKeys<i8>>(*set);
      break;
    case TYPE_INT16:
      insert_all<FixedKeys<i16>>(*set);
      break;
    case TYPE_INT32:
    case TYPE_DATE:
      insert_all<FixedKeys<i32>>(*set);
      break;
    case TYPE_UINT8:
      insert_all<FixedKeys<u8>>(*set);
      break;
    case TYPE_UINT16:
      insert_all<FixedKeys<u16>>(*set);
      break;
    case TYPE_UINT32:
      insert_all<FixedKeys<u32>>(*set);
      break;
    case TYPE_UINT64:
      insert_all<FixedKeys<u64>>(*set);
      break;
    case TYPE_FLOAT32:
      insert_all<FixedKeys<f32>>(*set);
      break;
    case TYPE_DECIMAL:
      insert_all<WideKeys>(*set);
      break;
    case TYPE_FLOAT64:
      insert_all<FixedKeys<f64>>(*set);
      break;
    case TYPE_UTF8:
    case TYPE_BINARY:
      insert_all<SpanKeys>(*set);
      break;
    default:
      insert_all<FixedKeys<i64>>(*set);
  }
  return address_of(set);
}

// Whether a value is in the set; with `has_null` a value that is not is null instead of false.
MILLRACE_EXPORT(kernel_in_set)
u32 kernel_in_set(u32 column_at, u32 set_at, u32 has_null, u32 selection, u32 count) {
  const Column* column = at<Column>(column_at);
  if (is_null_constant(column)) return address_of(null_column(TYPE_BOOL, column->length));
  Column* out = new_fixed_column(TYPE_BOOL, column->length, column->flags);
  if (out == nullptr) return KERNEL_FULL;
  const Rows rows = is_constant(column) ? one_row() : rows_of(column, selection, count);
  u64* found = at<u64>(out->data);
  look_up_any(*at<ValueSet>(set_at), column, found, rows);
  out->validity = column->validity;
  out->null_count = column->null_count;
  if (has_null == 0) return address_of(out);
  const u32 words = is_constant(out) ? 1 : words_for(out->length);
  u64* valid = static_cast<u64*>(arena_array(words, 8));
  if (valid == nullptr) return KERNEL_FULL;
  const Words before = validity_words(column);
  for (u32 i = 0; i < words; ++i) valid[i] = found[i] & before[i];
  set_validity(out, valid);
  return address_of(out);
}
