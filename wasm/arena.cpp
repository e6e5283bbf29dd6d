// The two allocators of the module: both only bump a pointer. See abi.h for the memory map.
#include "abi.h"

#include <string.h>

extern "C" unsigned char __heap_base;

namespace millrace {
namespace {

constexpr u32 ALIGNMENT = 16;

u32 state_top = 0;
u32 arena_top = 0;
u32 arena_end = 0;

MILLRACE_INLINE u32 align(u32 value) { return (value + ALIGNMENT - 1) & ~(ALIGNMENT - 1); }

}  // namespace

void* state_alloc(u32 bytes) {
  if (state_top == 0) state_top = align(address_of(&__heap_base));
  const u64 end = static_cast<u64>(state_top) + align(bytes) + PADDING;
  if (end > ARENA_BASE) return nullptr;
  void* block = at<void>(state_top);
  memset(block, 0, align(bytes) + PADDING);
  state_top = static_cast<u32>(end);
  return block;
}

void* arena_alloc(u32 bytes) {
  const u64 end = static_cast<u64>(arena_top) + ((static_cast<u64>(bytes) + 15) & ~15ull) + PADDING;
  if (UNLIKELY(end > arena_end)) return nullptr;
  void* block = at<void>(arena_top);
  arena_top = static_cast<u32>(end);
  return block;
}

u32 arena_mark() { return arena_top; }
void arena_rewind(u32 mark) { arena_top = mark; }

u32 arena_room() {
  const u64 used = static_cast<u64>(arena_top) + PADDING + ALIGNMENT;
  return used >= arena_end ? 0 : static_cast<u32>(arena_end - used);
}

}  // namespace millrace

using namespace millrace;

// Bytes in the state heap, for a program or a name; 0 when it is full.
MILLRACE_EXPORT(state_alloc) u32 export_state_alloc(u32 bytes) {
  return address_of(state_alloc(bytes));
}
// Forgets every program and shape: all handles are void.
MILLRACE_EXPORT(state_reset) void export_state_reset() { state_top = 0; }
// Works in the lease [begin, end) from now on; what lies before `begin` is left alone.
MILLRACE_EXPORT(arena_open) void export_arena_open(u32 begin, u32 end) {
  arena_top = (begin + 15) & ~15u;
  arena_end = end;
}
// Bytes in the open lease; 0 when it is full.
MILLRACE_EXPORT(arena_alloc) u32 export_arena_alloc(u32 bytes) {
  return address_of(arena_alloc(bytes));
}
MILLRACE_EXPORT(arena_mark) u32 export_arena_mark() { return arena_mark(); }
MILLRACE_EXPORT(arena_rewind) void export_arena_rewind(u32 mark) { arena_rewind(mark); }
// The most bytes that arena_alloc would give now.
MILLRACE_EXPORT(arena_room) u32 export_arena_room() { return arena_room(); }
