#include "sidecar/http/eviction.hpp"

namespace sidecar::http {
namespace {

enum class rank { kept, awaiting_further_answer, incomplete_request, idle, answered };

rank rank_of(const occupancy& one) noexcept {
  switch (one.doing) {
    case phase::lingering:
    case phase::writing:
      return rank::answered;
    case phase::idle:
      return rank::idle;
    case phase::awaiting_first_byte:
    case phase::reading_head:
    case phase::handshaking:
      return rank::incomplete_request;
    case phase::answering:
      break;
  }
  return one.answers > 0 ? rank::awaiting_further_answer : rank::kept;
}

}  // namespace

bool may_be_evicted(const occupancy& one) noexcept { return rank_of(one) != rank::kept; }

bool is_evicted_before(const occupancy& one, const occupancy& other) noexcept {
  if (rank_of(one) != rank_of(other)) return rank_of(one) > rank_of(other);
  return one.doing == phase::answering ? one.answers > other.answers : one.since < other.since;
}

}  // namespace sidecar::http
