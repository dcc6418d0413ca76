#include "sidecar/http/keep_alive.hpp"

namespace sidecar::http {

keep_alive_decision decide_keep_alive(const request& answered, const keep_alive_conditions& conditions) noexcept {
  // A body is never read, so the start of the next request is unknown.
  const bool wanted = answered.keep_alive && !answered.has_body;
  if (wanted && conditions.may_stay) {
    return {answered.version == http_version::http_1_1 ? connection_header::none : connection_header::keep_alive,
            next_step::proceed};
  }
  const bool sends_no_more = !wanted && !answered.has_body && !answered.is_http_0_9() && !conditions.is_tls;
  return {connection_header::close, sends_no_more && !conditions.more_input ? next_step::close : next_step::linger};
}

}  // namespace sidecar::http
