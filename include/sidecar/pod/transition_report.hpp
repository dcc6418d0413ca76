#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/journal/transition_log.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/pod/snapshot_cache.hpp"

namespace sidecar::pod {

/// Reports what clients get for each outcome of a fetch and each snapshot of a watch: for the configured target, and
/// for each container that a path has named. The transition log decides which reports become lines. At most 16
/// containers of the pod are reported, and 16 names that the pod does not have, each once: clients can invent any
/// number.
class transition_report {
 public:
  using sink = std::function<void(const journal::transition&)>;

  explicit transition_report(sink log) : log_(std::move(log)) {}

  /// `given`: the answer for the configured target.
  void note_failure(const health::answer& given, const kube::failure& why, bool has_query = true);

  /// A snapshot that arrived after all its queries had timed out; their answer was `given`.
  void note_late(const health::answer& given, const evaluated_snapshot& late);

  /// `queried`: the containers that the waiting queries name; empty for the configured target.
  void note_snapshot(const evaluated_snapshot& fresh, bool has_query,
                     const std::vector<std::string_view>& queried = {});

  /// A query that is answered from the cache names that container.
  void note_container(const evaluated_snapshot& current, std::string_view queried);

  /// The begin of a drain, and then whether load balancers may let sessions finish, the only thing that can change.
  void note_drain(const health::verdict& now, std::string detail);

 private:
  bool learn(const evaluated_snapshot& current, std::string_view queried, bool has_query);
  void log_container(const evaluated_snapshot& current, const std::string& container, bool has_query, bool in_target);

  sink log_;
  std::vector<std::string> containers_;  ///< of the pod, named by a path
  std::vector<std::string> unknown_;     ///< named by a path, and not of the pod
  std::optional<health::verdict> last_drain_;
};

}  // namespace sidecar::pod
