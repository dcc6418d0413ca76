#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "sidecar/app/watch_machine.hpp"
#include "sidecar/app/watch_statistics.hpp"
#include "sidecar/app/watch_subject.hpp"
#include "sidecar/kube/pod_watch.hpp"

namespace sidecar::app {

/// Drives the watch machine: performs its actions and feeds their results back as inputs. Not thread-safe. The
/// constructor's references outlive it.
class watch_loop {
 public:
  using notice_sink = std::function<void(const watch_steps::notice&)>;

  watch_loop(const boost::asio::any_io_executor& executor, watch_machine machine, watch_subject& subject,
             kube::watch_source& watches, notice_sink log)
      : timer_(executor), machine_(std::move(machine)), subject_(subject), watches_(watches), log_(std::move(log)) {}

  void start() { take(watch_steps::woken{}); }
  /// Something else is to be watched: begins again from a LIST.
  void renew() { take(watch_steps::renewed{}); }
  /// Stops for good and ends the open watch.
  void stop() { take(watch_steps::stopped{}); }

  const watch_statistics& statistics() const noexcept { return statistics_; }

 private:
  struct performer;

  void take(const watch_steps::input& given);
  void learn(const kube::watch_event& event);
  void end(kube::watch_end how);
  boost::asio::awaitable<void> list();
  boost::asio::awaitable<void> read(std::shared_ptr<kube::pod_watch> watch);

  boost::asio::steady_timer timer_;
  watch_machine machine_;
  watch_subject& subject_;
  kube::watch_source& watches_;
  notice_sink log_;
  watch_statistics statistics_;
  std::shared_ptr<kube::pod_watch> watch_;  ///< null: no watch is open
};

}  // namespace sidecar::app
