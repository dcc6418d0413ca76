#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "support/events.hpp"

namespace sidecar::test {

/// Something that happened to a pod.
struct pod_change {
  std::string name_space;
  std::string name;
  std::uint64_t version = 0;  ///< of the cluster, rising; `event.version` is what the object says
  watch_event event;
};

/// The changes that a watch from an older version still gets.
class history {
 public:
  void limit(std::size_t count);
  void add(pod_change change);
  /// A watch from before `version` is too late from now on.
  void forget(std::uint64_t version);

  bool reaches(std::uint64_t version) const noexcept { return version >= forgotten_; }
  /// What the real server says in brackets.
  std::uint64_t oldest() const noexcept { return forgotten_; }
  std::vector<pod_change> after(std::uint64_t version) const;

 private:
  void trim();

  std::deque<pod_change> changes_;
  std::size_t limit_ = 1000;
  std::uint64_t forgotten_ = 0;  ///< changes up to this version are no longer here
};

}  // namespace sidecar::test
