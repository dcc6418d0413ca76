#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/base/errc.hpp"
#include "sidecar/net/deadline.hpp"
#include "sidecar/net/one_shot_event.hpp"

namespace sidecar::net {

/// PURE. Whether known addresses that have failed since `distrusted` are still used if a lookup would block the loop. A
/// restarted server keeps its addresses; a moved one does not, and after a minute answers are no longer held anyway.
bool is_reserve_usable(time_point distrusted, time_point now) noexcept;

/// Resolves one host. An IP literal needs no resolver (and no resolver thread). A name is looked up when there is no
/// address to try, one lookup at a time: a lookup in Asio's thread cannot be cancelled, so a caller that gives up
/// leaves it, and its late result is kept for the next caller. If no thread can be started, the known addresses are
/// used as long as they work, then the loop's thread looks up (blocking_lookup.hpp). Not thread-safe; must be owned by
/// a shared_ptr.
class resolver_cache : public std::enable_shared_from_this<resolver_cache> {
 public:
  using addresses = std::vector<boost::asio::ip::tcp::endpoint>;

  /// A name that ends in a dot is looked up as it is, then without the dot (for /etc/hosts).
  resolver_cache(const boost::asio::any_io_executor& executor, std::string host, std::uint16_t port);
  resolver_cache(const resolver_cache&) = delete;
  resolver_cache& operator=(const resolver_cache&) = delete;
  ~resolver_cache() { set_pending(false); }

  /// The known addresses, else those of a lookup. Ends with operation_aborted if `abandon` is called meanwhile. Other
  /// errors: the resolver's, or the system's if the resolver got no descriptor.
  boost::asio::awaitable<result<addresses>> find();

  /// Wakes callers of find(); the lookup itself continues.
  void abandon() { wake(); }

  /// The known addresses work.
  void trust() { distrusted_.reset(); }
  /// They failed: the next find() looks the name up again. They stay in reserve until that lookup has a result.
  void distrust();

  /// The lookups of this process that are under way in Asio's resolver threads. They cannot be cancelled, and joining
  /// their threads would delay the exit.
  static std::size_t pending_lookups() noexcept;

  /// Why no thread could be started for the last lookup; no error if it had one.
  boost::system::error_code thread_problem() const noexcept { return thread_problem_; }

 private:
  bool is_trusted() const { return !known_.empty() && !distrusted_; }
  void set_pending(bool now) noexcept;
  void start_lookup(const std::string& host);
  void wake();
  void look_up_without_thread(boost::system::error_code problem);
  void conclude(boost::system::error_code failed, addresses found);

  std::string host_;  ///< empty for an IP literal
  std::uint16_t port_;
  boost::asio::ip::tcp::resolver resolver_;
  bool is_pending_ = false;
  addresses known_{};
  std::optional<time_point> distrusted_{};  ///< when the known addresses failed; empty: they work
  boost::system::error_code last_error_{};
  boost::system::error_code thread_problem_{};
  std::shared_ptr<one_shot_event> finished_{};
};

/// `find` that is abandoned when `limit` passes.
boost::asio::awaitable<result<resolver_cache::addresses>> find_within(std::shared_ptr<resolver_cache> cache,
                                                                      const deadline& limit);

}  // namespace sidecar::net
