#pragma once

#include <cstdint>
#include <set>

namespace sidecar::kube {

/// The outcome of one attempt, as far as a retry depends on it.
enum class attempt_outcome : std::uint8_t {
  responded,         ///< a response with any status but 401
  unauthorized,      ///< a 401: a retry needs another token
  untrusted,         ///< the server's certificate did not verify: a retry needs another CA bundle
  broke_unanswered,  ///< a kept connection broke before any byte of the response
  failed,            ///< anything else
};

/// PURE. Which failed attempts are retried within the same call and its deadline: each kind once. The server may have
/// closed a kept connection while it was idle, so a GET, which is idempotent, is sent again (RFC 9110, 9.2.2); a token
/// or a CA bundle may have been rotated since it was read.
class retry_policy {
 public:
  bool allows_retry(attempt_outcome last) {
    const bool is_final = last == attempt_outcome::responded || last == attempt_outcome::failed;
    return !is_final && retried_.insert(last).second;
  }

 private:
  std::set<attempt_outcome> retried_;
};

}  // namespace sidecar::kube
