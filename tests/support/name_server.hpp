#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace sidecar::test {

struct dns_question {
  std::string name;  ///< without the final dot
  bool is_ipv6 = false;
  bool operator==(const dns_question&) const = default;
};

struct dns_reply {
  enum class code : std::uint8_t { no_error = 0, server_failure = 2, no_such_name = 3 };

  code status = code::no_error;
  std::vector<std::string> addresses{};  ///< IPv4
  bool truncated = false;                ///< says that there is more, over TCP
  std::chrono::milliseconds delay{0};
};

/// A DNS server (RFC 1035) on UDP that says what it is told to, or nothing.
class name_server {
 public:
  using answering = std::function<std::optional<dns_reply>(const dns_question&)>;

  /// Throws std::system_error where the port may not be had.
  explicit name_server(answering answer, const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~name_server();
  name_server(const name_server&) = delete;
  name_server& operator=(const name_server&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// What it was asked, in order.
  std::vector<dns_question> questions() const;

 private:
  void serve();

  answering answer_;
  int handle_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<dns_question> questions_;
  std::jthread thread_;
};

/// For `name_server`: it never answers.
std::optional<dns_reply> silence(const dns_question& asked);

}  // namespace sidecar::test
