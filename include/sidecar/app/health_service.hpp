#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/app/announcer.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/verdict.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::app {

/// What a watch makes of the truth (SOURCE=watch).
enum class memory : std::uint8_t {
  none,         ///< there is no watch: every question asks the API server (SOURCE=live, or no permission to watch)
  interrupted,  ///< the watch is being begun again: the hold rule applies, and no question causes a call
  opening,      ///< as watching, from a GET just before, but not worth a word: the watch may yet be refused
  watching,     ///< answers come from memory while it is confirmed
};

struct health_settings {
  std::optional<health::verdict> override_verdict;  ///< set: the source is never asked
  std::vector<std::string> containers{};            ///< TARGET_CONTAINER
  health::requirement require{};                    ///< REQUIRE
  std::chrono::nanoseconds stale_grace;
  std::chrono::nanoseconds answer_timeout;
  /// What a client waits at most while the last call ended in a timeout, or in a crowd, if there is a held answer for
  /// it.
  std::chrono::nanoseconds timed_out_wait = std::chrono::milliseconds{100};
  /// So many who wait are a crowd: more than there are load balancers, and few enough that those who ask in thousands
  /// cannot hold every connection for as long as a slow call takes.
  std::size_t crowd = 128;
  /// How long after a question live mode keeps its truth fresh by itself.
  std::chrono::nanoseconds refresh_for = std::chrono::minutes{10};
  memory begins_with = memory::none;
  /// A truth from memory is good for so long after the start of the last call that succeeded, whatever the watch has
  /// delivered since: an event is as late as the path it came on. Then the hold begins.
  std::chrono::nanoseconds memory_lasts = std::chrono::seconds{20};
  /// While draining the truth is looked at so often, for whoever tells a drain from down; zero: not at all.
  std::chrono::nanoseconds look_while_draining{0};
  /// How old a truth may be that makes a drain of a leaving target, if that is more than `stale_grace`.
  std::chrono::nanoseconds drain_grace = std::chrono::seconds{2};
  /// The uid the target must have, asked for at each evaluation since the token rotates; empty: no such rule.
  std::function<std::string()> bound_uid = [] { return std::string{}; };
  /// Told what a call's end means for those who ask (announcer).
  std::function<void(const news&)> announce = [](const auto&) {};
};

/// Turns questions into answers: drain, then override, then memory, then batches of calls, then the hold rule (README,
/// "What happens when"). Second promise, without memory: an answer that is not marked held rests on a GET whose first
/// byte was written after the question came, whatever it asks for: one GET answers for every container. At most one GET
/// is under way and one batch waits; a batch is sealed by its GET's `seal`. One thread. Outlives its questions;
/// `source` (null only with an override) outlives it.
class health_service {
 public:
  health_service(boost::asio::any_io_executor executor, health_settings settings, kube::pod_source* source);
  ~health_service();
  health_service(const health_service&) = delete;
  health_service& operator=(const health_service&) = delete;

  /// The answer if no waiting is needed: draining, override, or memory. `container` as for `ask`.
  std::optional<health::answer> at_once(std::string_view container = {}) const;

  /// The answer to a question asked now, for the one `container`, or for the configured target if that is empty. Takes
  /// at most `answer_timeout`; never throws.
  boost::asio::awaitable<health::answer> ask(std::string container = {});

  /// What a call of the keeper came to, beside what the watch had delivered by its end.
  enum class standing : std::uint8_t {
    newest,      ///< the call's outcome is what is remembered now
    overtaken,   ///< the watch has delivered a newer version meanwhile, which so was current when the call began
    unverified,  ///< which of the two is newer cannot be told: the less healthy one is remembered
  };
  struct look_result {
    kube::fetch_result found;  ///< if not a failure: what is remembered now
    standing how = standing::newest;
  };

  /// One call, of which nobody asks but the keeper of the memory; its outcome has been taken in. As fetch_pod
  /// otherwise; no truth when a drain begins meanwhile.
  boost::asio::awaitable<look_result> look();

  /// What a watch has delivered just now, which is newer than what is remembered. It changes what is known, never until
  /// when that is current: only a call does. Nothing is remembered before the first call.
  void remember(health::pod_truth delivered);
  /// The same where the two cannot be ordered: the less healthy one is remembered.
  void remember_if_worse(health::pod_truth delivered);
  /// `why` and its detail: for the log, of an interruption.
  void set_memory(memory now, const kube::failure& why = {health::reason::api_unreachable, {}, {}});

  /// From now on everything is Draining, for the reason that says whether the target is ready still, as far as that is
  /// known; answers everybody who waits.
  void drain();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace sidecar::app
