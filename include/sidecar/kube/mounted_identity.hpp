#pragma once

#include <cstdint>
#include <string>

/// What the files say that the kubelet mounts for a service account, apart from the token itself (service_account).
namespace sidecar::kube {

/// Whether the token's claims are known.
enum class token_state : std::uint8_t {
  read,
  missing,     ///< there is no file
  unreadable,  ///< the file exists; its content is not known
};

/// The content of the namespace file.
struct namespace_file {
  std::string text;     ///< trimmed
  std::string problem;  ///< why there is no text, as a phrase that follows the path
};

}  // namespace sidecar::kube
