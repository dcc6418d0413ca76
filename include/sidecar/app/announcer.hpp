#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>

#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// What the end of a call means for those who ask.
struct news {
  health::answer given;        ///< what they get from now on
  health::reason cause;        ///< why: the verdict's own reason, or why the pod's state could not be learned
  std::string detail{};        ///< for the log; may hold foreign text
  bool somebody_asked = true;  ///< false: a refresh, whose success no client sees
};

/// What is to be said about it at 3 a.m.
struct announcement {
  bool good = false;    ///< to be logged as information; otherwise as a warning
  std::string message;  ///< what is answered from now on, why, and what to do about it
};

/// One announcement for each change of verdict, none for a repetition. Pure.
class announcer {
 public:
  /// `unhealthy_status` is what a load balancer gets for anything but healthy; `grace` how long an answer is held.
  announcer(unsigned unhealthy_status, std::chrono::milliseconds grace)
      : unhealthy_status_(unhealthy_status), grace_(grace) {}

  std::optional<announcement> note(const news& heard);

 private:
  bool is_new(const news& heard) const;
  std::string describe(const news& heard) const;

  unsigned unhealthy_status_;
  std::chrono::milliseconds grace_;
  std::optional<health::verdict> last_;
  bool last_held_ = false;
  std::bitset<health::reason_count> told_;  // causes told of since answers are held
};

}  // namespace sidecar::app
