#pragma once

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/kube/watch_line_reader.hpp"

namespace sidecar::kube {

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

inline std::string chunk(const std::string& bytes) {
  std::ostringstream text;
  text << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return text.str();
}

inline std::string watch_of(const std::string& tail) { return std::string{chunked_head} + tail; }

inline std::string complete_response(const std::string& body, const std::string& first = "HTTP/1.1 200 OK\r\n") {
  return first + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What came of a response: its lines, and how it ended.
struct read_watch {
  std::vector<std::string> lines{};
  boost::system::error_code problem{};
  bool complete = false;
  bool accepted = false;
  api_response refusal{};

  bool operator==(const read_watch& other) const {
    return lines == other.lines && problem == other.problem && complete == other.complete && accepted == other.accepted;
  }
};

/// Feeds `step` bytes at a time.
inline read_watch read_lines(std::string_view bytes, std::size_t step, response_limits limits = {}) {
  watch_line_reader reader(limits);
  read_watch made;
  while (!bytes.empty() && !made.problem && !made.complete) {
    const auto fed = reader.feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    while (const auto line = reader.next_line()) made.lines.emplace_back(*line);
    if (!fed) made.problem = fed.error();
    made.complete = fed && *fed == watch_line_reader::progress::complete;
  }
  made.accepted = reader.is_accepted();
  if (made.complete && !made.accepted) made.refusal = reader.take();
  return made;
}

inline read_watch read_lines(std::string_view bytes) { return read_lines(bytes, bytes.size()); }

}  // namespace sidecar::kube
