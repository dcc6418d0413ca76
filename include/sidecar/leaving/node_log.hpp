#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sidecar/journal/log_line.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/watch/steps.hpp"

namespace sidecar::leaving {

/// PURE. The log lines about how the target's node is read: each fact once, until it changes.
class node_log {
 public:
  /// `cause`: why the node is leaving, as last known; no value: it has never been read.
  std::optional<journal::log_line> note_failure(const std::string& node, const kube::failure& why,
                                                const std::optional<std::string>& cause);
  std::optional<journal::log_line> note_success(const std::string& node);
  /// Of the watch machine. What it says is logged with the next success: without any permission one line is enough.
  void note(const watch::steps::notice& given);

 private:
  enum class fact : std::uint8_t { none, denied, unread, polled };

  fact logged_ = fact::none;
  std::optional<watch::steps::notice> no_watch_;  ///< why there is no watch
};

}  // namespace sidecar::leaving
