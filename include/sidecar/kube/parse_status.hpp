#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sidecar::kube {

/// What matters of a v1.Status, the API server's way to say that something went wrong.
struct api_status {
  std::string reason;
  std::string message;
  std::string details_name;
  std::string details_kind;
};

/// Nothing if the text is not a JSON object of kind "Status".
std::optional<api_status> parse_status(std::string_view json);

}  // namespace sidecar::kube
