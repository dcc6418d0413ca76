#pragma once

#include <bitset>
#include <chrono>
#include <functional>
#include <map>
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
  std::string container{};     ///< the one that a path named; empty: the configured target
  bool in_target = true;       ///< `container` is one of those that the configured target is about
};

/// What is to be said about it at 3 a.m.
struct announcement {
  bool good = false;    ///< to be logged as information; otherwise as a warning
  std::string message;  ///< what is answered from now on, why, and what to do about it
};

/// What a load balancer gets for anything but healthy.
struct bad_statuses {
  unsigned down;
  unsigned drain;
};

/// The status of that answer.
unsigned status_of(health::verdict given, const bad_statuses& bad) noexcept;

/// One announcement for each change of verdict, none for a repetition. Pure.
class announcer {
 public:
  /// `grace` is how long an answer is held.
  announcer(bad_statuses bad, std::chrono::milliseconds grace) : bad_(bad), grace_(grace) {}

  std::optional<announcement> note(const news& heard);

 private:
  bool is_new(const news& heard) const;
  std::string describe(const news& heard) const;

  bad_statuses bad_;
  std::chrono::milliseconds grace_;
  std::optional<health::verdict> last_;
  bool last_held_ = false;
  std::bitset<health::reason_count> told_;  // causes told of since answers are held
};

/// Announcements for all that is asked for: of the configured target everything; of a container that a path named that
/// it is not ready, and that it is again, where the configured target's announcement does not say so already. What
/// concerns the whole pod or the API server is told once. Pure; keeps one entry for each container it hears of.
class announcers {
 public:
  announcers(bad_statuses bad, std::chrono::milliseconds grace) : bad_(bad), target_(bad, grace) {}

  /// What a call's end means: first for the configured target, then for containers.
  std::optional<announcement> note(const news& heard);

 private:
  std::optional<announcement> note_container(const news& heard);

  bad_statuses bad_;
  announcer target_;
  bool target_spoke_ = false;
  std::map<std::string, health::reason, std::less<>> containers_;  // what each one was last
};

}  // namespace sidecar::app
