#pragma once

#include <boost/asio/ip/address.hpp>
#include <string_view>

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/client_record.hpp"
#include "sidecar/http/request.hpp"
#include "sidecar/http/server_context.hpp"

namespace sidecar::http {

/// One connection of a client: counts its answers (traffic), and keeps the record of its address if the server has
/// records.
class client_visit {
 public:
  using time_point = client_table::time_point;

  /// `server` outlives it.
  client_visit(server_context& server, const boost::asio::ip::address& client, time_point accepted);
  client_visit(const client_visit&) = delete;
  client_visit& operator=(const client_visit&) = delete;

  bool is_recorded() const noexcept { return server_.clients != nullptr; }

  void note_tls() noexcept { request_.tls = true; }
  void note_proxy_source(std::string_view source) noexcept { request_.proxy_source.assign(source); }

  /// A request and its answer. Requests that were read at once have one time, and so no interval.
  void count(const request& received, const health::answer& given, time_point arrived) noexcept;
  void count(const request& received, refusal why, time_point arrived) noexcept;
  void count_livez(const request& received, time_point arrived) noexcept;
  void count_agent_check(const health::answer& given, time_point arrived) noexcept;

  /// The connection ends: one without a request is counted as mute.
  void end(time_point ended) noexcept;

 private:
  client_answer answer_of(const health::answer& given) const noexcept;
  void record(const request& received, client_answer given, time_point arrived) noexcept;
  client_record& begin_record(client_answer given, time_point arrived) noexcept;

  server_context& server_;
  boost::asio::ip::address client_;
  time_point accepted_;
  bool is_mute_ = true;       ///< no request so far
  client_request request_{};  ///< the last one; TLS and the PROXY header's source are the connection's
};

}  // namespace sidecar::http
