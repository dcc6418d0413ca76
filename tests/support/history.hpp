#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/events.hpp"
#include "support/selection.hpp"

namespace sidecar::test {

/// Something that happened to an object.
struct object_change {
  std::uint64_t version = 0;  ///< of the cluster, rising; `event.version` is what the object says
  watch_event event;          ///< for who selects the pod before and after it
  std::shared_ptr<const object_state> before = {};
  std::shared_ptr<const object_state> after = {};

  resource_kind kind() const noexcept { return (after ? after : before)->kind; }
};

/// What a watch of these objects gets of it, or nothing: one that comes into the selection is ADDED, one that leaves it
/// is DELETED with its state from before under the change's version (apiserver: pkg/storage/cacher/cache_watcher.go).
std::optional<watch_event> event_for(const object_selection& selection, const object_change& change);

/// The changes that a watch from an older version still gets.
class history {
 public:
  void limit(std::size_t count);
  void add(object_change change);
  /// A watch from before `version` is too late from now on.
  void forget(std::uint64_t version);

  bool reaches(std::uint64_t version) const noexcept { return version >= forgotten_; }
  /// What the real server says in brackets.
  std::uint64_t oldest() const noexcept { return forgotten_; }
  std::vector<object_change> after(std::uint64_t version) const;

 private:
  void trim();

  std::deque<object_change> changes_;
  std::size_t limit_ = 1000;
  std::uint64_t forgotten_ = 0;  ///< changes up to this version are no longer here
};

}  // namespace sidecar::test
