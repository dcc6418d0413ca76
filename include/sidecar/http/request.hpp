#pragma once

#include <cstdint>
#include <string_view>

namespace sidecar::http {

/// Methods are case-sensitive: `get` is `other`.
enum class method : std::uint8_t { get, head, options, other };

/// What the daemon looks at in a request head.
struct request {
  http::method method = method::other;
  std::string_view target{};  ///< in the bytes the reader was fed
  bool http_1_1 = false;      ///< else HTTP/1.0, or none
  /// A line without a version, as before HTTP had one. Some checkers send it and take any byte that comes back for up,
  /// so that it may be answered in one way only: by the bare body, when all is well.
  bool versionless = false;
  bool keep_alive = false;     ///< the client's wish, RFC 9112 section 9.3
  bool has_body = false;       ///< a body follows; it is never read
  bool kubelet_probe = false;  ///< User-Agent starts with "kube-probe/"
};

/// Answers that say nothing about the pod, by status.
enum class refusal : std::uint16_t {
  tls_required,  ///< 400: plain text where TLS is wanted
  bad_request = 400,
  not_found = 404,
  method_not_allowed = 405,
  request_timeout = 408,
  content_too_large = 413,
  head_too_large = 431,
  version_not_supported = 505,
};

}  // namespace sidecar::http
