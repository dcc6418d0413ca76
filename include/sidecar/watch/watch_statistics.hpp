#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidecar::watch {

/// Why a watch was followed by another one.
enum class restart_cause : std::uint8_t {
  completed,     ///< the API server ended it as requested
  expired,       ///< the version to start from is too old (410)
  refused,       ///< the API server refused the watch, or the LIST that checks it (403)
  lost,          ///< no connection, connection lost, timeout, malformed event
  missed_event,  ///< it did not deliver what a LIST found
  ca_replaced,   ///< the CA bundle that verified its server has been replaced
};
inline constexpr std::array restart_causes{restart_cause::completed,    restart_cause::expired,
                                           restart_cause::refused,      restart_cause::lost,
                                           restart_cause::missed_event, restart_cause::ca_replaced};

/// The name of a label, for example "missed_event".
constexpr std::string_view name(restart_cause why) noexcept {
  constexpr std::array<std::string_view, restart_causes.size()> names{"completed", "expired",      "refused",
                                                                      "lost",      "missed_event", "ca_replaced"};
  return names[static_cast<std::size_t>(why)];
}

/// PURE. What became of the watches since the start: plain integers of one thread.
class watch_statistics {
 public:
  void note(restart_cause why) noexcept { ++restarts_[static_cast<std::size_t>(why)]; }

  std::uint64_t restarts(restart_cause why) const noexcept { return restarts_[static_cast<std::size_t>(why)]; }
  /// Each one restarts the watch.
  std::uint64_t missed_events() const noexcept { return restarts(restart_cause::missed_event); }

 private:
  std::array<std::uint64_t, restart_causes.size()> restarts_{};
};

}  // namespace sidecar::watch
