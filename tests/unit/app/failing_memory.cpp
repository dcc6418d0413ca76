#include "unit/app/failing_memory.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace sidecar::test {

thread_local int failures = 0;
thread_local int spared = 0;

}  // namespace sidecar::test

// Not inlined: GCC would see malloc meet delete, and new meet free, where it inlines one and not the other.
[[gnu::noinline]] void* operator new(std::size_t size) {
  using namespace sidecar::test;
  if (failures > 0 && spared-- <= 0) {
    --failures;
    throw std::bad_alloc{};
  }
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc{};
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
