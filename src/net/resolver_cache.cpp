#include "sidecar/net/resolver_cache.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/base/shortage.hpp"
#include "sidecar/net/blocking_lookup.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::size_t lookups_under_way = 0;

/// The resolver reports "try again later" if it got no socket; a probe finds the cause.
error_code cause_of(error_code failed) {
  const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) {
    const error_code problem{errno, boost::system::system_category()};
    return descriptor_advice(problem).empty() ? failed : problem;
  }
  ::close(probe);
  return failed;
}

}  // namespace

bool is_reserve_usable(time_point distrusted, time_point now) noexcept {
  constexpr std::chrono::seconds reserve_lasts{60};
  return now - distrusted < reserve_lasts;
}

resolver_cache::resolver_cache(const asio::any_io_executor& executor, std::string host, std::uint16_t port)
    : host_(std::move(host)), port_(port), resolver_(executor) {
  error_code not_a_literal;
  const auto address = asio::ip::make_address(host_, not_a_literal);
  if (not_a_literal) return;
  host_.clear();
  known_.emplace_back(address, port);
}

asio::awaitable<result<resolver_cache::addresses>> resolver_cache::find() {
  auto keep_alive = shared_from_this();
  if (is_trusted()) co_return known_;
  // A lookup of an earlier caller is still pending: try the addresses that worked before.
  if (is_pending_ && !known_.empty()) co_return known_;
  if (!is_pending_) start_lookup(host_);
  if (is_pending_) {
    if (!finished_ || finished_->is_set()) finished_ = std::make_shared<one_shot_event>(resolver_.get_executor());
    const auto finished = finished_;
    co_await finished->wait();
  }
  if (is_pending_) co_return error_code{asio::error::operation_aborted};
  if (known_.empty()) co_return last_error_;
  co_return known_;
}

std::size_t resolver_cache::pending_lookups() noexcept { return lookups_under_way; }

void resolver_cache::set_pending(bool now) noexcept {
  if (std::exchange(is_pending_, now) == now) return;
  now ? ++lookups_under_way : --lookups_under_way;
}

void resolver_cache::start_lookup(const std::string& host) try {
  resolver_.async_resolve(
      host, std::to_string(port_),
      [self = shared_from_this(), host](error_code failed, const tcp::resolver::results_type& found) {
        self->set_pending(false);
        if (failed && host.ends_with('.')) return self->start_lookup(host.substr(0, host.size() - 1));
        self->conclude(failed, {found.begin(), found.end()});
      });
  // Set after async_resolve, which throws if no thread can be started: then no handler would reset it.
  set_pending(true);
  if (std::exchange(thread_problem_, {})) log::info("a thread can be started again to look up names");
} catch (const boost::system::system_error& refused) {
  look_up_without_thread(refused.code());
}

void resolver_cache::look_up_without_thread(error_code problem) {
  if (std::exchange(thread_problem_, problem) != problem) {
    log::warn(
        "no thread can be started to look up the API server's name; lookups run on the thread that answers health "
        "checks, every 30 s at most, and may delay answers by up to 2 s; " +
            std::string{thread_advice(problem)},
        {{"host", host_}, {"problem", problem.message()}});
  }
  const auto now = boottime_clock::now();
  if (!known_.empty() && is_reserve_usable(distrusted_.value_or(now), now)) return wake();
  auto found = look_up_blocking(resolver_, host_, port_, now);
  conclude(found ? error_code{} : found.error(), found ? std::move(*found) : addresses{});
}

void resolver_cache::conclude(error_code failed, addresses found) {
  set_pending(false);
  last_error_ = failed ? cause_of(failed) : failed;
  if (!failed) {
    known_ = std::move(found);
    distrusted_.reset();
  }
  wake();
}

void resolver_cache::wake() {
  if (finished_) finished_->set();
}

void resolver_cache::distrust() {
  if (!host_.empty() && !distrusted_) distrusted_ = boottime_clock::now();
}

asio::awaitable<result<resolver_cache::addresses>> find_within(std::shared_ptr<resolver_cache> cache,
                                                               const deadline& limit) {
  const deadline::guard leave(limit, [cache] { cache->abandon(); });
  co_return co_await cache->find();
}

}  // namespace sidecar::net
