// See json-dictionary.h.
#include "json-dictionary.h"

#include "json-columns.h"

namespace millrace {
namespace {

constexpr u32 FIRST_SLOTS = 256;

struct Text {
  const u8* bytes;
  u32 length;
};

MILLRACE_INLINE bool is_text(const Field& texts, u32 index, Text text) {
  const i32* const offsets = texts.offsets + index;
  return static_cast<u32>(offsets[1] - offsets[0]) == text.length &&
         same_text(texts.data + offsets[0], text.bytes, text.length);
}

// Families of texts differ at their end or in their length, so both count.
MILLRACE_INLINE u32 recent_of(Text text) {
  const u32 back = text.length < 8 ? 0 : text.length - 8;
  const u64 last = word_of(text.bytes + back, text.length);
  const u64 mixed = (word_of(text.bytes, text.length) ^ last << 1) + text.length;
  return static_cast<u32>(mixed * 0x9e3779b97f4a7c15ull >> 58);
}
static_assert(RECENT_TEXTS == 64);

DictionarySlot* find_empty(DictionarySlot* slots, u32 mask, u32 hash) {
  u32 at = hash;
  while (slots[at & mask].number != 0) at++;
  return &slots[at & mask];
}

bool grow_slots(Dictionary& dictionary) {
  const u32 old = dictionary.slots == nullptr ? 0 : dictionary.slot_mask + 1;
  const u64 wanted = old == 0 ? FIRST_SLOTS : static_cast<u64>(old) * 2;
  const u64 bytes = wanted * sizeof(DictionarySlot);
  void* const block = bytes > INT32_MAX ? nullptr : arena_alloc(static_cast<u32>(bytes));
  if (block == nullptr) {
    fail(ARENA_IS_FULL, nullptr);
    return false;
  }
  memset(block, 0, bytes);
  DictionarySlot* const slots = static_cast<DictionarySlot*>(block);
  const u32 mask = static_cast<u32>(wanted - 1);
  for (u32 i = 0; i < old; i++) {
    const DictionarySlot slot = dictionary.slots[i];
    if (slot.number != 0) *find_empty(slots, mask, slot.hash) = slot;
  }
  dictionary.slots = slots;
  dictionary.slot_mask = mask;
  return true;
}

// The number of the text that lies behind the last one, which it becomes where it is new; 0 where
// the arena is full.
MILLRACE_NOINLINE u32 number_of(Dictionary& dictionary, Text text) {
  Field& texts = dictionary.texts;
  const bool full = dictionary.slots == nullptr || texts.length * 2 > dictionary.slot_mask;
  if (UNLIKELY(full) && !grow_slots(dictionary)) return 0;
  const u32 hash = static_cast<u32>(hash_text(current_reader->hash_key, text.bytes, text.length));
  u32 at = hash;
  for (;; at++) {
    const DictionarySlot& slot = dictionary.slots[at & dictionary.slot_mask];
    if (slot.number == 0) break;
    if (slot.hash == hash && is_text(texts, slot.number - 1, text)) return slot.number;
  }
  if (UNLIKELY(texts.length == texts.row_capacity) && !grow_rows(texts)) return 0;
  texts.offsets[texts.length + 1] = texts.offsets[texts.length] + static_cast<i32>(text.length);
  const u32 number = ++texts.length;
  dictionary.slots[at & dictionary.slot_mask] = {hash, number};
  return number;
}

}  // namespace

Dictionary* make_dictionary() {
  Dictionary* const dictionary = static_cast<Dictionary*>(state_alloc(sizeof(Dictionary)));
  if (dictionary == nullptr) return nullptr;
  dictionary->texts.type = TYPE_UTF8;
  dictionary->texts.index = NO_COLUMN;
  return dictionary;
}

void clear_dictionary(Dictionary& dictionary) {
  dictionary.slots = nullptr;
  dictionary.slot_mask = 0;
  memset(dictionary.recent, 0, sizeof dictionary.recent);
}

const u8* read_dictionary(Field& field, const u8* s, u32 row) {
  Dictionary& dictionary = *field.dictionary;
  Field& texts = dictionary.texts;
  const u32 used = static_cast<u32>(texts.offsets[texts.length]);
  if (UNLIKELY(used + static_cast<u32>(message_end - s) > texts.data_capacity)) {
    if (!reserve_bytes(texts, used, raw_string_length(s))) return nullptr;
  }
  u8* out = texts.data + used;
  s = copy_string(s, out);
  if (UNLIKELY(s == nullptr)) return nullptr;
  const Text text{texts.data + used, static_cast<u32>(out - texts.data) - used};
  u32& recent = dictionary.recent[recent_of(text)];
  if (recent == 0 || !is_text(texts, recent - 1, text)) {
    recent = number_of(dictionary, text);
    if (UNLIKELY(recent == 0)) return nullptr;
  }
  value_at<u32>(field, row) = recent - 1;
  return s;
}

void finish_dictionary(Dictionary& dictionary) {
  Field& texts = dictionary.texts;
  if (texts.length > 0) return;
  texts.offsets[1] = 0;
  texts.length = 1;
}

}  // namespace millrace
