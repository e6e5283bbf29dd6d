// What inference has seen at one path of the messages. A tree of these lies in the state heap;
// src/ingest/infer/observation.ts reads it.
//
// Bounded: the tree has at most MAX_OBSERVATIONS nodes, an object at most MAX_MEMBERS members of
// its own (the root MAX_COLUMNS). What comes beyond is observed together, in `others`. Columns have
// nodes of their own, so that one with many paths cannot take those of others.
#pragma once
#include "json-hash.h"

namespace millrace {

constexpr u32 MAX_OBSERVATIONS = 16384;
constexpr u32 MAX_COLUMNS = 4096;
constexpr u32 MAX_MEMBERS = 256;
constexpr u32 MAX_MEMBER_NAME_BYTES = 256;
constexpr u32 MAX_DISTINCT = 64;
constexpr u32 MAX_DISTINCT_SETS = 4096;
// Columns are 1, what lies in them 2. Schemas may be deeper (`MAX_SCHEMA_DEPTH` in
// src/arrow/schema.ts), but data of more levels has no fixed shape: it is inferred as json.
constexpr u32 MAX_OBSERVED_DEPTH = 32;

enum : u32 {
  OBSERVED_TOO_DEEP = 1,   // objects or arrays here lie so deep that nobody looked into them
  OBSERVED_UNTRACKED = 2,  // there was no node left for what lies here
};

// Numbers are part of the contract with observation.ts. 192 bytes.
struct Observation {
  // The object in which this member was last seen; see Inference::object_count.
  u64 seen_in;
  // Integers that an int64 or a uint64 holds: the least, at most 0, and the greatest, at least 0.
  i64 least;
  u64 greatest;

  // How many values of each kind; a number is an integer where it has neither point nor exponent.
  u32 nulls;  // word 6
  u32 bools;
  u32 integers;
  u32 fractions;
  u32 strings;
  u32 arrays;
  u32 objects;
  u32 flags;  // OBSERVED_*

  u32 wide_integers;     // 14: those beyond both int64 and uint64
  u32 inexact_integers;  // those that a float64 rounds
  u32 overflowing;       // numbers beyond a float64
  u32 integer_digits;    // the most before the point, of any number
  u32 fraction_digits;   // the most behind it

  // Strings, by what they look like; see infer-text.h.
  u32 numeric_texts;  // 19
  u32 text_integer_digits;
  u32 text_fraction_digits;
  u32 dates;
  u32 times;
  u32 durations;
  u32 instants;
  u32 wall_clocks;
  u32 second_digits;        // the most behind a second's point
  u32 beyond_nanoseconds;   // timestamps and dates that 64 bits of nanoseconds do not hold
  u32 longest;              // bytes of the longest string
  u32 distinct;             // 30: different strings, MAX_DISTINCT + 1 where there are more
  u32 distinct_slots;       // address of u64[2 * MAX_DISTINCT], 0 = an empty slot

  u32 item;  // 32: address of the Observation of all items of all arrays

  u32 first_member;  // 33: address of an Observation
  u32 last_member;
  u32 member_count;
  u32 table;  // address of u32[table_mask + 1], members by their names
  u32 table_mask;
  u32 others;         // 38: address of the Observation of all other members
  u32 other_members;  // how many of them came, those of long names included

  // As a member: its name, the next member, and in how many objects it was.
  u32 name;  // 40
  u32 name_length;
  u32 next;
  u32 present;  // 43

  u32 months;  // 44: durations that have years or months
  u32 long_names;  // of the other members, those whose names are longer than MAX_MEMBER_NAME_BYTES
  u32 beyond_microseconds;  // 46: dates that 64 bits of microseconds do not hold
  u32 padding;
};
static_assert(sizeof(Observation) == 192);

// One inference, in the state heap.
struct Inference {
  Observation* root;
  u32 observation_count;
  u32 distinct_sets;
  u32 padding;
  // Objects seen so far: tells a name that comes twice in one object from one that is new in it.
  u64 object_count;
  // Whoever writes the messages does not know it.
  HashKey hash_key;
};

// A new node, of the root or a column where `is_column`; nullptr where there are too many, or the
// state heap is full.
Observation* make_observation(Inference& inference, bool is_column, const u8* name, u32 length);
// Where the member of that name is observed: a node of its own, or `others`; nullptr where there is
// no node left for either.
Observation* find_member(Inference& inference, Observation& object, const u8* name, u32 length);
// Where the items of an array are observed; nullptr where there is no node left.
Observation* find_item(Inference& inference, Observation& array);
// Counts different strings.
void note_distinct(Inference& inference, Observation& observation, const u8* text, u32 length);

}  // namespace millrace
