#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "sidecar/doctor/finding.hpp"
#include "sidecar/doctor/token_facts.hpp"
#include "sidecar/net/certificate_facts.hpp"

/// PURE. The service account's files.
namespace sidecar::doctor {

findings check_token(const token_facts& facts, std::chrono::sys_seconds now);

/// `path` has the certificates `found`, or the `problem`.
findings check_ca(const std::string& path, const std::string& problem, const std::vector<net::certificate_facts>& found,
                  std::chrono::sys_seconds now);

}  // namespace sidecar::doctor
