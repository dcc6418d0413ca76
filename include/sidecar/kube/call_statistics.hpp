#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::kube {

/// What a call requests.
enum class verb : std::uint8_t { get, list, watch };
inline constexpr std::array verbs{verb::get, verb::list, verb::watch};

/// The name of a label: "get", "list" or "watch".
std::string_view name(verb what) noexcept;

/// The reasons for which a call can fail: what operators see is the same list, from the start.
inline constexpr std::array call_failures{health::reason::api_unreachable, health::reason::api_untrusted,
                                          health::reason::api_timeout,     health::reason::api_unauthorized,
                                          health::reason::api_forbidden,   health::reason::api_busy,
                                          health::reason::api_error,       health::reason::api_protocol};

/// How long calls took: a classic histogram (Prometheus data model), from 1 ms to 2.5 s.
struct call_durations {
  static constexpr std::array<std::chrono::microseconds, 11> bounds{
      std::chrono::microseconds{1'000},     std::chrono::microseconds{2'500},    std::chrono::microseconds{5'000},
      std::chrono::microseconds{10'000},    std::chrono::microseconds{25'000},   std::chrono::microseconds{50'000},
      std::chrono::microseconds{100'000},   std::chrono::microseconds{250'000},  std::chrono::microseconds{500'000},
      std::chrono::microseconds{1'000'000}, std::chrono::microseconds{2'500'000}};

  void note(std::chrono::nanoseconds took) noexcept;

  /// How many took at most `bounds[i]` and longer than the bound before; the last: longer than all bounds. The
  /// exposition format wants cumulative ones: its writer adds them up.
  std::array<std::uint64_t, bounds.size() + 1> buckets{};
  std::chrono::nanoseconds sum{0};
  std::uint64_t count = 0;
};

/// PURE. The calls to the API server since the start: plain integers of one thread. A call counts once, when it ends,
/// whatever was retried within it, and also where it failed before its request (lookup, connect, TLS, deadline). A
/// watch counts when the API server has accepted it, or when it ends before that. A call that we end ourselves does not
/// count.
struct call_statistics {
  struct last_call {
    verb what;
    time_point started;
    std::chrono::nanoseconds took;
    std::optional<health::reason> failure{};  ///< empty: success
  };

  /// `failure`: one of `call_failures`; empty: success, which "no such pod" is too.
  void note(verb what, time_point started, time_point ended, std::optional<health::reason> failure) noexcept;

  std::uint64_t count(verb what, std::optional<health::reason> failure) const noexcept;

  call_durations durations{};       ///< of GET and LIST, with retries and what comes before the request
  std::optional<last_call> last{};  ///< that counted

 private:
  using results = std::array<std::uint64_t, health::reason_count + 1>;  ///< success, then each reason

  std::array<results, verbs.size()> counts_{};
};

}  // namespace sidecar::kube
