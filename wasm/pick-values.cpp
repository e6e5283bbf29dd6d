#include "pick-values.h"

#include <algorithm>

#include "kernels-bytes.h"

namespace millrace {
namespace {

using u128 = unsigned __int128;

struct Pick {
  const Column* left;
  const Column* right;
  const u32* places;
  u32 count;

  const Column* column(u32 i) const { return places[i] & FROM_RIGHT ? right : left; }
  u32 row(u32 i) const { return places[i] & ~FROM_RIGHT; }
  bool is_none(u32 i) const { return places[i] == NO_PLACE; }
  bool is_null(u32 i) const { return is_none(i) || !is_valid(column(i), row(i)); }
};

template <typename T>
bool pick_fixed(const Pick& pick, Column* out) {
  T* to = static_cast<T*>(arena_array(pick.count, sizeof(T)));
  if (to == nullptr) return false;
  const T* values[] = {at<T>(pick.left->data), at<T>(pick.right->data)};
  const u32 rows[] = {is_constant(pick.left) ? 0 : ~FROM_RIGHT,
                      is_constant(pick.right) ? 0 : ~FROM_RIGHT};
  for (u32 i = 0; i < pick.count; ++i) {
    const u32 place = pick.places[i];
    to[i] = place == NO_PLACE ? T{} : values[place >> 31][place & rows[place >> 31]];
  }
  out->data = address_of(to);
  out->data_length = pick.count * sizeof(T);
  return true;
}

bool pick_bits(const Pick& pick, Column* out) {
  u64* to = static_cast<u64*>(arena_array(words_for(pick.count), 8));
  if (to == nullptr) return false;
  fill_bits_dense(to, pick.count, 0, [&](u32 i) {
    if (pick.is_none(i)) return false;
    const Column* column = pick.column(i);
    return get_bit(at<u8>(column->data), is_constant(column) ? 0 : pick.row(i));
  });
  out->data = address_of(to);
  out->data_length = (pick.count + 7) / 8;
  return true;
}

// What a row of variable length has in the child or among the bytes; nulls have nothing, which is
// copied, too, from somewhere.
Span stretch_of(const Pick& pick, u32 i) {
  if (pick.is_null(i)) return {at<u8>(pick.left->data), 0};
  const Column* column = pick.column(i);
  const i32* offsets = at<i32>(column->offsets) + (is_constant(column) ? 0 : pick.row(i));
  const u8* begin = at<u8>(column->data) + offsets[0];
  return {begin, static_cast<u32>(offsets[1] - offsets[0])};
}

bool pick_offsets(const Pick& pick, Column* out, u32& total) {
  i32* offsets = static_cast<i32*>(arena_array(static_cast<u64>(pick.count) + 1, 4));
  if (offsets == nullptr) return false;
  u64 sum = 0;
  for (u32 i = 0; i < pick.count; ++i) {
    offsets[i] = static_cast<i32>(sum);
    sum += stretch_of(pick, i).length;
    if (UNLIKELY(sum > 0x7fffffff)) return false;
  }
  offsets[pick.count] = static_cast<i32>(sum);
  out->offsets = address_of(offsets);
  total = static_cast<u32>(sum);
  return true;
}

bool pick_bytes(const Pick& pick, Column* out) {
  if (!pick_offsets(pick, out, out->data_length)) return false;
  u8* data = static_cast<u8*>(arena_array(out->data_length, 1));
  if (data == nullptr) return false;
  out->data = address_of(data);
  for (u32 i = 0; i < pick.count; ++i) {
    const Span span = stretch_of(pick, i);
    copy_span(data, span);
    data += span.length;
  }
  return true;
}

bool set_child(Column* out, const Column* child) {
  out->children = address_of(child);
  out->child_count = 1;
  return child != nullptr;
}

bool pick_items(const Pick& pick, Column* out) {
  u32 total = 0;
  if (!pick_offsets(pick, out, total)) return false;
  u32* places = static_cast<u32*>(arena_array(total, 4));
  if (places == nullptr) return false;
  u32 n = 0;
  for (u32 i = 0; i < pick.count; ++i) {
    const u32 length = stretch_of(pick, i).length;
    if (length == 0) continue;
    const Column* column = pick.column(i);
    const u32 side = pick.places[i] & FROM_RIGHT;
    const u32 first = static_cast<u32>(
        at<i32>(column->offsets)[is_constant(column) ? 0 : pick.row(i)]);
    for (u32 k = 0; k < length; ++k) places[n++] = (first + k) | side;
  }
  return set_child(out, pick_values(at<Column>(pick.left->children),
                                    at<Column>(pick.right->children), places, total));
}

bool pick_members(const Pick& pick, Column* out) {
  const u32 count = pick.left->child_count;
  Column* members = static_cast<Column*>(arena_array(count, sizeof(Column)));
  if (members == nullptr) return false;
  for (u32 k = 0; k < count; ++k) {
    Column left = at<Column>(pick.left->children)[k];
    Column right = at<Column>(pick.right->children)[k];
    // The one row of a constant struct is the one row of its members.
    left.flags |= pick.left->flags & COLUMN_CONSTANT;
    right.flags |= pick.right->flags & COLUMN_CONSTANT;
    const Column* member = pick_values(&left, &right, pick.places, pick.count);
    if (member == nullptr) return false;
    members[k] = *member;
  }
  out->children = address_of(members);
  out->child_count = count;
  return true;
}

// The texts of two dictionaries as those of one, and the index that each of the right ones has
// there.
struct JoinedTexts {
  const Column* texts;
  u32* indices;
};

// The place of `text` among texts that `order` sorts, or where it would stand.
u32 search(const Spans& texts, const u32* order, u32 count, Span text) {
  u32 low = 0;
  for (u32 high = count; low < high;) {
    const u32 middle = low + (high - low) / 2;
    if (less_span(texts[order[middle]], text)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// By sorting, which texts that a sender has chosen do not make slow.
bool join_texts(const Column* left, const Column* right, JoinedTexts& joined) {
  u32* order = static_cast<u32*>(arena_array(left->length, 4));
  u32* places = static_cast<u32*>(arena_array(static_cast<u64>(left->length) + right->length, 4));
  joined.indices = static_cast<u32*>(arena_array(right->length, 4));
  if (order == nullptr || places == nullptr || joined.indices == nullptr) return false;
  for (u32 i = 0; i < left->length; ++i) places[i] = order[i] = i;
  const Spans texts(left);
  const Spans others(right);
  std::sort(order, order + left->length,
            [&](u32 a, u32 b) { return less_span(texts[a], texts[b]); });
  u32 count = left->length;
  for (u32 i = 0; i < right->length; ++i) {
    const u32 at = search(texts, order, left->length, others[i]);
    const bool known = at < left->length && equal_spans(texts[order[at]], others[i]);
    joined.indices[i] = known ? order[at] : count;
    if (!known) places[count++] = i | FROM_RIGHT;
  }
  joined.texts = count == left->length ? left : pick_values(left, right, places, count);
  return joined.texts != nullptr;
}

bool pick_texts(const Pick& pick, Column* out) {
  if (!pick_fixed<u32>(pick, out)) return false;
  const Column* left = at<Column>(pick.left->children);
  const Column* right = at<Column>(pick.right->children);
  if (left == right || right->length == 0) return set_child(out, left);
  if (left->length == 0) return set_child(out, right);
  JoinedTexts joined{};
  if (!join_texts(left, right, joined)) return false;
  u32* indices = at<u32>(out->data);
  for (u32 i = 0; i < pick.count; ++i) {
    if (pick.is_null(i)) indices[i] = 0;
    else if (pick.places[i] & FROM_RIGHT) indices[i] = joined.indices[indices[i]];
  }
  return set_child(out, joined.texts);
}

bool pick_by_type(const Pick& pick, Column* out) {
  switch (out->type) {
    case TYPE_NULL:
      return true;
    case TYPE_BOOL:
      return pick_bits(pick, out);
    case TYPE_UTF8:
    case TYPE_BINARY:
    case TYPE_JSON:
      return pick_bytes(pick, out);
    case TYPE_LIST:
    case TYPE_MAP:
      return pick_items(pick, out);
    case TYPE_STRUCT:
      return pick_members(pick, out);
    case TYPE_DICTIONARY:
      return pick_texts(pick, out);
    default:
      break;
  }
  switch (width_of(out->type)) {
    case 1:
      return pick_fixed<u8>(pick, out);
    case 2:
      return pick_fixed<u16>(pick, out);
    case 4:
      return pick_fixed<u32>(pick, out);
    case 8:
      return pick_fixed<u64>(pick, out);
    default:
      return pick_fixed<u128>(pick, out);
  }
}

}  // namespace

Column* pick_values(const Column* left, const Column* right, const u32* places, u32 count) {
  const Pick pick{left, right, places, count};
  Column* out = new_column(left->type, count);
  if (out == nullptr) return nullptr;
  out->param = left->param;
  if (left->validity != 0 || right->validity != 0) {
    u64* valid = static_cast<u64*>(arena_array(words_for(count), 8));
    if (valid == nullptr) return nullptr;
    fill_bits_dense(valid, count, 0, [&](u32 i) { return !pick.is_null(i); });
    set_validity(out, valid);
  }
  return pick_by_type(pick, out) ? out : nullptr;
}

}  // namespace millrace
