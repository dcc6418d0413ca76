#pragma once

#include <string>
#include <vector>

#include "told_server.hpp"

namespace sidecar::test {

/// One thing that the server can have to say, with all that goes with it.
struct situation {
  std::string name;  ///< "ContainerNotReady", "held AllContainersReady"
  told what;

  bool is_healthy() const noexcept { return what.answer.verdict.state == health::state::healthy; }
  bool is_drain() const noexcept { return health::is_drain(what.answer.verdict.reason); }
};

/// Every reason there is, and held where there is a truth to hold. Healthy and other ones take turns as far as it goes.
std::vector<situation> situations();

}  // namespace sidecar::test
