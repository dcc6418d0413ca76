#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/doctor/finding.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/token_claims.hpp"
#include "sidecar/net/certificate_facts.hpp"

/// PURE. The service account's files.
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

/// Adds the claims of a token's payload (kube::payload_of).
void read_token_payload(std::string_view payload, token_facts& facts);

findings check_token(const token_facts& facts, std::chrono::sys_seconds now);

/// `path` has the certificates `found`, or the `problem`.
findings check_ca(const std::string& path, const std::string& problem, const std::vector<net::certificate_facts>& found,
                  std::chrono::sys_seconds now);

/// "2026-11-29 14:05:00 UTC"
std::string time_text(std::chrono::sys_seconds when);

/// "59m", "3h", "364d"; of a negative one the size.
std::string rough_text(std::chrono::seconds duration);

}  // namespace sidecar::doctor
