#include "recording.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sidecar::test {

http_response load_recording(const std::string& name) {
  std::ifstream file{std::string{SIDECAR_TEST_DATA} + "/recordings/" + name + ".http", std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.empty()) throw std::runtime_error{"no recording " + name};
  return parse_message(text);
}

http_response parse_message(const std::string& text) {
  http_response result;
  std::size_t at = 0;
  const auto next_line = [&text, &at] {
    const std::size_t end = text.find("\r\n", at);
    std::string line = text.substr(at, end - at);
    at = end + 2;
    return line;
  };
  result.status_line = next_line();
  result.status = std::stoi(result.status_line.substr(9, 3));
  for (std::string line = next_line(); !line.empty(); line = next_line()) {
    const std::size_t colon = line.find(": ");
    result.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  if (!result.field("Transfer-Encoding")) {
    result.body = text.substr(at);
    return result;
  }
  while (at < text.size()) {
    result.chunks.push_back(std::stoul(next_line(), nullptr, 16));
    result.body += text.substr(at, result.chunks.back());
    at += result.chunks.back() + 2;
    if (result.chunks.back() == 0) break;
  }
  return result;
}

}  // namespace sidecar::test
