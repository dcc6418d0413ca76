#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "sidecar/http/connections.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/response.hpp"

namespace sidecar::http {

/// What all sessions of a server share; outlives them, or the io_context stops first.
struct session_context {
  session_context(const boost::asio::any_io_executor& executor, health_endpoint asked, unsigned unhealthy_status,
                  const limits& allowed)
      : endpoint(std::move(asked)), answers(unhealthy_status), bounds(allowed), open(executor, bounds) {}

  const health_endpoint endpoint;
  const responses answers;
  const limits bounds;
  connections open;
  bool told_of_tls = false;  ///< logged once, for a client that tries again every other second
  bool told_of_proxy = false;
};

class session;
struct session_deleter {
  void operator()(session* one) const noexcept;
};
using session_ptr = std::unique_ptr<session, session_deleter>;

session_ptr make_session(boost::asio::ip::tcp::socket socket, session_context& context);

/// Answers one connection's requests, one at a time and in order, until the peer closes, a deadline passes or the
/// protocol asks for the end. While `at_once` answers, a request costs one receive that brings something, one send, and
/// no allocation.
boost::asio::awaitable<void> run_session(session_ptr self);

}  // namespace sidecar::http
