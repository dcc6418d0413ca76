#pragma once

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

/// What a real API server sent, byte for byte (tests/data/recordings).
namespace sidecar::test {

/// A file below tests/data; throws if there is none.
inline std::string test_data(const std::string& path) {
  std::ifstream file(std::string(SIDECAR_TEST_DATA "/") + path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read test data " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Joins the chunks of a chunked body up to the last chunk, or to where the recording ends.
inline std::string join_chunks(std::string_view chunked) {
  std::string body;
  while (!chunked.empty()) {
    const std::size_t line_end = chunked.find("\r\n");
    if (line_end == std::string_view::npos) throw std::runtime_error("a chunk without a size line");
    const std::size_t size = std::stoul(std::string(chunked.substr(0, line_end)), nullptr, 16);
    if (size == 0) break;
    chunked.remove_prefix(line_end + 2);
    body += chunked.substr(0, size);
    chunked.remove_prefix(std::min(size + 2, chunked.size()));
  }
  return body;
}

/// The body of a recording, without its chunking; `name` is the file's name without .http.
inline std::string recorded_body(const std::string& name) {
  const std::string message = test_data("recordings/" + name + ".http");
  const std::size_t head_end = message.find("\r\n\r\n");
  if (head_end == std::string::npos) throw std::runtime_error("a recording without a head: " + name);
  const std::string_view head(message.data(), head_end + 2);
  const std::string body = message.substr(head_end + 4);
  return head.find("\r\nTransfer-Encoding: chunked\r\n") == std::string_view::npos ? body : join_chunks(body);
}

}  // namespace sidecar::test
