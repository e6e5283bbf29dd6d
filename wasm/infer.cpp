// Schema inference: walks the values of records with simdjson's On-Demand parser and counts what
// they are, path by path (infer-observation.h). What schema that makes is decided by
// src/ingest/infer.
//
// Each message is checked first by what the JSON reader checks values with that nobody reads: so
// that a message is refused here for what it would be refused for there, and the walk has no
// mistakes to look for.
#include <new>

#include "infer-observation.h"
#include "infer-text.h"
#include "json-number.h"
#include "json-skip.h"
#include "simdjson.h"

namespace millrace {
namespace {

namespace ondemand = simdjson::ondemand;

// `MAX_REJECTS` in src/ingest/infer/observer.ts: more are counted, not described.
constexpr u32 MAX_DESCRIBED_REJECTS = 16;

// What `infer_observe` answers; one static instance, read before the next call.
struct Observed {
  u32 observed;      // messages that are in the observations
  u32 tombstones;    // messages without a value
  u32 reject_count;  // messages that are not JSON objects
  Reject rejects[MAX_DESCRIBED_REJECTS];
};
Observed result;

Inference* current;

bool observe(Observation& seen, ondemand::value value, u32 depth);

MILLRACE_INLINE void keep_greatest(u32& field, u32 value) {
  if (value > field) field = value;
}

void observe_integer(Observation& seen, const NumberShape& shape) {
  seen.integers++;
  const u64 magnitude = shape.magnitude;
  const u64 limit = shape.negative ? 1ull << 63 : UINT64_MAX;
  if (!shape.fits_u64 || magnitude > limit) {
    seen.wide_integers++;
    seen.inexact_integers++;
    return;
  }
  // 2^53 and what has few bits beyond it are exact; 2^64 - 1 rounds to a number that wraps.
  constexpr u64 EXACT = 1ull << 53;
  if (magnitude > EXACT && (magnitude & ((1ull << (11 - __builtin_clzll(magnitude))) - 1)) != 0) {
    seen.inexact_integers++;
  }
  if (!shape.negative) {
    if (magnitude > seen.greatest) seen.greatest = magnitude;
  } else {
    const i64 value = static_cast<i64>(0 - magnitude);
    if (value < seen.least) seen.least = value;
  }
}

// `text` is checked: behind the number is a byte that cannot be part of one.
bool observe_number(Observation& seen, std::string_view text) {
  const u8* const begin = reinterpret_cast<const u8*>(text.data());
  NumberShape shape;
  if (scan_number(begin, begin + text.size(), shape) == nullptr) return false;
  if (shape.integer) observe_integer(seen, shape);
  else seen.fractions++;
  keep_greatest(seen.integer_digits, shape.integer_digits);
  keep_greatest(seen.fraction_digits, shape.fraction_digits);
  f64 value;
  if (shape.integer_digits > 300 && read_double(begin, value) == nullptr) seen.overflowing++;
  return true;
}

// `text` lies in the parser's buffer, which is longer than what the parser reads into it.
void observe_text(Observation& seen, u8* text, u32 length) {
  seen.strings++;
  keep_greatest(seen.longest, length);
  note_distinct(*current, seen, text, length);
  text[length] = 0;
  const TextShape shape = scan_text(text, length);
  keep_greatest(seen.second_digits, shape.second_digits);
  seen.beyond_nanoseconds += shape.beyond_nanoseconds;
  seen.beyond_microseconds += shape.beyond_microseconds;
  switch (shape.form) {
    case TextForm::NUMBER:
      seen.numeric_texts++;
      keep_greatest(seen.text_integer_digits, shape.number.integer_digits);
      keep_greatest(seen.text_fraction_digits, shape.number.fraction_digits);
      return;
    case TextForm::DATE:
      seen.dates++;
      return;
    case TextForm::TIME:
      seen.times++;
      return;
    case TextForm::DURATION:
      seen.durations++;
      return;
    case TextForm::MONTHS:
      seen.months++;
      return;
    case TextForm::INSTANT:
      seen.instants++;
      return;
    case TextForm::WALL_CLOCK:
      seen.wall_clocks++;
      return;
    case TextForm::OTHER:
      return;
  }
}

bool observe_array(Observation& seen, ondemand::array array, u32 depth) {
  seen.arrays++;
  Observation* const item = depth < MAX_OBSERVED_DEPTH ? find_item(*current, seen) : nullptr;
  if (item == nullptr) {
    seen.flags |= depth < MAX_OBSERVED_DEPTH ? OBSERVED_UNTRACKED : OBSERVED_TOO_DEEP;
    return true;
  }
  for (auto entry : array) {
    ondemand::value value;
    if (std::move(entry).get(value) || !observe(*item, value, depth + 1)) return false;
  }
  return true;
}

bool observe_object(Observation& seen, ondemand::object object, u32 depth) {
  seen.objects++;
  if (depth >= MAX_OBSERVED_DEPTH) {
    seen.flags |= OBSERVED_TOO_DEEP;
    return true;
  }
  const u64 number = ++current->object_count;
  for (auto entry : object) {
    ondemand::field field;
    std::string_view name;
    if (std::move(entry).get(field) || field.unescaped_key(false).get(name)) return false;
    Observation* const member =
        find_member(*current, seen, reinterpret_cast<const u8*>(name.data()), name.size());
    if (member == nullptr) {
      seen.flags |= OBSERVED_UNTRACKED;
      continue;
    }
    // A name that comes twice: the reader checks both values, and so both are observed.
    member->present += member->seen_in != number;
    member->seen_in = number;
    if (!observe(*member, field.value(), depth + 1)) return false;
  }
  return true;
}

bool observe(Observation& seen, ondemand::value value, u32 depth) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  switch (type) {
    case ondemand::json_type::object: {
      ondemand::object object;
      return !value.get_object().get(object) && observe_object(seen, object, depth);
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      return !value.get_array().get(array) && observe_array(seen, array, depth);
    }
    case ondemand::json_type::string: {
      std::string_view text;
      if (value.get_string().get(text)) return false;
      u8* const bytes = reinterpret_cast<u8*>(const_cast<char*>(text.data()));
      observe_text(seen, bytes, static_cast<u32>(text.size()));
      return true;
    }
    case ondemand::json_type::number:
      return observe_number(seen, value.raw_json_token());
    case ondemand::json_type::boolean:
      seen.bools++;
      return true;
    case ondemand::json_type::null:
      seen.nulls++;
      return true;
  }
  return false;
}

// The message between `begin` and `message_end`, at which a zero byte stands. False with `failure`.
bool observe_message(ondemand::parser& parser, const u8* begin) {
  const u8* const value = skip_space(begin);
  const u8* const behind = skip_value(value);
  if (behind == nullptr) return false;
  const u8* const end = skip_space(behind);
  if (end != message_end) return fail(REJECT_TRAILING, end) != nullptr;
  if (*value != '{') return fail(REJECT_TYPE, value) != nullptr;
  const u32 length = static_cast<u32>(message_end - begin);
  const char* const text = reinterpret_cast<const char*>(begin);
  ondemand::document document;
  ondemand::object object;
  const simdjson::padded_string_view padded(text, length, length + simdjson::SIMDJSON_PADDING);
  const bool walked = !parser.iterate(padded).get(document) &&
                      !document.get_object().get(object) &&
                      observe_object(*current->root, object, 0);
  return walked || fail(REJECT_SYNTAX, begin) != nullptr;
}

void observe_record(ondemand::parser& parser, u8* begin, i32 length, u32 row) {
  if (length < 0) {
    result.tombstones++;
    return;
  }
  message_end = begin + length;
  const u8 behind = *message_end;
  *message_end = 0;  // see json-failure.h
  const bool ok = observe_message(parser, begin);
  *message_end = behind;
  if (ok) {
    result.observed++;
    return;
  }
  if (result.reject_count < MAX_DESCRIBED_REJECTS) {
    const u32 position = static_cast<u32>(failure.at - begin);
    result.rejects[result.reject_count] = {row, failure.code, position, NO_COLUMN};
  }
  result.reject_count++;
}

bool observe_records(const Records& records, u32 first, u32 count) {
  const u32* const addresses = at<u32>(records.value_address);
  const i32* const lengths = at<i32>(records.value_length);
  i32 longest = 1;
  for (u32 row = first; row < first + count; row++) {
    if (lengths[row] > longest) longest = lengths[row];
  }
  ondemand::parser parser;
  if (parser.allocate(static_cast<u32>(longest)) != simdjson::SUCCESS) return false;
  for (u32 row = first; row < first + count; row++) {
    observe_record(parser, at<u8>(addresses[row]), lengths[row], row);
  }
  return true;
}

}  // namespace
}  // namespace millrace

using namespace millrace;

// A new inference in the state heap, of a random key for its tables; 0 when that is full.
MILLRACE_EXPORT(infer_new) u32 export_infer_new(u64 low, u64 high) {
  Inference* const made = static_cast<Inference*>(state_alloc(sizeof(Inference)));
  if (made == nullptr) return 0;
  made->hash_key = {{low, high}};
  made->root = make_observation(*made, true, nullptr, 0);
  return made->root == nullptr ? 0 : address_of(made);
}

// The Observation of the messages themselves: objects, whose members are the columns.
MILLRACE_EXPORT(infer_root) u32 export_infer_root(u32 inference) {
  return address_of(at<Inference>(inference)->root);
}

// Observes the values of rows [first, first + count) of a Records. Answers the address of an
// Observed, or 0: the lease is full, and nothing was observed. The lease is as before.
MILLRACE_EXPORT(infer_observe)
u32 export_infer_observe(u32 inference, u32 records, u32 first, u32 count) {
  current = at<Inference>(inference);
  result = {};
  const u32 mark = arena_mark();
  const bool ok = observe_records(*at<Records>(records), first, count);
  arena_rewind(mark);
  return ok ? address_of(&result) : 0;
}
