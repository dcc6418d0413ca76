#include "sidecar/http/listener.hpp"

#include <sys/resource.h>

#include <boost/asio/ip/v6_only.hpp>
#include <utility>

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

result<tcp::acceptor> open_one(const asio::any_io_executor& executor, const tcp::endpoint& at) {
  tcp::acceptor acceptor(executor);
  boost::system::error_code ec;
  acceptor.open(at.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && at.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), ec);
  // Accepted sockets inherit them, which saves each of them a system call; the sizes count only if they are there
  // before it listens (tcp(7)).
  if (!ec) acceptor.set_option(tcp::no_delay(true), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::receive_buffer_size(unread_bytes), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::send_buffer_size(untaken_bytes), ec);
  if (!ec) acceptor.bind(at, ec);
  if (!ec) acceptor.listen(tcp::acceptor::max_listen_connections, ec);
  if (ec) return ec;
  return acceptor;
}

bool without_ipv6(const boost::system::error_code& ec) {
  return ec == asio::error::address_family_not_supported || ec == boost::system::errc::address_not_available;
}

}  // namespace

result<tcp::acceptor> open_listener(asio::any_io_executor executor, const asio::ip::address& address,
                                    std::uint16_t port, bool fallback_allowed) {
  auto opened = open_one(executor, {address, port});
  const bool any_v6 = address.is_v6() && address.is_unspecified();
  if (opened || !fallback_allowed || !any_v6 || !without_ipv6(opened.error())) return opened;
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

}  // namespace sidecar::http
