#pragma once

#include <string>
#include <string_view>

namespace sidecar::kube {

/// PURE. The text of an error response's body, for the log: a Status' message, else the text itself (for HTML the text
/// between the tags), as one line of at most 256 bytes. The body may be incomplete. The result is foreign text and may
/// repeat the request's Authorization: the caller must redact the token (service_account::redact_token).
std::string error_text(std::string_view body);

}  // namespace sidecar::kube
