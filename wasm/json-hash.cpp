// See json-hash.h.
#include "json-hash.h"

namespace millrace {
namespace {

struct State {
  u64 v0, v1, v2, v3;

  static u64 rotate(u64 value, u32 bits) { return value << bits | value >> (64 - bits); }

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = rotate(v1, 13) ^ v0;
    v3 = rotate(v3, 16) ^ v2;
    v0 = rotate(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotate(v1, 17) ^ v2;
    v3 = rotate(v3, 21) ^ v0;
    v2 = rotate(v2, 32);
  }

  void add(u64 word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace

u64 hash_text(const HashKey& key, const u8* text, u32 length) {
  const u64 k0 = key.words[0], k1 = key.words[1];
  State state{k0 ^ 0x736f6d6570736575ull, k1 ^ 0x646f72616e646f6dull, k0 ^ 0x6c7967656e657261ull,
              k1 ^ 0x7465646279746573ull};
  const u64 last = static_cast<u64>(length) << 56;
  for (; length >= 8; text += 8, length -= 8) state.add(load64(text));
  state.add(last | word_of(text, length));
  state.v2 ^= 0xff;
  for (u32 i = 0; i < 3; i++) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace millrace
