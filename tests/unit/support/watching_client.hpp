#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "requests.hpp"

namespace sidecar::test {

/// The target of a watch on game-0; `more` is further query with its `&`.
std::string watch_target(const std::string& more = {});

/// Reads a watch as it comes: the head, then line by line, whatever the chunks.
class watching_client {
 public:
  /// Connects and asks; `more` as of `watch_target`, or a target of its own.
  explicit watching_client(const ready_server& fixture, const std::string& more = {},
                           http_client::milliseconds timeout = http_client::default_timeout);

  void ask(const std::string& more);
  http_client& connection() noexcept { return client_; }
  /// Waits for the head.
  const std::string& head();
  /// The next line without its end; nothing at the end of the stream.
  std::optional<std::string> line();
  /// The same as JSON; null at the end.
  nlohmann::json event();
  /// The same as `TYPE version`, `ERROR code`, or "end".
  std::string next();

  bool saw_last_chunk() const noexcept { return last_chunk_; }
  /// Sizes of the chunks so far.
  const std::vector<std::size_t>& chunks() const noexcept { return chunks_; }
  /// What came and is no whole line.
  const std::string& rest() const noexcept { return lines_; }

 private:
  bool more();
  bool take_chunk();
  bool chunked() const { return head_.find("\r\nTransfer-Encoding: chunked\r\n") != std::string::npos; }

  std::string token_;
  http_client client_;
  std::string head_;
  std::string input_;
  std::string lines_;
  std::vector<std::size_t> chunks_;
  bool last_chunk_ = false;
};

/// `TYPE version` of an event, `ERROR code` of an error, "end" of null.
std::string brief(const nlohmann::json& event);

}  // namespace sidecar::test
