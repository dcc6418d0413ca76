#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "sidecar/app/health_service.hpp"
#include "sidecar/kube/pod_watch.hpp"

namespace sidecar::app {

/// Times are of one process among thousands: each is drawn anew, so that a fleet that lost its API server together does
/// not come back together.
struct watch_settings {
  std::chrono::seconds shortest_watch{240};  ///< what the server is asked for: between these two
  std::chrono::seconds longest_watch{300};
  /// Before another attempt: anything from nothing to this, doubled with each failure in a row up to `longest_pause`.
  /// client-go spreads its reconnects likewise.
  std::chrono::nanoseconds pause = std::chrono::seconds{4};
  std::chrono::nanoseconds longest_pause = std::chrono::seconds{8};
  /// The same where there is no permission to watch, which somebody may yet grant.
  std::chrono::nanoseconds longest_forbidden_pause = std::chrono::minutes{5};
  /// A watch that lasted so long was none that failed.
  std::chrono::nanoseconds sound_watch = std::chrono::seconds{30};
  /// How often a GET checks what is remembered, 10 % more or less.
  std::chrono::nanoseconds check = std::chrono::seconds{15};
  /// After a check that failed: from one to two times this, doubled with each failure up to `check`.
  std::chrono::nanoseconds check_again = std::chrono::seconds{1};
  /// How long the watch may take to tell what a check has found.
  std::chrono::nanoseconds catch_up = std::chrono::seconds{2};
  /// How long a watch that begins with the pod as it is may take to tell of it, until a GET asks instead.
  std::chrono::nanoseconds first_event = std::chrono::seconds{1};
  /// How long an answer's head may take until the watch counts as accepted: some proxies keep it back until the first
  /// event, and a refusal comes at once.
  std::chrono::nanoseconds head = std::chrono::seconds{1};
  /// From 0 to below 1.
  std::function<double()> random{};
  /// For the log; `detail` may hold foreign text.
  std::function<void(bool good, const std::string& message, const std::string& detail)> tell = [](bool, const auto&,
                                                                                                  const auto&) {};
};

/// Keeps the memory of a health_service true (README, "SOURCE=watch"): a GET, then a watch from there on, begun again
/// whenever it ends, and a GET every now and then, since a watch that has died silently looks like one without news.
/// One thread. `watch` and `health` outlive it.
class watch_keeper {
 public:
  watch_keeper(boost::asio::any_io_executor executor, watch_settings settings, kube::pod_watch& watch,
               health_service& health);
  ~watch_keeper();
  watch_keeper(const watch_keeper&) = delete;
  watch_keeper& operator=(const watch_keeper&) = delete;

  /// Begins; does nothing where it is at work already. An exception that it cannot get over (no memory even for a
  /// pause) leaves the io_context: then call it again.
  void start();
  /// For good; the watch under way ends.
  void stop();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace sidecar::app
