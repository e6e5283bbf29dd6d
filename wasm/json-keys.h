// From a member's name to its field: a hash table per struct, built with the program.
#pragma once
#include "json-field.h"

namespace millrace {

// One name. The first 16 bytes lie in the slot, the rest of a longer one behind `field->name`.
struct KeySlot {
  u8 start[BLOCK_BYTES];  // zero behind a shorter name
  Field* field;           // nullptr = empty slot
  u32 length;
  u64 padding;
};

// At most half of the slots are taken, so that a search ends.
struct Keys {
  u32 slot_mask;  // slots - 1, slots being a power of two
  KeySlot* slots;
};

// The table of a struct's members, in the state heap; nullptr where that is full.
Keys* make_keys(const Field& object);

alignas(64) inline constexpr u8 BYTES_TO_KEEP[2 * BLOCK_BYTES] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

// The first 16 bytes of a name, zero behind a shorter one.
MILLRACE_INLINE Block start_of_name(const u8* name, u32 length) {
  const u32 kept = length < BLOCK_BYTES ? length : BLOCK_BYTES;
  return wasm_v128_and(load_block(name), load_block(BYTES_TO_KEEP + BLOCK_BYTES - kept));
}

// Start, length and, of long names, the end: families of names often differ in the end only.
MILLRACE_INLINE u32 hash_name(const u8* name, u32 length, Block start) {
  u64 low = wasm_u64x2_extract_lane(start, 0);
  u64 high = wasm_u64x2_extract_lane(start, 1);
  if (UNLIKELY(length > BLOCK_BYTES)) high += load64(name + length - 8) * 0x9e3779b97f4a7c15ull;
  const u64 mixed = (low + length) * 0xff51afd7ed558ccdull ^ high * 0xc4ceb9fe1a85ec53ull;
  return static_cast<u32>((mixed ^ mixed >> 29) * 0x9e3779b97f4a7c15ull >> 40);
}

// The member of that name, or nullptr. 16 bytes behind the name must be readable.
MILLRACE_INLINE Field* find_key(const Keys& keys, const u8* name, u32 length) {
  const Block start = start_of_name(name, length);
  for (u32 at = hash_name(name, length, start);; at++) {
    const KeySlot& slot = keys.slots[at & keys.slot_mask];
    if (slot.field == nullptr) return nullptr;
    if (slot.length != length || mask_of(equal(start, load_block(slot.start))) != 0xffff) continue;
    if (LIKELY(length <= BLOCK_BYTES)) return slot.field;
    const u32 rest = length - BLOCK_BYTES;
    if (memcmp(name + BLOCK_BYTES, slot.field->name + BLOCK_BYTES, rest) == 0) return slot.field;
  }
}

}  // namespace millrace
