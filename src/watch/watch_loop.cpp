#include "sidecar/watch/watch_loop.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <utility>
#include <variant>

#include "sidecar/net/coro.hpp"

namespace sidecar::watch {

namespace asio = boost::asio;
using namespace steps;

namespace {

restart_cause cause_of(kube::watch_end::manner how) {
  using manner = kube::watch_end::manner;
  switch (how) {
    case manner::completed:
      return restart_cause::completed;
    case manner::expired:
      return restart_cause::expired;
    case manner::refused:
      return restart_cause::refused;
    case manner::lost:
      break;
  }
  return restart_cause::lost;
}

}  // namespace

/// Performs one action.
struct watch_loop::performer {
  watch_loop& self;

  void operator()(const steps::list&) const { asio::co_spawn(self.timer_.get_executor(), self.list(), net::rethrow); }
  void operator()(const steps::watch& wanted) const {
    self.watch_ = self.watches_.watch(wanted.version, wanted.length);
    asio::co_spawn(self.timer_.get_executor(), self.read(self.watch_), net::rethrow);
  }
  void operator()(const close& given) const {
    const auto watch = std::exchange(self.watch_, nullptr);
    if (!watch) return;  // it has ended since, and was counted then
    watch->close();
    if (given.why) self.statistics_.note(*given.why);
  }
  void operator()(const steps::sleep& wanted) const {
    const auto left = std::max(wanted.until - boottime_clock::now(), boottime_clock::duration::zero());
    if (wanted.until == time_point::max()) {
      self.timer_.cancel();
      return;
    }
    self.timer_.expires_after(left);
    self.timer_.async_wait([&loop = self](boost::system::error_code cancelled) {
      if (!cancelled) loop.take(woken{});
    });
  }
  void operator()(const publish&) const { self.subject_.publish(); }
  void operator()(const publish_if_worse&) const { self.subject_.publish_if_worse(); }
  void operator()(const mark_stale& given) const { self.subject_.mark_stale(given); }
  void operator()(const serve& given) const { self.subject_.serve(given.origin); }
  void operator()(const notice& given) const { self.log_(given); }
};

void watch_loop::take(const input& given) {
  for (const auto& action : machine_.step(given, boottime_clock::now())) std::visit(performer{*this}, action);
}

asio::awaitable<void> watch_loop::list() {
  // Asio runs a spawned coroutine at once. Whatever it brings is an input of its own, after the actions under way.
  co_await net::yield();
  auto result = co_await subject_.list();
  result.is_watch_outdated = watch_ && watch_->is_outdated();
  take(result);
}

/// Runs until the watch ends or is no longer the open one.
asio::awaitable<void> watch_loop::read(std::shared_ptr<kube::object_watch> watch) {
  co_await net::yield();  // as above
  while (watch == watch_) {
    auto step = co_await watch->next();
    if (watch != watch_) co_return;
    if (auto* how = std::get_if<kube::watch_end>(&step)) co_return end(std::move(*how));
    if (const auto* event = std::get_if<kube::watch_event>(&step)) {
      learn(*event);
    } else {
      take(accepted{});
    }
  }
}

void watch_loop::end(kube::watch_end how) {
  watch_.reset();
  statistics_.note(cause_of(how.how));
  log_({notice::kind::watch_ended, how.why.detail});
  take(how);
}

void watch_loop::learn(const kube::watch_event& event) {
  if (event.what == kube::watch_event::type::bookmark) return;
  const auto result = subject_.learn(event, boottime_clock::now());
  if (result) return take(*result);
  watch_->close();
  end({kube::watch_end::manner::lost, result.error()});
}

}  // namespace sidecar::watch
