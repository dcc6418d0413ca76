#pragma once

#include <cstdint>

namespace sidecar::kube {

/// The outcome of one attempt, as far as a retry depends on it.
enum class attempt_outcome : std::uint8_t {
  responded,         ///< a response with any status but 401
  unauthorized,      ///< a 401
  untrusted,         ///< the server's certificate did not verify
  broke_unanswered,  ///< a kept connection broke before any byte of the response
  failed,            ///< anything else
};

/// What to do before a retry.
enum class retry_action : std::uint8_t {
  none,  ///< no retry
  new_connection,
  reread_token,  ///< and retry only if its bytes have changed
  reread_ca,     ///< the same
};

/// PURE. Which failed attempts are retried within the same call and its deadline: each kind once. The server may have
/// closed a kept connection while it was idle, so a GET, which is idempotent, is sent again (RFC 9110, 9.2.2); a token
/// or a CA bundle may have been rotated since it was read.
class retry_policy {
 public:
  constexpr retry_action next(attempt_outcome outcome) noexcept {
    switch (outcome) {
      case attempt_outcome::unauthorized:
        return once(tried_token_, retry_action::reread_token);
      case attempt_outcome::untrusted:
        return once(tried_ca_, retry_action::reread_ca);
      case attempt_outcome::broke_unanswered:
        return once(tried_connection_, retry_action::new_connection);
      case attempt_outcome::responded:
      case attempt_outcome::failed:
        break;
    }
    return retry_action::none;
  }

 private:
  static constexpr retry_action once(bool& tried, retry_action action) noexcept {
    if (tried) return retry_action::none;
    tried = true;
    return action;
  }

  bool tried_connection_ = false;
  bool tried_token_ = false;
  bool tried_ca_ = false;
};

}  // namespace sidecar::kube
