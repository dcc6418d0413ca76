#pragma once

#include "sidecar/doctor/files_check.hpp"
#include "sidecar/kube/service_account.hpp"

namespace sidecar::doctor {

/// What the checks need of the token and its file, as they are now.
token_facts read_token_facts(const kube::service_account& credentials);

}  // namespace sidecar::doctor
