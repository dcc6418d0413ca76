#include "sidecar/net/peer_socket.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

error_code last_error() noexcept {
  if (errno == EAGAIN || errno == EINTR) return asio::error::would_block;
  return {errno, boost::system::system_category()};
}

}  // namespace

std::size_t peer_socket::read_some(asio::mutable_buffer into, error_code& failed) noexcept {
  const auto count = ::recv(descriptor_, into.data(), into.size(), MSG_DONTWAIT);
  if (count < 0) failed = last_error();
  if (count == 0) failed = asio::error::eof;
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t peer_socket::write_some(asio::const_buffer from, more what, error_code& failed) noexcept {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (what == more::follows ? MSG_MORE : 0);
  const auto count = ::send(descriptor_, from.data(), from.size(), flags);
  if (count < 0) failed = last_error();
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void peer_socket::shutdown_send(error_code& failed) noexcept {
  if (::shutdown(descriptor_, SHUT_WR) != 0) failed = last_error();
}

std::size_t peer_socket::available() const noexcept {
  int count = 0;
  return ::ioctl(descriptor_, FIONREAD, &count) == 0 && count > 0 ? static_cast<std::size_t>(count) : 0;
}

tcp::endpoint peer_socket::remote_endpoint() const noexcept {
  tcp::endpoint peer;
  auto size = static_cast<socklen_t>(peer.capacity());
  if (::getpeername(descriptor_, peer.data(), &size) != 0) return {};
  peer.resize(size);
  return peer;
}

void peer_socket::close() noexcept {
  if (!is_open()) return;
  reactor_->forget(descriptor_);
  ::close(std::exchange(descriptor_, closed));
}

}  // namespace sidecar::net
