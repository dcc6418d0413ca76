#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/examine_pod.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::doctor {

struct examination {
  findings found;
  config::config settings;                   ///< the sidecar's own, as far as they are known
  std::optional<health::verdict> verdict{};  ///< what the sidecar should answer; empty: unknown
};

/// Goes from the service account's files to the pod's own spec; what a failure makes impossible is listed as skipped.
/// At most eight calls to the API server, one after the other, each within API_TIMEOUT. No finding has the token in it,
/// nor the value of a variable that is no option. `wall_clock` is called whenever the time matters.
boost::asio::awaitable<examination> examine(boost::asio::any_io_executor executor, given_options options,
                                            std::function<std::chrono::sys_seconds()> wall_clock);

}  // namespace sidecar::doctor
