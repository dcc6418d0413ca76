#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sidecar/health/verdict.hpp"

namespace sidecar::http {

/// The statuses that a health answer can have: 200, UNHEALTHY_STATUS, DRAIN_STATUS. The last two may be the same
/// number.
enum class answer_kind : std::uint8_t { healthy, unhealthy, drain };

/// The kind of a verdict's answer.
inline answer_kind kind_of(const health::verdict& given) noexcept {
  if (given.state == health::state::healthy) return answer_kind::healthy;
  return health::is_drain(given.reason) ? answer_kind::drain : answer_kind::unhealthy;
}

/// The status of every error answer; DRAIN_STATUS turns a 404 into a 400, and any other into one of these.
inline constexpr std::array<unsigned, 7> refusal_statuses{400, 404, 405, 408, 413, 431, 505};

/// The answers of the health and the agent port since the start. Plain integers of one thread.
///
/// Counted when the answer is made; whether the client is still there to read it is not known. An HTTP/0.9 request and
/// an agent check get no status: they count with the one that their answer stands for. /livez says nothing about the
/// pod and is not counted.
struct traffic {
  std::array<std::array<std::uint64_t, 2>, 3> answers{};          ///< by answer_kind, then by held
  std::array<std::uint64_t, refusal_statuses.size()> refusals{};  ///< in the order of refusal_statuses
  std::uint64_t evicted = 0;                                      ///< connections closed to make room for others
  std::uint64_t handshake_failures = 0;                           ///< TLS handshakes that began and did not succeed

  void count(const health::answer& given) noexcept {
    ++answers[static_cast<std::size_t>(kind_of(given.verdict))][given.held ? 1 : 0];
  }
  /// `status`: one of refusal_statuses; others are ignored.
  void count_refusal(unsigned status) noexcept;

  std::uint64_t answered(answer_kind kind, bool held) const noexcept {
    return answers[static_cast<std::size_t>(kind)][held ? 1 : 0];
  }
  /// 0 for a status that is none of refusal_statuses.
  std::uint64_t refused(unsigned status) const noexcept;
};

}  // namespace sidecar::http
