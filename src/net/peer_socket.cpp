#include "sidecar/net/peer_socket.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace sidecar::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

error_code last_error() noexcept {
  if (errno == EAGAIN || errno == EINTR) return asio::error::would_block;
  return {errno, boost::system::system_category()};
}

}  // namespace

int peer_socket::native_handle() noexcept { return unregistered_ != closed ? unregistered_ : socket_.native_handle(); }

peer_socket::tcp::socket& peer_socket::registered() {
  if (unregistered_ != closed) {
    socket_.assign(protocol_, unregistered_);
    unregistered_ = closed;
    socket_.non_blocking(true);  // Asio has to be told what the socket is already
  }
  return socket_;
}

std::size_t peer_socket::read_some(asio::mutable_buffer into, error_code& failed) noexcept {
  const auto count = ::recv(native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  if (count < 0) failed = last_error();
  if (count == 0) failed = asio::error::eof;
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t peer_socket::write_some(asio::const_buffer from, error_code& failed) noexcept {
  const auto count = ::send(native_handle(), from.data(), from.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0) failed = last_error();
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void peer_socket::shutdown_send(error_code& failed) noexcept {
  if (::shutdown(native_handle(), SHUT_WR) != 0) failed = last_error();
}

std::size_t peer_socket::available() noexcept {
  int count = 0;
  return ::ioctl(native_handle(), FIONREAD, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

peer_socket::tcp::endpoint peer_socket::remote_endpoint() noexcept {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(native_handle(), peer.data(), &size) != 0) return {};
  peer.resize(size);
  return peer;
}

void peer_socket::cancel() noexcept {
  error_code ignored;
  socket_.cancel(ignored);
}

void peer_socket::close() noexcept {
  if (unregistered_ != closed) ::close(std::exchange(unregistered_, closed));
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace sidecar::net
