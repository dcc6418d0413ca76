#include "sidecar/app/startup_pages.hpp"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace sidecar::app {
namespace {

void forget(std::uintptr_t begin, std::size_t size) noexcept {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = begin / page * page;
  const auto end = (begin + size + page - 1) / page * page;
  // proc(5) calls them clean: private mappings of a file that nobody has written to.
  ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);  // NOLINT(performance-no-int-to-ptr)
}

int forget_program(dl_phdr_info* program, std::size_t /*size*/, void* /*unused*/) noexcept {
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const auto& segment = program->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_W) == 0) {
      forget(program->dlpi_addr + segment.p_vaddr, segment.p_memsz);
    }
  }
  return 1;  // the first is the program itself; the others are libraries that it may share
}

}  // namespace

void forget_startup_pages() noexcept { ::dl_iterate_phdr(&forget_program, nullptr); }

}  // namespace sidecar::app
