#pragma once

#include <cstddef>

namespace sidecar::test {

/// How often this process has asked for memory since its start: by malloc and all its kin, so by every operator new as
/// well. Where a sanitizer has its own, nothing is counted.
std::size_t allocations() noexcept;

}  // namespace sidecar::test
