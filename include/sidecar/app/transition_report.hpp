#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/app/evaluated_snapshot.hpp"
#include "sidecar/app/fetch_queue.hpp"
#include "sidecar/app/path_containers.hpp"
#include "sidecar/app/transition_log.hpp"

namespace sidecar::app {

/// Reports what clients get for each outcome of a fetch and each snapshot of a watch: for the configured target, and
/// for each container that a path has named. The transition log decides which reports become lines.
class transition_report {
 public:
  using sink = std::function<void(const transition&)>;

  explicit transition_report(sink log) : log_(std::move(log)) {}

  /// `given`: the answer for the configured target.
  void note_failure(const health::answer& given, health::reason cause, std::string detail, bool has_query = true);

  /// A snapshot that arrived after all its queries had timed out; their answer was `given`.
  void note_late(const health::answer& given, const evaluated_snapshot& late);

  /// `queried`: the containers that the waiting queries name.
  void note_snapshot(const evaluated_snapshot& fresh, bool has_query,
                     const std::vector<std::string_view>& queried = {});

  /// A query that is answered from the cache names that container.
  void note_container(const evaluated_snapshot& current, std::string_view queried);

  /// Whether load balancers may let sessions finish, the only thing that can change during a drain.
  void note_drain(const health::verdict& now, std::string detail);

 private:
  void log_container(const evaluated_snapshot& fresh, const std::string& container, bool has_query, bool is_of_pod);
  void note_queried(const evaluated_snapshot& fresh, std::string_view queried, bool has_query);

  sink log_;
  path_containers paths_;
  std::optional<health::verdict> last_drain_;
};

}  // namespace sidecar::app
