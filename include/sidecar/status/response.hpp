#pragma once

#include <string>
#include <string_view>

#include "sidecar/http/response.hpp"

namespace sidecar::status {

/// An answer of the status port, before its connection is decided.
struct response {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body{};
  /// A page's own; by default nothing may be loaded, and no page may frame the answer.
  std::string_view security_policy = "default-src 'none'; frame-ancestors 'none'";
};

/// PURE. The bytes. No answer may be stored, framed, or read by another origin's script (there is no CORS header).
/// `with_body` is false for HEAD: the same head, nothing after it.
std::string render(const response& given, http::connection_header connection, bool with_body);

}  // namespace sidecar::status
