#include "unit/app/allocation_counter.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {
std::atomic<std::size_t> counted = 0;
}

namespace sidecar::test {
std::size_t allocations() noexcept { return counted; }
}  // namespace sidecar::test

#ifndef __SANITIZE_ADDRESS__

// In front of glibc's own, which are still there under these names.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  ++counted;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++counted;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  ++counted;
  return __libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  ++counted;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++counted;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** into, std::size_t alignment, std::size_t size) {
  ++counted;
  *into = __libc_memalign(alignment, size);
  return *into == nullptr ? ENOMEM : 0;
}
}

#endif
