#include "sidecar/http/listener.hpp"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/ip/v6_only.hpp>

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

result<tcp::acceptor> open_one(const asio::any_io_executor& executor, const tcp::endpoint& endpoint) {
  tcp::acceptor acceptor(executor);
  boost::system::error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), ec);
  // Accepted sockets inherit these options, which saves a system call each; the buffer sizes must be set before listen
  // (tcp(7)).
  if (!ec) acceptor.set_option(tcp::no_delay(true), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::receive_buffer_size(receive_buffer_bytes), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::send_buffer_size(send_buffer_bytes), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(tcp::acceptor::max_listen_connections, ec);
  if (ec) return ec;
  return acceptor;
}

bool is_ipv6_missing(const boost::system::error_code& ec) {
  return ec == asio::error::address_family_not_supported || ec == boost::system::errc::address_not_available;
}

}  // namespace

result<tcp::acceptor> open_listener(asio::any_io_executor executor, const asio::ip::address& address,
                                    std::uint16_t port, bool fallback_allowed) {
  auto opened = open_one(executor, {address, port});
  const bool any_v6 = address.is_v6() && address.is_unspecified();
  if (opened || !fallback_allowed || !any_v6 || !is_ipv6_missing(opened.error())) return opened;
  return open_one(executor, {asio::ip::address_v4::any(), port});
}

std::size_t raise_open_file_limit() noexcept {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 0;
  if (files.rlim_cur < files.rlim_max) {
    auto raised = files;
    raised.rlim_cur = files.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) files = raised;
  }
  return files.rlim_cur;
}

/// By opening so many at once: the limit alone does not say how many are in use. An eventfd is the cheapest.
bool can_open(std::size_t descriptors) noexcept {
  if (descriptors == 0) return true;
  const int one = ::eventfd(0, EFD_CLOEXEC);
  if (one < 0) return false;
  const bool others = can_open(descriptors - 1);
  ::close(one);
  return others;
}

}  // namespace sidecar::http
