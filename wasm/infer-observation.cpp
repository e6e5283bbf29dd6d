// The tree of observations; see infer-observation.h.
#include "infer-observation.h"

#include <string.h>

namespace millrace {
namespace {

constexpr u32 FIRST_TABLE_SLOTS = 16;
constexpr u32 DISTINCT_SLOTS = 2 * MAX_DISTINCT;

// The slot of a name: that of its member, or the empty one where it belongs.
u32* slot_of(const HashKey& key, const Observation& object, const u8* name, u32 length) {
  u32* const table = at<u32>(object.table);
  for (u32 i = static_cast<u32>(hash_text(key, name, length));; i++) {
    u32* const slot = table + (i & object.table_mask);
    if (*slot == 0) return slot;
    const Observation& member = *at<Observation>(*slot);
    if (member.name_length == length && memcmp(at<u8>(member.name), name, length) == 0) return slot;
  }
}

// At most half of the slots are taken. The old table stays where it is: a bump allocator's price.
bool grow_table(const HashKey& key, Observation& object) {
  const u32 slots = object.table == 0 ? FIRST_TABLE_SLOTS : 2 * (object.table_mask + 1);
  u32* const table = static_cast<u32*>(state_alloc(slots * sizeof(u32)));
  if (table == nullptr) return false;
  object.table = address_of(table);
  object.table_mask = slots - 1;
  for (u32 i = object.first_member; i != 0; i = at<Observation>(i)->next) {
    const Observation& member = *at<Observation>(i);
    *slot_of(key, object, at<u8>(member.name), member.name_length) = i;
  }
  return true;
}

Observation* add_member(Inference& inference, Observation& object, const u8* name, u32 length) {
  const HashKey& key = inference.hash_key;
  if (object.member_count * 2 >= object.table_mask && !grow_table(key, object)) return nullptr;
  Observation* const member =
      make_observation(inference, &object == inference.root, name, length);
  if (member == nullptr) return nullptr;
  const u32 address = address_of(member);
  *slot_of(key, object, name, length) = address;
  if (object.last_member != 0) at<Observation>(object.last_member)->next = address;
  if (object.first_member == 0) object.first_member = address;
  object.last_member = address;
  object.member_count++;
  return member;
}

}  // namespace

Observation* make_observation(Inference& inference, bool is_column, const u8* name, u32 length) {
  const u32 most = is_column ? MAX_OBSERVATIONS : MAX_OBSERVATIONS - MAX_COLUMNS;
  if (inference.observation_count >= most) return nullptr;
  Observation* const made = static_cast<Observation*>(state_alloc(sizeof(Observation) + length));
  if (made == nullptr) return nullptr;
  inference.observation_count++;
  made->name = address_of(made + 1);
  made->name_length = length;
  if (length > 0) memcpy(made + 1, name, length);
  return made;
}

Observation* find_member(Inference& inference, Observation& object, const u8* name, u32 length) {
  if (length <= MAX_MEMBER_NAME_BYTES) {
    const HashKey& key = inference.hash_key;
    const u32 found = object.table == 0 ? 0 : *slot_of(key, object, name, length);
    if (found != 0) return at<Observation>(found);
    const u32 most = &object == inference.root ? MAX_COLUMNS : MAX_MEMBERS;
    if (object.member_count < most) {
      if (Observation* made = add_member(inference, object, name, length)) return made;
      object.flags |= OBSERVED_UNTRACKED;
    }
  } else {
    object.long_names++;
  }
  object.other_members++;
  if (object.others == 0) {
    object.others = address_of(make_observation(inference, false, nullptr, 0));
  }
  return at<Observation>(object.others);
}

Observation* find_item(Inference& inference, Observation& array) {
  if (array.item == 0) array.item = address_of(make_observation(inference, false, nullptr, 0));
  return at<Observation>(array.item);
}

void note_distinct(Inference& inference, Observation& observation, const u8* text, u32 length) {
  if (observation.distinct > MAX_DISTINCT) return;
  if (observation.distinct_slots == 0) {
    void* const slots = inference.distinct_sets == MAX_DISTINCT_SETS
                            ? nullptr
                            : state_alloc(DISTINCT_SLOTS * sizeof(u64));
    if (slots == nullptr) {
      observation.distinct = MAX_DISTINCT + 1;
      return;
    }
    inference.distinct_sets++;
    observation.distinct_slots = address_of(slots);
  }
  // Hashes stand for the strings: of two that are the same one is not counted, which is no harm.
  const u64 hash = hash_text(inference.hash_key, text, length) | 1;
  u64* const slots = at<u64>(observation.distinct_slots);
  for (u32 i = static_cast<u32>(hash >> 32);; i++) {
    u64& slot = slots[i % DISTINCT_SLOTS];
    if (slot == hash) return;
    if (slot != 0) continue;
    if (observation.distinct < MAX_DISTINCT) slot = hash;
    observation.distinct++;
    return;
  }
}

}  // namespace millrace
