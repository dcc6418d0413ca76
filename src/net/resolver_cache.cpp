#include "sidecar/net/resolver_cache.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/base/shortage.hpp"
#include "sidecar/net/blocking_lookup.hpp"
#include "sidecar/net/one_shot_event.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

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

struct resolver_cache::state {
  asio::any_io_executor executor;
  std::string host;
  std::uint16_t port;
  tcp::resolver resolver;
  bool is_literal = false;
  bool is_pending = false;
  addresses known{};
  std::optional<time_point> distrusted{};  ///< when the known addresses failed; empty: they work
  error_code last_error{};
  error_code thread_problem{};
  std::shared_ptr<one_shot_event> finished{};

  bool is_trusted() const { return !known.empty() && !distrusted; }
};

resolver_cache::resolver_cache(asio::any_io_executor executor, std::string host, std::uint16_t port)
    : state_(new state{executor, std::move(host), port, tcp::resolver{executor}}) {
  error_code not_a_literal;
  const auto address = asio::ip::make_address(state_->host, not_a_literal);
  if (not_a_literal) return;
  state_->is_literal = true;
  state_->known.emplace_back(address, port);
}

resolver_cache::~resolver_cache() = default;

asio::awaitable<result<resolver_cache::addresses>> resolver_cache::find() {
  auto keep_alive = shared_from_this();
  auto& self = *state_;
  if (self.is_literal || self.is_trusted()) co_return self.known;
  // A lookup of an earlier caller is still pending: try the addresses that worked before.
  if (self.is_pending && !self.known.empty()) co_return self.known;
  if (!self.is_pending) start_lookup(self.host);
  if (self.is_pending) {
    if (!self.finished || self.finished->is_set()) self.finished = std::make_shared<one_shot_event>(self.executor);
    const auto finished = self.finished;
    co_await finished->wait();
  }
  if (self.is_pending) co_return error_code{asio::error::operation_aborted};
  if (self.known.empty()) co_return self.last_error;
  co_return self.known;
}

void resolver_cache::start_lookup(const std::string& host) try {
  state_->resolver.async_resolve(
      host, std::to_string(state_->port),
      [self = shared_from_this(), host](error_code failed, const tcp::resolver::results_type& found) {
        self->state_->is_pending = false;
        if (failed && host.ends_with('.')) return self->start_lookup(host.substr(0, host.size() - 1));
        self->conclude(failed, {found.begin(), found.end()});
      });
  // Set after async_resolve, which throws if no thread can be started: then no handler would reset it.
  state_->is_pending = true;
  if (std::exchange(state_->thread_problem, {})) log::info("a thread can be started again to look up names");
} catch (const boost::system::system_error& refused) {
  look_up_without_thread(refused.code());
}

void resolver_cache::look_up_without_thread(error_code problem) {
  auto& self = *state_;
  if (std::exchange(self.thread_problem, problem) != problem) {
    log::warn(
        "no thread can be started to look up the API server's name; lookups run on the thread that answers health "
        "checks, every 30 s at most, and may delay answers by up to 2 s; " +
            std::string{thread_advice(problem)},
        {{"host", self.host}, {"problem", problem.message()}});
  }
  const auto now = boottime_clock::now();
  if (!self.known.empty() && is_reserve_usable(self.distrusted.value_or(now), now)) return wake();
  auto found = look_up_blocking(self.resolver, self.host, self.port, now);
  conclude(found ? error_code{} : found.error(), found ? std::move(*found) : addresses{});
}

void resolver_cache::conclude(error_code failed, addresses found) {
  auto& self = *state_;
  self.is_pending = false;
  self.last_error = failed ? cause_of(failed) : failed;
  if (!failed) {
    self.known = std::move(found);
    self.distrusted.reset();
  }
  wake();
}

void resolver_cache::wake() {
  if (state_->finished) state_->finished->set();
}

void resolver_cache::trust() { state_->distrusted.reset(); }

void resolver_cache::distrust() {
  if (!state_->distrusted) state_->distrusted = boottime_clock::now();
}

bool resolver_cache::is_pending() const noexcept { return state_->is_pending; }

error_code resolver_cache::thread_problem() const noexcept { return state_->thread_problem; }

}  // namespace sidecar::net
