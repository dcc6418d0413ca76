#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/kube/service_account.hpp"
#include "sidecar/kube/token_claims.hpp"

namespace sidecar::doctor {

/// What the token file says of itself. The token is no part of it.
struct token_facts {
  std::string path;
  std::string problem{};  ///< why there is no usable token, as a phrase that follows the path; empty: there is one
  mode_t mode = 0;
  kube::token_claims claims{};
  std::string service_account{};                       ///< kubernetes.io.serviceaccount.name
  std::optional<std::chrono::sys_seconds> expires{};   ///< exp
  std::optional<std::chrono::sys_seconds> renew_by{};  ///< kubernetes.io.warnafter: the kubelet renews it before
};

/// PURE. Adds the claims of a token's payload (kube::payload_of).
void read_token_payload(std::string_view payload, token_facts& facts);

/// What the checks need of the token and its file, as they are now.
token_facts read_token_facts(const kube::service_account& credentials);

}  // namespace sidecar::doctor
