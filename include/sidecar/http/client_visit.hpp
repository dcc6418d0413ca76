#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/client_record.hpp"
#include "sidecar/http/client_table.hpp"
#include "sidecar/http/request.hpp"
#include "sidecar/http/server_context.hpp"

namespace sidecar::http {

/// One connection of a client: counts what it is told (traffic), and keeps the record of its address if the server has
/// records. A record that was given to another address in the meantime is begun again with the next request.
class client_visit {
 public:
  using time_point = client_table::time_point;

  /// `server` outlives it.
  client_visit(server_context& server, const boost::asio::ip::address& client, time_point accepted);
  client_visit(const client_visit&) = delete;
  client_visit& operator=(const client_visit&) = delete;

  bool is_recorded() const noexcept { return entry_ != nullptr; }

  void note_tls() noexcept { asked_.tls = true; }
  void note_proxy_source(std::string_view source) noexcept { asked_.proxy_source.assign(source); }
  /// For a request that is answered when the bytes are gone that it refers to: from now on it refers to copies here,
  /// cut to what a record keeps.
  void keep(request& asked) noexcept;

  /// What was asked and told.
  void count(const request& asked, const health::answer& given) noexcept;
  void count(const request& asked, refusal why) noexcept;
  void count_livez(const request& asked) noexcept;
  void count_agent_check(const health::answer& given) noexcept;

  /// When the answers since the last call were given. Separate from counting, so that no request needs to read a clock:
  /// the phase that follows an answer has read it.
  void note_time(time_point answered) noexcept;
  /// The connection ends; `answered` as above.
  void end(time_point answered) noexcept;

 private:
  enum class progress : std::uint8_t {
    mute,      ///< no request so far
    answered,  ///< a request was answered whose time is not noted
    timed,
  };

  client_table::entry& entry() noexcept;
  void open_entry() noexcept;
  client_answer answer_of(const health::answer& given) const noexcept;
  void record(const request& asked, client_answer told) noexcept;
  client_record& begin_record(client_answer told) noexcept;

  server_context& server_;
  client_table::entry* entry_ = nullptr;  ///< null: there are no records
  boost::asio::ip::address address_{};
  time_point accepted_;
  std::uint32_t generation_ = 0;
  progress progress_ = progress::mute;
  client_request asked_{};  ///< TLS and the PROXY header's source; the rest is `keep`'s
};

}  // namespace sidecar::http
