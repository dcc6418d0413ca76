#include "support/channel.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <new>
#include <utility>

#include "support/use_result.hpp"

namespace sidecar::test {
namespace {

namespace asio = boost::asio;

boost::system::error_code tls_failure() {
  ERR_clear_error();
  return make_error_code(boost::system::errc::protocol_error);
}

}  // namespace

channel::channel(asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context) : socket_{std::move(socket)} {
  if (!context) return;
  ssl_.reset(SSL_new(context.get()));
  BIO* const in = BIO_new(BIO_s_mem());
  BIO* const out = BIO_new(BIO_s_mem());
  if (!ssl_ || in == nullptr || out == nullptr) throw std::bad_alloc{};
  SSL_set_bio(ssl_.get(), in, out);
  SSL_set_accept_state(ssl_.get());
}

std::string channel::server_name() const {
  const char* const name = ssl_ ? SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name) : nullptr;
  return name == nullptr ? std::string{} : std::string{name};
}

void channel::collect_output() {
  BIO* const out = SSL_get_wbio(ssl_.get());
  const std::size_t pending = BIO_ctrl_pending(out);
  if (pending == 0) return;
  const std::size_t before = output_.size();
  output_.resize(before + pending);
  BIO_read(out, output_.data() + before, static_cast<int>(pending));
}

asio::awaitable<channel::error_code> channel::flush() {
  if (output_.empty()) co_return error_code{};
  const asio::const_buffer bytes = asio::buffer(output_);
  auto [ec, size] = co_await asio::async_write(socket_, bytes, use_result);
  output_.clear();
  sent_ += size;
  co_return ec;
}

asio::awaitable<channel::error_code> channel::receive(std::size_t& size) {
  const asio::mutable_buffer room = asio::buffer(input_);
  auto [ec, received] = co_await socket_.async_read_some(room, use_result);
  size = received;
  received_ += received;
  co_return ec;
}

asio::awaitable<channel::error_code> channel::handshake(bool half_way) {
  if (!ssl_) co_return error_code{};
  for (;;) {
    const int done = SSL_do_handshake(ssl_.get());
    collect_output();
    std::string rest;
    if (half_way && !output_.empty()) {
      rest = output_.substr(output_.size() / 2);
      output_.resize(output_.size() / 2);
    }
    error_code ec = co_await flush();
    if (ec) co_return ec;
    if (!rest.empty()) {
      output_ = std::move(rest);
      co_return error_code{};
    }
    if (done == 1) {
      secured_ = true;
      co_return error_code{};
    }
    if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) co_return tls_failure();
    std::size_t size = 0;
    ec = co_await receive(size);
    if (ec) co_return ec;
    BIO_write(SSL_get_rbio(ssl_.get()), input_.data(), static_cast<int>(size));
  }
}

/// Appends what TLS has made of the bytes so far; would_block if it needs more of them.
channel::error_code channel::decrypt(std::string& into) {
  const int size = SSL_read(ssl_.get(), input_.data(), static_cast<int>(input_.size()));
  if (size > 0) {
    into.append(input_.data(), static_cast<std::size_t>(size));
    return {};
  }
  const int why = SSL_get_error(ssl_.get(), size);
  if (why == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
  return why == SSL_ERROR_WANT_READ ? make_error_code(asio::error::would_block) : tls_failure();
}

asio::awaitable<channel::error_code> channel::read_some(std::string& into) { return read(into, true); }

asio::awaitable<channel::error_code> channel::overhear(std::string& into) { return read(into, false); }

/// What TLS has to say meanwhile is sent, or kept.
asio::awaitable<channel::error_code> channel::read(std::string& into, bool sends) {
  for (;;) {
    if (ssl_) {
      const error_code decrypted = decrypt(into);
      if (decrypted != asio::error::would_block) co_return decrypted;
    }
    if (ssl_ && sends) {
      collect_output();
      const error_code sent = co_await flush();
      if (sent) co_return sent;
    }
    std::size_t size = 0;
    const error_code ec = co_await receive(size);
    if (ec) co_return ec;
    if (!ssl_) {
      into.append(input_.data(), size);
      co_return error_code{};
    }
    BIO_write(SSL_get_rbio(ssl_.get()), input_.data(), static_cast<int>(size));
  }
}

asio::awaitable<channel::error_code> channel::write(std::string_view bytes) {
  if (bytes.empty()) co_return error_code{};
  if (ssl_) {
    if (SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) co_return tls_failure();
    collect_output();
    const error_code ec = co_await flush();
    co_return ec;
  }
  const asio::const_buffer buffer = asio::buffer(bytes);
  auto [ec, size] = co_await asio::async_write(socket_, buffer, use_result);
  sent_ += size;
  co_return ec;
}

asio::awaitable<void> channel::say_goodbye(bool close_notify) {
  if (secured_ && close_notify) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    collect_output();
    const error_code ignored = co_await flush();
    static_cast<void>(ignored);
  }
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

asio::awaitable<void> channel::wait_until_gone() {
  for (;;) {
    std::size_t size = 0;
    const error_code ec = co_await receive(size);
    if (ec) co_return;
  }
}

void channel::reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

void channel::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace sidecar::test
