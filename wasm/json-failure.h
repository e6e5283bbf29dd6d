// How a message ends early. Every function that reads text answers the byte behind what it read, or
// nullptr after it has said here why not.
//
// The end of a message. The reader stores a zero byte behind the message and puts the old byte back
// afterwards. No byte of valid JSON is zero, so each function refuses the zero like any other wrong
// byte, and none has to compare with an end. Loads may run past it (PADDING), acceptance may not:
// whoever looks at several bytes at once accepts them only where none of them is zero.
#pragma once
#include "abi.h"

namespace millrace {

constexpr u32 NO_COLUMN = 0xffffffff;
// Not a reject: the lease is full and the whole decode ends. Beyond every RejectCode.
constexpr u32 ARENA_IS_FULL = 0xffff;

struct Failure {
  u32 code;      // RejectCode or ARENA_IS_FULL
  u32 column;    // pre-order number, NO_COLUMN = none
  const u8* at;  // the byte to blame
};

extern Failure failure;
// One past the last byte of the message at work: where the zero byte is.
extern u8* message_end;

MILLRACE_NOINLINE __attribute__((cold)) const u8* fail(u32 code, const u8* at);
// Names the column of a failure, where an inner one did not; answers nullptr.
MILLRACE_NOINLINE __attribute__((cold)) const u8* blame(u32 column);

}  // namespace millrace
