#include "sidecar/net/tls_connection.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <new>

#include "sidecar/net/certificate_failure.hpp"
#include "sidecar/net/hello_watch.hpp"

namespace sidecar::net {

namespace {

/// From a socket in one call. OpenSSL goes on for as long as there is something to read that is no data (and a client
/// for as long as it is asked to say hello again), and nobody else would get a turn.
constexpr std::size_t most_read_bytes = 64 * 1024;

/// From a peer that has not shown who it is.
constexpr std::size_t most_handshake_bytes = 256 * 1024;

}  // namespace

/// Where OpenSSL's bytes come from and go to.
struct tls_connection::channel {
  int socket;
  bool is_server;
  std::string before = {};  ///< bytes to hand out before those of the socket
  hello_watch hellos{};
  std::string_view refusal = {};  ///< of what came; OpenSSL has not seen it
  int error = 0;                  ///< of the socket
  std::size_t left = 0;           ///< of `most_read_bytes`
  bool secured = false;           ///< the handshake is done
  std::size_t handshake_bytes = 0;

  bool allows(std::string_view bytes) noexcept {
    if (!secured && (handshake_bytes += bytes.size()) > most_handshake_bytes) {
      refusal = "a TLS handshake larger than any certificates make it";
    } else if (is_server && !hellos.allows(bytes)) {
      refusal = "a ClientHello larger than any load balancer's";
    }
    return refusal.empty();
  }
};

namespace {

/// OpenSSL's own socket BIO writes with write(), and SIGPIPE follows; and it knows of no bytes read before.
template <class Channel>
struct socket_bio {
  static Channel& channel_of(BIO* bio) { return *static_cast<Channel*>(::BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    auto& from = channel_of(bio);
    ::BIO_clear_retry_flags(bio);
    if (!from.refusal.empty()) return -1;
    const auto most = std::min(static_cast<std::size_t>(size), from.left);
    if (most == 0) {
      ::BIO_set_retry_read(bio);
      return -1;
    }
    const auto count = from.before.empty() ? take(from, bio, into, most) : take_before(from, into, most);
    if (count <= 0) return static_cast<int>(count);
    from.left -= static_cast<std::size_t>(count);
    return from.allows({into, static_cast<std::size_t>(count)}) ? static_cast<int>(count) : -1;
  }

  static ssize_t take_before(Channel& from, char* into, std::size_t most) {
    const auto count = std::min(from.before.size(), most);
    std::copy_n(from.before.begin(), count, into);
    from.before.erase(0, count);
    if (from.before.empty()) from.before = {};
    return static_cast<ssize_t>(count);
  }

  static ssize_t take(Channel& from, BIO* bio, char* into, std::size_t most) {
    const auto count = ::recv(from.socket, into, most, 0);
    if (count < 0 && is_temporary(from, errno)) ::BIO_set_retry_read(bio);
    return count;
  }

  static int write(BIO* bio, const char* bytes, int size) {
    ::BIO_clear_retry_flags(bio);
    auto& to = channel_of(bio);
    const auto count = ::send(to.socket, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    if (count < 0 && is_temporary(to, errno)) ::BIO_set_retry_write(bio);
    return static_cast<int>(count);
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static bool is_temporary(Channel& met_by, int error) {
    if (error == EAGAIN || error == EINTR) return true;
    met_by.error = error;
    return false;
  }

  static BIO* make(Channel& over) {
    static BIO_METHOD* const method = [] {
      auto* made = ::BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
      if (made == nullptr) throw std::bad_alloc();
      ::BIO_meth_set_read(made, &read);
      ::BIO_meth_set_write(made, &write);
      ::BIO_meth_set_ctrl(made, &control);
      return made;
    }();
    auto* bio = ::BIO_new(method);
    if (bio == nullptr) throw std::bad_alloc();
    ::BIO_set_data(bio, &over);
    ::BIO_set_init(bio, 1);
    return bio;
  }
};

/// The newest of OpenSSL's errors, in words, and what was wrong with the peer's certificate.
std::string last_error(SSL* connection) {
  const auto code = ::ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ::ERR_reason_error_string(code);
  std::string text = reason == nullptr ? "unknown error" : reason;
  if (ERR_GET_REASON(code) == ERR_R_ASN1_LIB) text.append(": ").append(unreadable_certificate);
  if (const auto more = verification_failure(connection); !more.empty()) text.append(": ").append(more);
  return text;
}

}  // namespace

tls_connection::tls_connection(tls_context context, std::unique_ptr<channel> over)
    : context_(std::move(context)), channel_(std::move(over)), ssl_(::SSL_new(context_->native_handle()), &::SSL_free) {
  if (!ssl_) throw std::bad_alloc();
  auto* bio = socket_bio<channel>::make(*channel_);
  ::SSL_set_bio(ssl_.get(), bio, bio);
  if (channel_->is_server) {
    ::SSL_set_accept_state(ssl_.get());
  } else {
    ::SSL_set_connect_state(ssl_.get());
  }
}

tls_connection::tls_connection(tls_context context, int socket, std::string_view already_read)
    : tls_connection(std::move(context), std::make_unique<channel>(channel{socket, true, std::string{already_read}})) {}

tls_connection::tls_connection(tls_context context, int socket)
    : tls_connection(std::move(context), std::make_unique<channel>(channel{socket, false})) {}

tls_connection::~tls_connection() = default;

void tls_connection::begin_call() noexcept {
  ::ERR_clear_error();
  channel_->error = 0;
  channel_->left = most_read_bytes;
}

tls_connection::outcome tls_connection::handshake() {
  begin_call();
  const auto what = outcome_of(::SSL_do_handshake(ssl_.get()));
  channel_->secured = what == outcome::done;
  return what;
}

tls_connection::transfer tls_connection::read(boost::asio::mutable_buffer into) {
  begin_call();
  std::size_t count = 0;
  const auto what = outcome_of(::SSL_read_ex(ssl_.get(), into.data(), into.size(), &count));
  return {what, count};
}

tls_connection::transfer tls_connection::write(boost::asio::const_buffer bytes) {
  begin_call();
  std::size_t count = 0;
  const auto what = outcome_of(::SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
  return {what, count};
}

void tls_connection::end() {
  ::ERR_clear_error();
  // After an error, or before the end of the handshake, there is nobody to tell.
  if (failure_.empty() && ::SSL_is_init_finished(ssl_.get()) == 1) ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

bool tls_connection::has_pending() const noexcept { return ::SSL_has_pending(ssl_.get()) != 0; }

tls_connection::outcome tls_connection::outcome_of(int returned) {
  if (returned == 1) return outcome::done;
  if (!channel_->refusal.empty()) {
    failure_ = channel_->refusal;
    error_ = make_error_code(boost::system::errc::message_size);
    ::ERR_clear_error();
    return outcome::failed;
  }
  switch (::SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return outcome::want_read;
    case SSL_ERROR_WANT_WRITE:
      return outcome::want_write;
    case SSL_ERROR_ZERO_RETURN:
      error_ = boost::asio::error::eof;
      return outcome::closed;
    case SSL_ERROR_SYSCALL:  // reset
      error_ = {channel_->error, boost::system::system_category()};
      if (!error_) error_ = boost::asio::ssl::error::stream_truncated;
      return outcome::closed;
    default:
      break;
  }
  // OpenSSL takes a stream that ends without a close_notify for an error; every other load balancer's does.
  const auto code = ::ERR_peek_last_error();
  const bool gone = ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (!gone) failure_ = last_error(ssl_.get());
  error_ = boost::asio::ssl::error::stream_truncated;
  if (!gone && code != 0) error_ = {static_cast<int>(code), boost::asio::error::get_ssl_category()};
  ::ERR_clear_error();
  return gone ? outcome::closed : outcome::failed;
}

}  // namespace sidecar::net
