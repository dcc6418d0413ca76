#pragma once

#include <optional>
#include <string>
#include <string_view>

/// PURE. What the body of an error response says.
namespace sidecar::kube {

/// The fields of a v1.Status (the API server's error response) that are used.
struct api_status {
  std::string reason;
  std::string message;
  std::string details_name;
  std::string details_kind;
};

/// Empty if the text is not a JSON object of kind "Status".
std::optional<api_status> parse_status(std::string_view json);

/// The text of the body, for the log: a Status' message, else the text itself (for HTML the text between the tags), as
/// one line of at most 256 bytes. The body may be incomplete. The result is foreign text and may repeat the request's
/// Authorization: the caller must redact the token (service_account::redact_token).
std::string error_text(std::string_view body);

}  // namespace sidecar::kube
