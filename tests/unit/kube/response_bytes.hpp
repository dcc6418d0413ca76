#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "sidecar/kube/response_parser.hpp"

namespace sidecar::kube {

constexpr std::string_view ok_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

inline std::string with_length(std::string_view body) {
  return std::string{ok_head} + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

/// `tail`: the chunks, the last one and the trailers among them.
inline std::string with_chunks(std::string_view tail) {
  return std::string{ok_head} + "Transfer-Encoding: chunked\r\n\r\n" + std::string{tail};
}

enum class feed_end { needs_more, complete, failed };

/// Feeds `first` bytes, then `step` at a time, until the response is complete or refused.
inline feed_end feed_to_end(response_parser& parser, std::string_view bytes, std::size_t first, std::size_t step) {
  for (auto size = first; !bytes.empty(); size = step) {
    const auto fed = parser.feed(bytes.substr(0, size));
    if (!fed) return feed_end::failed;
    if (*fed == response_parser::progress::complete) return feed_end::complete;
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return feed_end::needs_more;
}

}  // namespace sidecar::kube
