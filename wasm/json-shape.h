// The learned shape of a struct: the literal bytes between one value and the next, in the order in
// which a recent object had them. Messages of one topic mostly repeat them byte for byte, so one
// compare of 16 bytes does for separator, space, quotes, name and colon, and finds the field.
//
// A shape is a guess that each object checks: where a literal does not match, the object is read
// on by its names from there. After that a new shape is learned, at first at once, later only after
// more and more misses, so that messages without any order do not pay for learning.
#pragma once
#include "json-field.h"

namespace millrace {

constexpr u32 MAX_SHAPE_ENTRIES = 256;
constexpr u32 MAX_LITERAL_BYTES = 48;
constexpr u32 MAX_MISSES_BEFORE_LEARNING = 4096;
// A mask that no comparison of 16 bytes yields: for a literal that is too long to keep.
constexpr u32 MATCHES_NOTHING = 1u << BLOCK_BYTES;

// From the end of the value before, or the object's bracket, to the first byte of the value.
struct ShapeEntry {
  u8 literal[MAX_LITERAL_BYTES];
  Field* field;
  u32 length;
  u32 mask;  // which of the first 16 bytes must match
  u32 padding;
};
static_assert(sizeof(ShapeEntry) == 64);

struct Shape {
  u32 count;  // entries
  u32 tail_mask;
  u32 tail_length;
  u32 missing_count;
  // Members that such an object lacks.
  Field** missing;
  // Members that are read or checked.
  u32 wanted_count;
  u32 misses_left;   // until the next learning
  u32 misses_after;  // what that becomes once learned
  // From the end of the last value to behind the closing bracket.
  u8 tail[BLOCK_BYTES];
  ShapeEntry entries[MAX_SHAPE_ENTRIES];
};

// An empty shape in the state heap; nullptr where that is full.
Shape* make_shape(const Field& object);

// Learning goes on in the shape itself: the first `matched` entries stay, the rest are forgotten.
void begin_learning(Shape& shape, u32 matched);
// Adds [literal, value); beyond the limits the shape just ends early.
void learn_entry(Shape& shape, const u8* literal, const u8* value, Field& field);
// The object ended well with [tail, end); `seen_in` is its number.
void finish_learning(Shape& shape, const Field& object, const u8* tail, const u8* end, u64 seen_in);

MILLRACE_INLINE bool same_block(const u8* a, const u8* b) {
  return mask_of(equal(load_block(a), load_block(b))) == 0xffff;
}

// Whether the text goes on with the entry's literal. Literals have no zero bytes, so that a match
// never passes the end of the message.
MILLRACE_INLINE bool matches(const ShapeEntry& entry, const u8* s) {
  const u32 same = mask_of(equal(load_block(s), load_block(entry.literal)));
  if ((same & entry.mask) != entry.mask) return false;
  if (LIKELY(entry.length <= BLOCK_BYTES)) return true;
  const u32 last = entry.length - BLOCK_BYTES;
  if (!same_block(s + last, entry.literal + last)) return false;
  if (entry.length <= 2 * BLOCK_BYTES) return true;
  return same_block(s + BLOCK_BYTES, entry.literal + BLOCK_BYTES);
}

MILLRACE_INLINE bool matches_tail(const Shape& shape, const u8* s) {
  const u32 same = mask_of(equal(load_block(s), load_block(shape.tail)));
  return (same & shape.tail_mask) == shape.tail_mask;
}

}  // namespace millrace
