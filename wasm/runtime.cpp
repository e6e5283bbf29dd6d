// Keeps the module free of imports: what the C and C++ libraries would ask the system for.
#include <new>

#include "abi.h"

extern "C" {
void abort() { __builtin_trap(); }
void __cxa_pure_virtual() { __builtin_trap(); }
// Nothing here opens files; libc links these in from its abort path.
int __imported_wasi_snapshot_preview1_fd_close(int) { return 8; }
int __imported_wasi_snapshot_preview1_fd_seek(int, long long, int, int) { return 8; }
int __imported_wasi_snapshot_preview1_fd_write(int, int, int, int) { return 8; }
}

namespace std {
inline namespace __1 {
[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }
}  // namespace __1
}  // namespace std

// Only simdjson's On-Demand parser (infer.cpp) asks for memory by itself: it gets the open lease,
// and whoever made the parser rewinds that.
void* operator new(size_t bytes) {
  void* const block = millrace::arena_alloc(bytes);
  if (block == nullptr) __builtin_trap();
  return block;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return millrace::arena_alloc(bytes);
}
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return millrace::arena_alloc(bytes);
}
void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, size_t) noexcept {}
void operator delete[](void*, size_t) noexcept {}
