#pragma once

#include <optional>
#include <string>
#include <string_view>

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

}  // namespace sidecar::kube
