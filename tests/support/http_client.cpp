#include "support/http_client.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "support/http_request.hpp"

namespace sidecar::test {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error{"http_client: " + what}; }

std::string verify_words(SSL* ssl) {
  const long outcome = SSL_get_verify_result(ssl);
  if (outcome != X509_V_OK) return X509_verify_cert_error_string(outcome);
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "handshake failed";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "handshake failed";
}

std::size_t parse_size(std::string_view text, int base) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

std::optional<std::string> http_response::field(std::string_view name) const {
  for (const auto& [known, value] : fields) {
    if (equal_ignoring_case(known, name)) return value;
  }
  return std::nullopt;
}

http_client::http_client(const std::string& address, std::uint16_t port, milliseconds timeout) : timeout_{timeout} {
  connect(address, port);
}

http_client::http_client(const std::string& address, std::uint16_t port, const std::string& ca, const std::string& name,
                         milliseconds timeout)
    : timeout_{timeout}, context_{SSL_CTX_new(TLS_client_method())} {
  BIO* const text = BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size()));
  X509* const cert = PEM_read_bio_X509(text, nullptr, nullptr, nullptr);
  BIO_free(text);
  if (cert == nullptr) fail("no CA certificate");
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), cert);
  X509_free(cert);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  ssl_.reset(SSL_new(context_.get()));
  const std::string wanted = name.empty() ? address : name;
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl_.get());
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, wanted.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(parameters, wanted.c_str(), wanted.size());
    // SSL_set_tlsext_host_name is a macro with a C cast.
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(wanted.c_str()));
  }
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);

  connect(address, port);
  SSL_set_fd(ssl_.get(), handle_);
  const auto until = clock::now() + timeout_;
  for (;;) {
    ERR_clear_error();
    const int done = SSL_connect(ssl_.get());
    if (done == 1) return;
    const int why = SSL_get_error(ssl_.get(), done);
    const bool again = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
    if (again && wait(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) continue;
    const std::string words = again ? "handshake timed out" : verify_words(ssl_.get());
    close();
    fail(words);
  }
}

http_client::~http_client() { close(); }

void http_client::connect(const std::string& address, std::uint16_t port) {
  const boost::asio::ip::tcp::endpoint peer{boost::asio::ip::make_address(address), port};
  handle_ = ::socket(peer.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (handle_ < 0) fail(std::strerror(errno));
  // As checkers do: a TLS client's last word and its request are two writes.
  const int at_once = 1;
  ::setsockopt(handle_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  int error = 0;
  if (::connect(handle_, peer.data(), static_cast<socklen_t>(peer.size())) != 0) {
    error = errno;
    if (error == EINPROGRESS) {
      socklen_t size = sizeof error;
      if (!wait(POLLOUT, clock::now() + timeout_) || ::getsockopt(handle_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = ETIMEDOUT;
      }
    }
  }
  if (error == 0) return;
  close();
  fail(std::strerror(error));
}

bool http_client::wait(short events, clock::time_point until) const {
  const auto left = std::chrono::ceil<milliseconds>(until - clock::now());
  pollfd ready{handle_, events, 0};
  return ::poll(&ready, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0))) > 0;
}

bool http_client::send(std::string_view bytes) {
  const auto until = clock::now() + timeout_;
  while (!bytes.empty()) {
    short wanted = POLLOUT;
    if (ssl_) {
      ERR_clear_error();
      errno = 0;
      const int size = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (size > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(size));
        continue;
      }
      const int why = SSL_get_error(ssl_.get(), size);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        reset_seen_ = errno == ECONNRESET;
        return false;
      }
      if (why == SSL_ERROR_WANT_READ) wanted = POLLIN;
    } else {
      const ssize_t size = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(size));
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) {
        reset_seen_ = errno == ECONNRESET;
        return false;
      }
    }
    if (!wait(wanted, until)) return false;
  }
  return true;
}

