// CRC32C without carry-less multiplication, which WebAssembly does not have.
//
// Short inputs go through sixteen tables, sixteen bytes a step. Long ones are first *folded*: a CRC
// is a remainder modulo the polynomial P, so a byte may be replaced by bytes further on that stand
// for the same remainder. Where q(x) = x^C + x^(C-D1) + ... + 1 is a multiple of P, so is q(x^8)
// (squaring a polynomial over GF(2) squares its argument), hence
//
//    byte i  ==  byte (i + D1) ^ byte (i + D2) ^ ... ^ byte (i + C)
//
// in the remainder's eyes: every byte moves forward by whole bytes, with exclusive or alone,
// sixteen at a time, until only the last C bytes are left. With few terms in q that runs at memory
// speed.
#include "crc32c.h"

#include <string.h>
#include <wasm_simd128.h>

namespace millrace {
namespace {

constexpr u32 POLYNOMIAL = 0x82f63b78;  // Castagnoli, bits reflected

struct Tables {
  u32 table[16][256];
  constexpr Tables() : table() {
    for (u32 byte = 0; byte < 256; byte++) {
      u32 crc = byte;
      for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
      table[0][byte] = crc;
    }
    for (u32 byte = 0; byte < 256; byte++) {
      for (u32 k = 1; k < 16; k++) {
        table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 255];
      }
    }
  }
};
constexpr Tables TABLES;

// Four bytes of a word, of which `first` is the table of the lowest.
MILLRACE_INLINE u32 look_up(u32 word, u32 first) {
  return TABLES.table[first][word & 255] ^ TABLES.table[first - 1][word >> 8 & 255] ^
         TABLES.table[first - 2][word >> 16 & 255] ^ TABLES.table[first - 3][word >> 24];
}

// `state` is the bare register: a CRC with its bits inverted.
u32 update_by_tables(u32 state, const u8* data, u32 length) {
  while (length >= 16) {
    u32 words[4];
    memcpy(words, data, 16);
    state = look_up(words[0] ^ state, 15) ^ look_up(words[1], 11) ^ look_up(words[2], 7) ^
            look_up(words[3], 3);
    data += 16;
    length -= 16;
  }
  for (; length > 0; length--) state = (state >> 8) ^ TABLES.table[0][(state ^ *data++) & 255];
  return state;
}

MILLRACE_INLINE v128_t load(const u8* from) { return wasm_v128_load(from); }

// Folds by x^DEGREE + the sum of x^(DEGREE - SHIFT) + 1. SHIFTS are 64 at least, so that four
// vectors of one step do not need each other. At most CHUNK bytes are folded before the window
// moves back to the front of its buffer, which keeps it in the first-level cache.
template <u32 DEGREE, u32 CHUNK, u32... SHIFTS>
struct Folding {
  static constexpr u32 HISTORY = (DEGREE + 15) & ~15u;
  static constexpr u32 LONGEST_TAIL = DEGREE + 16;
  alignas(16) static inline u8 window[HISTORY + CHUNK + 16];
  alignas(16) static inline u8 tail[LONGEST_TAIL + 16];

  // What folding brings to the position at `to`.
  MILLRACE_INLINE v128_t folded(const u8* to) {
    v128_t sum = load(to - DEGREE);
    ((sum = wasm_v128_xor(sum, load(to - SHIFTS))), ...);
    return sum;
  }

  // Bytes that stand for all of `data`: LONGEST_TAIL at most, in `tail`. `state` goes into them.
  static u32 fold(u32 state, const u8* data, u32 length) {
    u8* const front = window + HISTORY;
    const u32 whole = (length - DEGREE) & ~15u;
    memset(window, 0, HISTORY);
    for (u32 done = 0; done < whole;) {
      const u32 size = whole - done < CHUNK ? whole - done : CHUNK;
      u32 i = 0;
      if (done == 0) {
        const v128_t start = wasm_i32x4_make(static_cast<i32>(state), 0, 0, 0);
        wasm_v128_store(front, wasm_v128_xor(load(data), start));
        i = 16;
      }
      for (; i + 64 <= size; i += 64) step<4>(front + i, data + done + i);
      for (; i < size; i += 16) step<1>(front + i, data + done + i);
      memmove(window, window + size, HISTORY);
      done += size;
    }
    return finish(front, data + whole, length - whole);
  }

  template <u32 VECTORS>
  MILLRACE_INLINE void step(u8* to, const u8* data) {
    v128_t sums[VECTORS];
    for (u32 k = 0; k < VECTORS; k++) {
      sums[k] = wasm_v128_xor(load(data + 16 * k), folded(to + 16 * k));
    }
    for (u32 k = 0; k < VECTORS; k++) wasm_v128_store(to + 16 * k, sums[k]);
  }

  // The last bytes take what is folded onto them and fold no further.
  static u32 finish(u8* front, const u8* data, u32 length) {
    memset(front, 0, HISTORY);
    u32 i = 0;
    for (; i + 16 <= length && i < DEGREE; i += 16) {
      wasm_v128_store(tail + i, wasm_v128_xor(load(data + i), folded(front + i)));
    }
    for (; i < length; i++) {
      u8 byte = data[i];
      if (i < DEGREE) {
        byte ^= front[static_cast<i32>(i - DEGREE)];
        ((byte ^= front[static_cast<i32>(i - SHIFTS)]), ...);
      }
      tail[i] = byte;
    }
    return length;
  }
};

// Two sparse multiples of P: one with a small window, one with fewer terms.
using ShortFolding = Folding<290, 8192, 154, 177, 183, 258>;
using LongFolding = Folding<5275, 32768, 767, 2524>;
constexpr u32 SHORT_FOLDING_MIN = 1024;
constexpr u32 LONG_FOLDING_MIN = 64 * 1024;

u32 update(u32 state, const u8* data, u32 length) {
  if (length >= LONG_FOLDING_MIN) {
    length = LongFolding::fold(state, data, length);
    data = LongFolding::tail;
    state = 0;
  }
  if (length >= SHORT_FOLDING_MIN) {
    length = ShortFolding::fold(state, data, length);
    data = ShortFolding::tail;
    state = 0;
  }
  return update_by_tables(state, data, length);
}

}  // namespace

u32 crc32c(const u8* data, u32 length, u32 previous) { return ~update(~previous, data, length); }

}  // namespace millrace

using namespace millrace;

// CRC32C of `length` bytes at `address`.
MILLRACE_EXPORT(crc32c) u32 export_crc32c(u32 address, u32 length) {
  return crc32c(at<u8>(address), length);
}
