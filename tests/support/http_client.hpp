#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sidecar::test {

/// How reading came to its end.
enum class read_end {
  complete,   ///< what was asked for is there
  closed,     ///< FIN; over TLS after a close_notify
  truncated,  ///< over TLS: FIN without a close_notify
  reset,      ///< RST
  timeout,
  tls_error,
};

struct http_response {
  std::string head;  ///< byte for byte, with the empty line
  std::string status_line;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< as sent, in their order
  std::string body;                                         ///< without the chunks
  std::vector<std::size_t> chunks;                          ///< sizes, with the last one's 0; empty if not chunked

  /// The first field of that name (case does not matter), or nothing.
  std::optional<std::string> field(std::string_view name) const;
};

/// A blocking connection that does what it is told, byte for byte, with a time limit on everything. Bytes that cannot
/// be sent or read are told by the return value, a connection that cannot be made by std::runtime_error.
class http_client {
 public:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds default_timeout = std::chrono::seconds{10};

  /// Plain TCP. `address` is 127.0.0.1, ::1 and the like.
  http_client(const std::string& address, std::uint16_t port, milliseconds timeout = default_timeout);
  /// TLS, verified against `ca` (PEM) and `name` (a DNS name or an address; empty: `address`). std::runtime_error has
  /// OpenSSL's words for what is wrong.
  http_client(const std::string& address, std::uint16_t port, const std::string& ca, const std::string& name = {},
              milliseconds timeout = default_timeout);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  bool send(std::string_view bytes);
  /// One response; bytes after it stay for the next call. With `head_only` (an answer to HEAD) no body is expected.
  /// Nothing if it does not come in full: `last_end` says why, `leftover` has what came.
  std::optional<http_response> read_response(bool head_only = false);
  /// `send`, then `read_response`, of no body if the request is a HEAD.
  std::optional<http_response> ask(std::string_view request);
  /// What comes next, at least a byte; empty when nothing does: `last_end` says why.
  std::string read_some();
  /// Everything until the peer ends the connection or the time is up.
  std::string read_until_end();
  /// Whatever comes within `time`.
  std::string read_for(milliseconds time);

  read_end last_end() const noexcept { return end_; }
  const std::string& leftover() const noexcept { return input_; }

  /// No more from us, but we still read.
  void half_close();
  /// RST.
  void reset();
  /// FIN.
  void close();
  int handle() const noexcept { return handle_; }

 private:
  struct tls_deleter {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  };
  using clock = std::chrono::steady_clock;

  void connect(const std::string& address, std::uint16_t port);
  bool wait(short events, clock::time_point until) const;
  bool read_more(clock::time_point until);
  bool read_chunks(http_response& response, std::size_t& at, clock::time_point until);
  bool need(std::size_t size, clock::time_point until);
  std::optional<std::string> take_line(std::size_t& at, clock::time_point until);

  int handle_ = -1;
  milliseconds timeout_;
  std::unique_ptr<SSL_CTX, tls_deleter> context_;
  std::unique_ptr<SSL, tls_deleter> ssl_;
  std::string input_;
  read_end end_ = read_end::complete;
  bool reset_seen_ = false;  ///< by a send; the kernel tells of a reset once, and reads see a mere end afterwards
};

}  // namespace sidecar::test
