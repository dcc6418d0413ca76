#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/health/verdict.hpp"

namespace sidecar::http {

/// How a session learns what to answer on a health path; the app layer fills it in. `container` is the one that the
/// path names, empty where it names none: the configured target then.
struct health_endpoint {
  /// The answer if there is one without waiting (override, draining, answers from memory).
  std::function<std::optional<health::answer>(std::string_view container)> at_once;
  /// The answer to a question asked now; waits, but never longer than ANSWER_TIMEOUT. Never throws.
  std::function<boost::asio::awaitable<health::answer>(std::string container)> ask;
  /// A kubelet probe (User-Agent kube-probe/...) came on a health path.
  std::function<void()> on_kubelet_probe;
  /// True once SIGTERM was seen: answers then close their connection, so that the exit cuts nobody off.
  std::function<bool()> draining;
};

}  // namespace sidecar::http
