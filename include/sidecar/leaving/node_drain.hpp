#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/node.hpp"
#include "sidecar/journal/log_line.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_name.hpp"
#include "sidecar/leaving/node_log.hpp"

namespace sidecar::leaving {

/// PURE. Whether the node of the target is leaving, as last known. That stands until something newer is known: an
/// outage of the API server never turns a drain into up.
class node_drain {
 public:
  /// At least one of the two is true.
  struct update {
    bool has_been_read = false;  ///< a read has ended, whatever its result; an event of the watch is none
    bool has_changed = false;    ///< the cause
  };
  struct sinks {
    std::function<void(const update&)> on_update = [](const auto&) {};
    std::function<void(journal::log_line)> log = [](const auto&) {};
  };

  node_drain(std::vector<std::string> taints, sinks outputs)
      : taints_(std::move(taints)), outputs_(std::move(outputs)) {}

  /// From now on this node counts. True if it is another one than before. What is known of the one before is kept: a
  /// snapshot of the pod may still name it.
  bool follow(std::string_view node);
  /// Empty before the first.
  const kube::node_name& node() const noexcept { return current_.name; }

  /// The state of that node, which a GET or a LIST that started at `observed` has confirmed.
  void learn(const health::node_state& state, time_point observed);
  /// Of two states that cannot be ordered, that of a leaving node counts.
  void learn_if_leaving(const health::node_state& other);
  /// Why there is no newer state.
  void note_failure(const kube::failure& why);
  /// Of the watch machine, for the log.
  void note(const watch::steps::notice& given) { log_.note(given); }

  /// Why it is leaving; empty: it is not. No value: nothing is known of it.
  const std::optional<std::string>& cause() const noexcept { return current_.cause; }
  /// The same of this node or the one before; empty also if nothing is known.
  std::string cause_of(std::string_view node) const;
  const std::optional<health::reason>& failure() const noexcept { return failure_; }
  /// When the state was last confirmed.
  const std::optional<time_point>& observed() const noexcept { return current_.observed; }

 private:
  struct known_node_state {
    kube::node_name name{};
    std::optional<std::string> cause{};
    std::optional<time_point> observed{};
  };

  bool set_cause(const health::node_state& state);
  void write(std::optional<journal::log_line> line) const;

  std::vector<std::string> taints_;
  sinks outputs_;
  known_node_state current_;
  known_node_state previous_;
  std::optional<health::reason> failure_;  ///< of the last read
  node_log log_;
};

}  // namespace sidecar::leaving
