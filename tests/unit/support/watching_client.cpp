#include "watching_client.hpp"

#include <utility>

namespace sidecar::test {

using nlohmann::literals::operator""_json_pointer;

std::string watch_target(const std::string& more) {
  return "/api/v1/namespaces/demo/pods?watch=1&fieldSelector=metadata.name%3Dgame-0" + more;
}

std::string brief(const nlohmann::json& event) {
  if (event.is_null()) return "end";
  const std::string type = event.value("type", "");
  if (type == "ERROR") return type + " " + std::to_string(event.value("/object/code"_json_pointer, 0));
  return type + " " + event.value("/object/metadata/resourceVersion"_json_pointer, "");
}

watching_client::watching_client(const ready_server& fixture, const std::string& more,
                                 http_client::milliseconds timeout)
    : token_{fixture.token},
      client_{fixture.server.address(), fixture.server.port(), fixture.server.ca(), {}, timeout} {
  ask(more);
}

void watching_client::ask(const std::string& more) {
  head_.clear();
  last_chunk_ = false;
  client_.send(get(token_, more.starts_with('/') ? more : watch_target(more)));
}

bool watching_client::more() {
  const std::string bytes = client_.read_some();
  input_ += bytes;
  return !bytes.empty();
}

const std::string& watching_client::head() {
  if (!head_.empty()) return head_;
  while (input_.find("\r\n\r\n") == std::string::npos) {
    if (!more()) return head_;
  }
  const std::size_t size = input_.find("\r\n\r\n") + 4;
  head_ = input_.substr(0, size);
  input_.erase(0, size);
  return head_;
}

bool watching_client::take_chunk() {
  while (input_.find("\r\n") == std::string::npos) {
    if (!more()) return false;
  }
  const std::size_t begin = input_.find("\r\n") + 2;
  const std::size_t size = std::stoul(input_, nullptr, 16);
  while (input_.size() < begin + size + 2) {
    if (more()) continue;
    lines_ += input_.substr(begin);
    return false;
  }
  lines_ += input_.substr(begin, size);
  input_.erase(0, begin + size + 2);
  chunks_.push_back(size);
  last_chunk_ = size == 0;
  return size != 0;
}

std::optional<std::string> watching_client::line() {
  if (head().empty()) return std::nullopt;
  for (;;) {
    if (const std::size_t end = lines_.find('\n'); end != std::string::npos) {
      std::string line = lines_.substr(0, end);
      lines_.erase(0, end + 1);
      return line;
    }
    if (last_chunk_) return std::nullopt;
    if (chunked()) {
      if (!take_chunk()) return std::nullopt;
      continue;
    }
    if (input_.empty() && !more()) return std::nullopt;
    lines_ += std::exchange(input_, {});
  }
}

nlohmann::json watching_client::event() {
  const auto text = line();
  return text ? nlohmann::json::parse(*text) : nlohmann::json{};
}

std::string watching_client::next() { return brief(event()); }

}  // namespace sidecar::test
