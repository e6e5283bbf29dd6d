// See json-map.h.
#include "json-map.h"

#include "json-columns.h"
#include "json-program.h"
#include "json-skip.h"
#include "json-values.h"

namespace millrace {
namespace {

// So few keys are compared with each other; more of them go through a hash table, which what
// senders choose cannot slow down.
constexpr u32 MAX_COMPARED_KEYS = 16;

struct EntrySlot {
  u32 hash;
  u32 number;  // entry + 1; 0 = empty
};

MILLRACE_INLINE const u8* key_at(const Field& key, u32 entry) {
  return key.data + key.offsets[entry];
}
MILLRACE_INLINE u32 key_length(const Field& key, u32 entry) {
  return static_cast<u32>(key.offsets[entry + 1] - key.offsets[entry]);
}
MILLRACE_INLINE bool same_key(const Field& key, u32 a, u32 b) {
  const u32 length = key_length(key, a);
  return length == key_length(key, b) && same_text(key_at(key, a), key_at(key, b), length);
}

// Entries whose key comes again are marked: a key is never null, so its validity bit is free for
// that. Answers whether there are any.
bool mark_by_comparing(Field& key, u32 first, u32 count) {
  u64 starts[MAX_COMPARED_KEYS];
  for (u32 i = 0; i < count; i++) {
    starts[i] = word_of(key_at(key, first + i), key_length(key, first + i));
  }
  bool marked = false;
  for (u32 i = 0; i < count; i++) {
    for (u32 later = i + 1; later < count; later++) {
      if (LIKELY(starts[i] != starts[later])) continue;
      if (!same_key(key, first + i, first + later)) continue;
      clear_bit(key.validity, first + i);
      marked = true;
      break;
    }
  }
  return marked;
}

// From the last entry to the first, so that a key that is there already comes again.
bool mark_by_hash(Field& key, u32 first, u32 count, EntrySlot* slots, u32 mask) {
  bool marked = false;
  for (u32 i = count; i-- > 0;) {
    const u32 entry = first + i;
    const u8* const text = key_at(key, entry);
    const u64 full = hash_text(current_reader->hash_key, text, key_length(key, entry));
    const u32 hash = static_cast<u32>(full);
    u32 at = hash;
    for (;; at++) {
      EntrySlot& slot = slots[at & mask];
      if (slot.number == 0) {
        slot = {hash, entry + 1};
        break;
      }
      if (slot.hash != hash || !same_key(key, entry, slot.number - 1)) continue;
      clear_bit(key.validity, entry);
      marked = true;
      break;
    }
  }
  return marked;
}

// Closes up the entries from `first` on over those that are marked.
void drop_marked(Field& map, u32 first) {
  Field& key = map.children[0];
  Field& value = map.children[1];
  u32 to = first;
  for (u32 from = first; from < key.length; from++) {
    if (!get_bit(key.validity, from)) {
      set_bit(key.validity, from);
      continue;
    }
    if (to != from) {
      move_row(key, from, to);
      move_row(value, from, to);
    }
    to++;
  }
  truncate_items(key, to);
  truncate_items(value, to);
}

// False where the arena has no room for the table, which is given back at the end.
bool drop_repeated(Field& map, u32 first) {
  Field& key = map.children[0];
  const u32 count = key.length - first;
  if (count <= MAX_COMPARED_KEYS) {
    if (mark_by_comparing(key, first, count)) drop_marked(map, first);
    return true;
  }
  u32 slots = 4 * MAX_COMPARED_KEYS;
  while (slots / 2 < count) slots *= 2;
  const u64 bytes = static_cast<u64>(slots) * sizeof(EntrySlot);
  const u32 begin = arena_mark();
  void* const table = bytes > INT32_MAX ? nullptr : arena_alloc(static_cast<u32>(bytes));
  if (table == nullptr) {
    fail(ARENA_IS_FULL, nullptr);
    return false;
  }
  memset(table, 0, bytes);
  const bool marked = mark_by_hash(key, first, count, static_cast<EntrySlot*>(table), slots - 1);
  arena_rewind(begin);
  if (marked) drop_marked(map, first);
  return true;
}

// A key, the colon and its value into the entry that is next; `s` is at the key.
MILLRACE_INLINE const u8* read_entry(Field& key, Field& value, const u8* s) {
  const u32 entry = key.length;
  if (UNLIKELY(entry == key.row_capacity) && !grow_rows(key)) return nullptr;
  if (UNLIKELY(entry == value.row_capacity) && !grow_rows(value)) return nullptr;
  if (UNLIKELY(*s != '"')) return fail(REJECT_SYNTAX, s);
  key.length = value.length = entry + 1;
  s = read_utf8(key, s + 1, entry);
  if (UNLIKELY(s == nullptr)) return blame(key.index);
  s = skip_space(s);
  if (UNLIKELY(*s != ':')) return fail(REJECT_SYNTAX, s);
  s = read_value_called(value, skip_space(s + 1), entry);
  return LIKELY(s != nullptr) ? s : blame(value.index);
}

}  // namespace

const u8* read_map(Field& map, const u8* s, u32 row) {
  Field& key = map.children[0];
  Field& value = map.children[1];
  const u32 first = key.length;
  s = skip_space(s + 1);
  if (*s != '}') {
    for (;;) {
      s = read_entry(key, value, s);
      if (UNLIKELY(s == nullptr)) return nullptr;
      s = skip_space(s);
      if (*s != ',') break;
      s = skip_space(s + 1);
    }
    if (UNLIKELY(*s != '}')) return fail(REJECT_SYNTAX, s);
  }
  if (key.length - first > 1 && UNLIKELY(!drop_repeated(map, first))) return nullptr;
  map.offsets[row + 1] = static_cast<i32>(key.length);
  return s + 1;
}

}  // namespace millrace
