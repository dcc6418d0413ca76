#pragma once

#include <string>
#include <string_view>
#include <utility>

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

/// What came of a response.
struct parsed {
  bool complete = false;
  bool failed = false;
  api_response response{};
};

/// Feeds `step` bytes at a time.
inline parsed parse(std::string_view bytes, std::size_t step, response_limits limits = {}) {
  response_parser parser(limits);
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    const auto fed = parser.feed(part);
    if (!fed) return {.failed = true};
    if (*fed == response_parser::progress::complete) return {.complete = true, .response = parser.take()};
  }
  return {};
}

}  // namespace sidecar::kube
