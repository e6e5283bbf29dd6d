// Making and learning shapes, and the tables of names; see json-shape.h and json-keys.h.
#include "json-shape.h"

#include "json-keys.h"

namespace millrace {
namespace {

MILLRACE_INLINE u32 mask_for(u32 length) {
  return length >= BLOCK_BYTES ? 0xffff : (1u << length) - 1;
}

}  // namespace

Keys* make_keys(const Field& object) {
  Keys* const keys = static_cast<Keys*>(state_alloc(sizeof(Keys)));
  u32 slots = 4;
  while (slots < 2 * object.child_count) slots *= 2;
  if (keys == nullptr) return nullptr;
  keys->slots = static_cast<KeySlot*>(state_alloc(slots * sizeof(KeySlot)));
  if (keys->slots == nullptr) return nullptr;
  keys->slot_mask = slots - 1;
  for (u32 i = 0; i < object.child_count; i++) {
    Field& field = object.children[i];
    const Block start = start_of_name(field.name, field.name_length);
    u32 at = hash_name(field.name, field.name_length, start);
    while (keys->slots[at & keys->slot_mask].field != nullptr) at++;
    KeySlot& slot = keys->slots[at & keys->slot_mask];
    store_block(slot.start, start);
    slot.field = &field;
    slot.length = field.name_length;
  }
  return keys;
}

Shape* make_shape(const Field& object) {
  Shape* const shape = static_cast<Shape*>(state_alloc(sizeof(Shape)));
  if (shape == nullptr) return nullptr;
  shape->missing = static_cast<Field**>(state_alloc(object.child_count * sizeof(Field*)));
  if (shape->missing == nullptr) return nullptr;
  shape->tail_mask = MATCHES_NOTHING;
  shape->misses_after = 1;
  for (u32 i = 0; i < object.child_count; i++) {
    if (object.children[i].type != TYPE_SKIPPED) shape->wanted_count++;
  }
  return shape;
}

void begin_learning(Shape& shape, u32 matched) {
  shape.count = matched;
  shape.tail_mask = MATCHES_NOTHING;
}

void learn_entry(Shape& shape, const u8* literal, const u8* value, Field& field) {
  if (shape.count == MAX_SHAPE_ENTRIES) return;
  const u32 length = static_cast<u32>(value - literal);
  ShapeEntry& entry = shape.entries[shape.count++];
  memset(&entry, 0, sizeof entry);
  entry.field = &field;
  entry.mask = MATCHES_NOTHING;
  if (length > MAX_LITERAL_BYTES) return;
  memcpy(entry.literal, literal, length);
  entry.length = length;
  entry.mask = mask_for(length);
}

void finish_learning(Shape& shape, const Field& object, const u8* tail, const u8* end,
                     u64 seen_in) {
  const u32 length = static_cast<u32>(end - tail);
  if (length <= BLOCK_BYTES && shape.count < MAX_SHAPE_ENTRIES) {
    memset(shape.tail, 0, BLOCK_BYTES);
    memcpy(shape.tail, tail, length);
    shape.tail_length = length;
    shape.tail_mask = mask_for(length);
  }
  shape.missing_count = 0;
  for (u32 i = 0; i < object.child_count; i++) {
    Field& field = object.children[i];
    field.shape_position = NO_POSITION;
    if (field.type == TYPE_SKIPPED || field.seen_in == seen_in) continue;
    shape.missing[shape.missing_count++] = &field;
  }
  for (u32 i = 0; i < shape.count; i++) {
    // Unknown members share one field: it has no position.
    Field& field = *shape.entries[i].field;
    if (field.index != NO_COLUMN) field.shape_position = i;
  }
  shape.misses_left = shape.misses_after;
  if (shape.misses_after < MAX_MISSES_BEFORE_LEARNING) shape.misses_after *= 2;
}

}  // namespace millrace
