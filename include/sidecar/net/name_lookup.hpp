#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/base/errc.hpp"

namespace sidecar::net {

/// PURE. Whether known addresses that have led nowhere since `distrusted` are to serve where a lookup would have the
/// loop stand still: a server that is restarted has the same ones; one that has moved has not, and by then holds of the
/// usual length are over.
bool reserve_serves(time_point distrusted, time_point now) noexcept;

/// Turns one host into addresses. An IP literal never meets a resolver (nor its thread). A name is looked up when there
/// is no address to try, at most one lookup at a time: a lookup in Asio's thread cannot be stopped, so a caller who
/// gives up simply leaves, and a late result is kept for the next. Where no thread can be had, the known addresses
/// serve as long as they lead to the server; without them the loop's thread looks up (loop_resolver.hpp). Single
/// thread; must be owned by a shared_ptr.
class name_lookup : public std::enable_shared_from_this<name_lookup> {
 public:
  using addresses = std::vector<boost::asio::ip::tcp::endpoint>;

  /// A name that ends in a dot is looked up as it is; without the dot only after that, as /etc/hosts has it.
  name_lookup(boost::asio::any_io_executor executor, std::string host, std::uint16_t port);
  ~name_lookup();

  /// The known addresses, or else those of a lookup. Ends with operation_aborted when `abandon` is called meanwhile.
  /// Errors: the resolver's, or the system's where the resolver could have no descriptor.
  boost::asio::awaitable<result<addresses>> find();

  /// Wakes who waits in find(); the lookup itself goes on.
  void abandon();

  /// The known addresses have led to the server.
  void trust();
  /// They did not: the next find() looks the name up again. They stay in reserve for the case that the lookup does not
  /// come back.
  void distrust();

  /// True while Asio's resolver thread may be stuck in a lookup: joining it would then delay the exit.
  bool is_pending() const noexcept;

  /// Why the last lookup had no thread; no error if it had one.
  boost::system::error_code thread_problem() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;

  void start_lookup(const std::string& host);
  void look_up_without_thread(boost::system::error_code problem);
  void conclude(boost::system::error_code failed, addresses found);
};

}  // namespace sidecar::net
