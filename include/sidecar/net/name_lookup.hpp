#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sidecar/base/errc.hpp"

namespace sidecar::net {

/// Turns one host into addresses. An IP literal never meets a resolver (nor its thread). A name is looked up when there
/// is no address to try, at most one lookup at a time: a lookup in Asio's thread cannot be stopped, so a caller who
/// gives up simply leaves, and a late result is kept for the next. Single thread; must be owned by a shared_ptr.
class name_lookup : public std::enable_shared_from_this<name_lookup> {
 public:
  using addresses = std::vector<boost::asio::ip::tcp::endpoint>;

  name_lookup(boost::asio::any_io_executor executor, std::string host, std::uint16_t port);
  ~name_lookup();

  /// The known addresses, or else those of a lookup. Ends with operation_aborted when `abandon` is called meanwhile.
  /// Errors: the resolver's.
  boost::asio::awaitable<result<addresses>> find();

  /// Wakes who waits in find(); the lookup itself goes on.
  void abandon();

  /// The known addresses did not lead to the server: the next find() looks the name up again. They stay in reserve for
  /// the case that the lookup does not come back.
  void distrust();

  /// True while Asio's resolver thread may be stuck in a lookup: joining it would then delay the exit.
  bool is_pending() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;

  void start_lookup();
};

}  // namespace sidecar::net
