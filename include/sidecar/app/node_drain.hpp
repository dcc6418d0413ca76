#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/app/log_line.hpp"
#include "sidecar/health/node.hpp"
#include "sidecar/kube/node_name.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::app {

/// PURE. Whether the node of the target is leaving, as last learnt. What was learnt stands until something newer is,
/// for as long as the API server cannot be asked: an outage never turns a drain into up. Of another node nothing is
/// known.
class node_drain {
 public:
  struct sinks {
    /// The first word of a node, known or not, and each change of the cause.
    std::function<void()> on_news = [] {};
    /// That the node may not be read, once; that it may again.
    std::function<void(log_line)> log = [](const auto&) {};
  };

  node_drain(std::vector<std::string> taints, sinks outputs)
      : taints_(std::move(taints)), outputs_(std::move(outputs)) {}

  /// From now on this node counts. True if it is another one than before.
  bool follow(const std::string& node);
  /// Empty before the first.
  const kube::node_name& node() const noexcept { return node_; }

  /// The state of that node.
  void learn(const health::node_state& current);
  /// Of two states that cannot be ordered, that of a leaving node counts.
  void learn_if_leaving(const health::node_state& other);
  /// Why there is no newer state.
  void note_failure(const kube::failure& why);

  /// False before the first word of that node.
  bool is_settled() const noexcept { return cause_ || failure_; }
  /// Why it is leaving; empty: it is not. No value: nothing is known of it.
  const std::optional<std::string>& cause() const noexcept { return cause_; }
  /// The same of any node; empty also if nothing is known.
  std::string cause_of(std::string_view node) const;
  const std::optional<health::reason>& failure() const noexcept { return failure_; }

 private:
  void say_denied(const std::string& detail);
  void say_allowed();

  std::vector<std::string> taints_;
  sinks outputs_;
  kube::node_name node_;
  std::optional<std::string> cause_;
  std::optional<health::reason> failure_;  ///< of the last read
  bool is_denied_ = false;                 ///< as the log says
};

}  // namespace sidecar::app
