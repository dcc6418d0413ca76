#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/pacer.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/net/name_lookup.hpp"
#include "sidecar/net/outbound_stream.hpp"

namespace sidecar::kube {

/// How far a call has got: what a timeout is blamed on.
enum class call_phase : std::uint8_t { looking_up, connecting, shaking_hands, sending, waiting, reading };

std::string_view name(call_phase where) noexcept;

/// What whoever gives up on a call needs to know of it, and it of them. Shared by both.
struct call_state {
  std::shared_ptr<net::outbound_stream> stream{};  ///< the one in use, to be closed by whoever gives up
  call_phase where = call_phase::looking_up;
  bool abandoned = false;  ///< nobody waits any more
};

/// The way to one API server: its addresses, the trust in it, and the pace of calls. One thread; calls of one link are
/// made one at a time. `credentials` must outlive it.
class api_link {
 public:
  /// Links with the same `pace` keep 1/QPS between the starts of all their calls together. `patience` is how long one
  /// address may take to answer a connect.
  api_link(boost::asio::any_io_executor executor, config::api_url url, std::chrono::nanoseconds patience,
           std::shared_ptr<pacer> pace, service_account& credentials);

  /// Returns when a call may start, and has it started.
  boost::asio::awaitable<void> take_turn();
  /// A call starts now, whatever it took to get there.
  void started(time_point now) { pace_->started(now); }

  /// Looks at the token and the CA bundle.
  void refresh_credentials();

  struct refusal {
    failure problem;
    bool is_untrusted = false;  ///< by its certificate: a newer CA bundle may help
  };
  using connected = std::variant<std::shared_ptr<net::outbound_stream>, refusal>;

  /// A new connection, secured unless the URL says otherwise. `progress` is kept up to date; once it is abandoned the
  /// outcome means nothing. No time limit but the one of whoever closes `progress->stream` and calls `abandon_lookup`.
  boost::asio::awaitable<connected> connect(std::shared_ptr<call_state> progress);

  /// What it means that a call has no time left: `detail` says what it was at.
  failure out_of_time(call_phase where, std::string detail) const;

  /// Whoever waits for a name lookup goes on; the lookup itself cannot be stopped.
  void abandon_lookup() { lookup_->abandon(); }
  /// True while such a lookup is under way.
  bool is_looking_up() const noexcept { return lookup_->is_pending(); }

  /// Value of the Host field.
  std::string authority() const;
  /// The fields that close a head of request.hpp: the token, unless the connection is plain.
  std::string closing_fields() const;

  const config::api_url& url() const noexcept { return url_; }
  service_account& credentials() const noexcept { return credentials_; }

 private:
  refusal refused(net::outbound_stream& stream, boost::system::error_code problem);
  std::string lookup_failure(const boost::system::error_code& problem) const;

  boost::asio::any_io_executor executor_;
  config::api_url url_;
  std::chrono::nanoseconds patience_;
  std::shared_ptr<pacer> pace_;
  service_account& credentials_;
  std::shared_ptr<net::name_lookup> lookup_;
};

/// How long one address may take for a connect: it is tried again from another port after a fifth of a call's time, but
/// not before a far away server could have answered.
std::chrono::milliseconds connect_patience(std::chrono::milliseconds call_timeout);

}  // namespace sidecar::kube
