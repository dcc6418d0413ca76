#pragma once

#include <cstdint>

#include "sidecar/kube/failure.hpp"

namespace sidecar::kube {

/// How a watch ended.
struct watch_end {
  enum class manner : std::uint8_t {
    completed,  ///< by the server, with the last chunk: no event is missing
    expired,    ///< the version to start from is too old (410, as status or event)
    refused,    ///< by the response's status
    lost,       ///< no connection, connection lost, timeout, malformed event
  };

  watch_end::manner how = manner::lost;
  failure why{health::reason::api_unreachable, {}, {}};  ///< not for completed
};

}  // namespace sidecar::kube