bool http_client::read_more(clock::time_point until) {
  std::array<char, 16384> buffer;
  for (;;) {
    short wanted = POLLIN;
    errno = 0;
    if (ssl_) {
      ERR_clear_error();
      const int size = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
      if (size > 0) {
        input_.append(buffer.data(), static_cast<std::size_t>(size));
        return true;
      }
      const int why = SSL_get_error(ssl_.get(), size);
      const int reason = ERR_GET_REASON(ERR_peek_error());
      if (why == SSL_ERROR_WANT_WRITE) wanted = POLLOUT;
      if (why == SSL_ERROR_ZERO_RETURN) {
        end_ = read_end::closed;
        return false;
      }
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) {
        end_ = errno == ECONNRESET || reset_seen_             ? read_end::reset
               : reason == SSL_R_UNEXPECTED_EOF_WHILE_READING ? read_end::truncated
                                                              : read_end::tls_error;
        ERR_clear_error();
        return false;
      }
    } else {
      const ssize_t size = ::recv(handle_, buffer.data(), buffer.size(), 0);
      if (size > 0) {
        input_.append(buffer.data(), static_cast<std::size_t>(size));
        return true;
      }
      if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        end_ = size == 0 && !reset_seen_ ? read_end::closed : read_end::reset;
        return false;
      }
    }
    if (!wait(wanted, until)) {
      end_ = read_end::timeout;
      return false;
    }
  }
}

bool http_client::need(std::size_t size, clock::time_point until) {
  while (input_.size() < size) {
    if (!read_more(until)) return false;
  }
  return true;
}

std::optional<std::string> http_client::take_line(std::size_t& at, clock::time_point until) {
  for (;;) {
    const std::size_t end = input_.find("\r\n", at);
    if (end != std::string::npos) {
      std::string line = input_.substr(at, end - at);
      at = end + 2;
      return line;
    }
    if (!read_more(until)) return std::nullopt;
  }
}

bool http_client::read_chunks(http_response& response, std::size_t& at, clock::time_point until) {
  for (;;) {
    const auto line = take_line(at, until);
    if (!line) return false;
    const std::size_t size = parse_size(*line, 16);
    response.chunks.push_back(size);
    if (size == 0) break;
    if (!need(at + size + 2, until)) return false;
    response.body.append(input_, at, size);
    at += size + 2;
  }
  for (;;) {
    const auto trailer = take_line(at, until);
    if (!trailer) return false;
    if (trailer->empty()) return true;
  }
}

std::optional<http_response> http_client::read_response(bool head_only) {
  const auto until = clock::now() + timeout_;
  end_ = read_end::complete;
  http_response response;
  std::size_t at = 0;
  const auto status_line = take_line(at, until);
  if (!status_line) return std::nullopt;
  response.status_line = *status_line;
  if (const std::size_t blank = status_line->find(' '); blank != std::string::npos) {
    response.status = static_cast<int>(parse_size(std::string_view{*status_line}.substr(blank + 1, 3), 10));
  }
  for (;;) {
    const auto line = take_line(at, until);
    if (!line) return std::nullopt;
    if (line->empty()) break;
    const std::size_t colon = std::min(line->find(':'), line->size());
    const std::size_t value = std::min(line->find_first_not_of(' ', colon + 1), line->size());
    response.fields.emplace_back(line->substr(0, colon), line->substr(value));
  }
  response.head = input_.substr(0, at);

  const bool no_body = head_only || response.status / 100 == 1 || response.status == 204 || response.status == 304;
  if (no_body) {
    input_.erase(0, at);
    return response;
  }
  if (response.field("Transfer-Encoding")) {
    if (!read_chunks(response, at, until)) return std::nullopt;
  } else if (const auto length = response.field("Content-Length")) {
    const std::size_t size = parse_size(*length, 10);
    if (!need(at + size, until)) return std::nullopt;
    response.body = input_.substr(at, size);
    at += size;
  } else {
    while (read_more(until)) {
    }
    if (end_ == read_end::timeout || end_ == read_end::reset) return std::nullopt;
    response.body = input_.substr(at);
    at = input_.size();
  }
  input_.erase(0, at);
  return response;
}

std::optional<http_response> http_client::ask(std::string_view request) {
  // A peer that is gone may have answered before it went.
  send(request);
  return read_response(request.starts_with("HEAD "));
}

std::string http_client::read_some() {
  if (input_.empty()) read_more(clock::now() + timeout_);
  return std::exchange(input_, {});
}

std::string http_client::read_until_end() {
  const auto until = clock::now() + timeout_;
  while (read_more(until)) {
  }
  return std::exchange(input_, {});
}

std::string http_client::read_for(milliseconds time) {
  const auto until = clock::now() + time;
  while (clock::now() < until && read_more(until)) {
  }
  return std::exchange(input_, {});
}

void http_client::half_close() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ::shutdown(handle_, SHUT_WR);
}

void http_client::reset() {
  const linger now{1, 0};
  ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void http_client::close() {
  if (handle_ >= 0) ::close(handle_);
  handle_ = -1;
}

}  // namespace sidecar::test
