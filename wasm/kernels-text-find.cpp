// Texts in texts: contains, startsWith, endsWith, position.
#include "find-bytes.h"
#include "text-writer.h"
#include "utf8.h"

namespace millrace {
namespace {

// Numbers are part of the contract: src/operators/kernels/text.ts has the same.
enum FindOp : u32 { FIND_CONTAINS = 0, FIND_STARTS_WITH = 1, FIND_ENDS_WITH = 2 };

template <typename Test>
MILLRACE_INLINE void fill(u64* out, const Rows& rows, Test test) {
  if (rows.selection == nullptr) {
    fill_bits_dense(out, rows.count, 0, test);
  } else {
    fill_bits_sparse(out, rows.selection, rows.count, 0, test);
  }
}

MILLRACE_INLINE bool same_bytes(const u8* s, Span part) {
  if (part.length > 16) return memcmp(s, part.bytes, part.length) == 0;
  const v128_t difference = wasm_v128_xor(wasm_v128_load(s), wasm_v128_load(part.bytes));
  return !wasm_v128_any_true(wasm_v128_and(difference, mask_of(part.length)));
}

void find_all(u32 op, const Spans& texts, const Spans& parts, u64* out, const Rows& rows) {
  switch (op) {
    case FIND_STARTS_WITH:
      return fill(out, rows, [&](u32 row) {
        const Span text = texts[row], part = parts[row];
        return part.length <= text.length && same_bytes(text.bytes, part);
      });
    case FIND_ENDS_WITH:
      return fill(out, rows, [&](u32 row) {
        const Span text = texts[row], part = parts[row];
        return part.length <= text.length &&
               same_bytes(text.bytes + text.length - part.length, part);
      });
    default:
      return fill(out, rows, [&](u32 row) {
        const Span text = texts[row];
        return find_bytes(text.bytes, text.bytes + text.length, parts[row]) != nullptr;
      });
  }
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// Whether a text has another in it, at its start or at its end, as bool.
MILLRACE_EXPORT(kernel_text_find)
u32 kernel_text_find(u32 op, u32 text_at, u32 part_at, u32 selection, u32 count) {
  const Column* operands[] = {at<Column>(text_at), at<Column>(part_at)};
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, 2)) return address_of(null_column(TYPE_BOOL, length));
  Column* out = new_fixed_column(TYPE_BOOL, length, operands[0]->flags & operands[1]->flags);
  if (out == nullptr || !join_validity(out, operands[0], operands[1])) return KERNEL_FULL;
  const Rows rows = result_rows(out, selection, count);
  find_all(op, Spans(operands[0]), Spans(operands[1]), at<u64>(out->data), rows);
  return address_of(out);
}

// The place of a text in another, in characters from 1 on, 0 where it is not there; int64.
MILLRACE_EXPORT(kernel_text_position)
u32 kernel_text_position(u32 text_at, u32 part_at, u32 selection, u32 count) {
  const Column* operands[] = {at<Column>(text_at), at<Column>(part_at)};
  const u32 length = operands[0]->length;
  if (has_null_constant(operands, 2)) return address_of(null_column(TYPE_INT64, length));
  Column* out = new_fixed_column(TYPE_INT64, length, operands[0]->flags & operands[1]->flags);
  if (out == nullptr || !join_validity(out, operands[0], operands[1])) return KERNEL_FULL;
  const Rows rows = result_rows(out, selection, count);
  const Spans texts(operands[0]);
  const Spans parts(operands[1]);
  i64* places = at<i64>(out->data);
  for (u32 i = 0; i < rows.count; ++i) {
    const Span text = texts[rows[i]];
    const u8* found = find_bytes(text.bytes, text.bytes + text.length, parts[rows[i]]);
    const u32 before = static_cast<u32>(found - text.bytes);
    places[rows[i]] = found == nullptr ? 0 : count_characters(text.bytes, before) + 1;
  }
  return address_of(out);
}
