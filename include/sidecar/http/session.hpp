#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <string>

#include "sidecar/http/client_visit.hpp"
#include "sidecar/http/connection.hpp"
#include "sidecar/http/head_buffer.hpp"
#include "sidecar/http/keep_alive.hpp"
#include "sidecar/http/request_reader.hpp"
#include "sidecar/http/server_context.hpp"
#include "sidecar/net/server_stream.hpp"

namespace sidecar::http {

/// A client while it is served: its connection and input. Lives in the coroutine that serves it.
struct session {
  server_context& server;
  connection& client;
  client_visit visit{server, client.client().address(), client.since()};
  head_buffer input{};
  std::chrono::steady_clock::time_point arrived{};  ///< when `input` was read: the time of the requests in it
  request_reader reader{};
  std::string output{};            ///< the last answer; the next one is written into its memory
  bool plain_on_tls_port = false;  ///< plain HTTP on a TLS port: only /livez is answered
  int answers_in_a_row = 0;        ///< since it last waited for input

  net::server_stream& stream() noexcept { return client.stream(); }

  void warn(const std::string& what) { server.warnings.add(what, client.client()); }

  /// Reads once into `input`. Errors: the client has disconnected, or timed_out.
  boost::asio::awaitable<boost::system::error_code> receive();

  /// Sends no byte, because many load balancers count any byte as up; logs what to correct.
  next_step end_silently();
};

/// Everything before the first request: an optional PROXY header, then TLS if configured. `proceed`: requests may
/// follow.
boost::asio::awaitable<next_step> begin_session(session& current);

}  // namespace sidecar::http
