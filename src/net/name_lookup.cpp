#include "sidecar/net/name_lookup.hpp"

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
#include "sidecar/net/event.hpp"
#include "sidecar/net/loop_resolver.hpp"

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// The resolver says "try again later" when it could have no socket.
error_code cause_of(error_code failed) {
  const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (probe < 0) {
    const error_code problem{errno, boost::system::system_category()};
    return descriptor_remedy(problem).empty() ? failed : problem;
  }
  ::close(probe);
  return failed;
}

}  // namespace

bool reserve_serves(time_point distrusted, time_point now) noexcept {
  constexpr std::chrono::seconds reserve_lasts{60};
  return now - distrusted < reserve_lasts;
}

struct name_lookup::state {
  asio::any_io_executor executor;
  std::string host;
  std::uint16_t port;
  tcp::resolver resolver;
  bool literal = false;
  bool pending = false;
  addresses known{};
  std::optional<time_point> distrusted{};  ///< since when; a known address is trusted without
  error_code last_error{};
  error_code thread_problem{};
  std::shared_ptr<event> finished{};

  bool is_trusted() const { return !known.empty() && !distrusted; }
};

name_lookup::name_lookup(asio::any_io_executor executor, std::string host, std::uint16_t port)
    : state_(new state{executor, std::move(host), port, tcp::resolver{executor}}) {
  error_code not_a_literal;
  const auto address = asio::ip::make_address(state_->host, not_a_literal);
  if (not_a_literal) return;
  state_->literal = true;
  state_->known.emplace_back(address, port);
}

name_lookup::~name_lookup() = default;

asio::awaitable<result<name_lookup::addresses>> name_lookup::find() {
  auto keep_alive = shared_from_this();
  auto& self = *state_;
  if (self.literal || self.is_trusted()) co_return self.known;
  // A lookup that has outlived its caller is still under way: what worked before is worth a try.
  if (self.pending && !self.known.empty()) co_return self.known;
  if (!self.pending) start_lookup(self.host);
  if (!self.pending) co_return self.known;
  if (!self.finished || self.finished->is_set()) self.finished = std::make_shared<event>(self.executor);
  auto finished = self.finished;
  co_await finished->wait();
  if (self.pending) co_return error_code{asio::error::operation_aborted};
  if (self.known.empty()) co_return self.last_error;
  co_return self.known;
}

void name_lookup::start_lookup(const std::string& host) try {
  state_->resolver.async_resolve(
      host, std::to_string(state_->port),
      [self = shared_from_this(), host](error_code failed, const tcp::resolver::results_type& found) {
        self->state_->pending = false;
        if (failed && host.ends_with('.')) self->start_lookup(host.substr(0, host.size() - 1));
        if (!self->state_->pending) self->conclude(failed, {found.begin(), found.end()});
      });
  // Only now: where a process may have no more threads, async_resolve throws, and nothing would end the lookup.
  state_->pending = true;
  if (std::exchange(state_->thread_problem, {})) log::info("a thread can be started again to look up names");
} catch (const boost::system::system_error& refused) {
  look_up_without_thread(refused.code());
}

void name_lookup::look_up_without_thread(error_code problem) {
  auto& self = *state_;
  if (std::exchange(self.thread_problem, problem) != problem) {
    log::warn(
        "no thread can be started to look up the API server's name; the one that answers health checks does it, "
        "every 30 s at most, and answers may come up to 1 s late then; " +
            std::string{thread_remedy(problem)},
        {{"host", self.host}, {"problem", problem.message()}});
  }
  const auto now = boottime_clock::now();
  if (!self.known.empty() && reserve_serves(self.distrusted.value_or(now), now)) return;
  resolve_on_loop(self.executor, self.host, [keep_alive = shared_from_this()](error_code failed, addresses found) {
    for (auto& one : found) one.port(keep_alive->state_->port);
    keep_alive->conclude(failed, std::move(found));
  });
  self.pending = true;
}

void name_lookup::conclude(error_code failed, addresses found) {
  auto& self = *state_;
  self.pending = false;
  self.last_error = failed ? cause_of(failed) : failed;
  if (!failed) {
    self.known = std::move(found);
    self.distrusted.reset();
  }
  if (self.finished) self.finished->set();
}

void name_lookup::abandon() {
  if (state_->finished) state_->finished->set();
}

void name_lookup::trust() { state_->distrusted.reset(); }

void name_lookup::distrust() {
  if (!state_->distrusted) state_->distrusted = boottime_clock::now();
}

bool name_lookup::is_pending() const noexcept { return state_->pending; }

error_code name_lookup::thread_problem() const noexcept { return state_->thread_problem; }

}  // namespace sidecar::net
