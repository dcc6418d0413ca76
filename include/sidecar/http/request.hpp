#pragma once

#include <cstdint>
#include <string_view>

namespace sidecar::http {

/// Methods are case-sensitive: `get` is `other`.
enum class method : std::uint8_t { get, head, options, other };

enum class http_version : std::uint8_t {
  /// A line without a version. Some load balancers send it and count any byte in response as up, so it is answered only
  /// if the target is healthy, with the bare body.
  http_0_9,
  http_1_0,
  http_1_1,
};

/// The fields of a request head that are used.
struct request {
  http::method method = method::other;
  std::string_view target{};  ///< a view into the bytes of the reader's input
  http_version version = http_version::http_1_0;
  bool keep_alive = false;  ///< the client allows it (RFC 9112, 9.3)
  bool has_body = false;    ///< a body follows; it is never read
  /// Views into the bytes of the reader's input, empty without the field; of several fields the last. Two Host fields
  /// that differ are a 400, a User-Agent folded over several lines counts as absent.
  std::string_view host{};
  std::string_view user_agent{};

  bool is_http_0_9() const noexcept { return version == http_version::http_0_9; }
};

/// True for a kubelet's probe.
inline bool is_kubelet(std::string_view user_agent) noexcept { return user_agent.starts_with("kube-probe/"); }

/// Error answers, which say nothing about the pod, by status.
enum class refusal : std::uint16_t {
  tls_required,  ///< 400: plain HTTP on a TLS port
  bad_request = 400,
  not_found = 404,
  method_not_allowed = 405,
  request_timeout = 408,
  content_too_large = 413,
  head_too_large = 431,
  version_not_supported = 505,
};

}  // namespace sidecar::http
