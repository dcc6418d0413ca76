#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// What is to be said about an answer at 3 a.m.
struct announcement {
  bool good = false;    ///< to be logged as information; otherwise as a warning
  std::string message;  ///< what is answered from now on, why, and what to do about it
};

/// One announcement for each change of verdict, none for a repetition. Pure.
class announcer {
 public:
  /// `unhealthy_status` is what a load balancer gets for anything but healthy; `grace` how long an answer is held.
  announcer(unsigned unhealthy_status, std::chrono::seconds grace)
      : unhealthy_status_(unhealthy_status), grace_(grace) {}

  /// `cause` is why the answer is what it is: the verdict's own reason, or for a held answer why the pod's state could
  /// not be learned.
  std::optional<announcement> note(const health::answer& given, health::reason cause);

 private:
  std::string describe(const health::answer& given, health::reason cause) const;

  unsigned unhealthy_status_;
  std::chrono::seconds grace_;
  std::optional<health::verdict> last_;
  bool last_held_ = false;
};

}  // namespace sidecar::app
