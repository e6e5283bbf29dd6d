// Columns that store each text once: indices into a column of texts, found by a hash table.
//
// Texts of rows that are taken back stay; nothing refers to them. All of them together are no
// longer than the input, as in a column of utf8.
#pragma once
#include "json-field.h"
#include "json-program.h"

namespace millrace {

struct DictionarySlot {
  u32 hash;
  u32 number;  // index + 1; 0 = empty
};

constexpr u32 RECENT_TEXTS = 64;

struct Dictionary {
  Field texts;  // utf8, a text a row; `length` of them
  // At most half of the slots are taken; in the arena, nullptr before the first text.
  DictionarySlot* slots;
  u32 slot_mask;
  // Texts that were found last, by a cheap hash: index + 1, 0 = none.
  u32 recent[RECENT_TEXTS];
};

// A dictionary in the state heap; nullptr where that is full.
Dictionary* make_dictionary();
// Fresh for a decode; the column of texts is open already.
void clear_dictionary(Dictionary& dictionary);
// The string at `s`, behind the opening quote, into `row`.
MILLRACE_NOINLINE const u8* read_dictionary(Field& field, const u8* s, u32 row);
// Before the texts are handed over: where there is none, the empty text, so that every index has
// one, also those of nulls.
void finish_dictionary(Dictionary& dictionary);

}  // namespace millrace
