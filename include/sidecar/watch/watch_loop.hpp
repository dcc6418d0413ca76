#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "sidecar/kube/object_watch.hpp"
#include "sidecar/watch/watch_machine.hpp"
#include "sidecar/watch/watch_statistics.hpp"
#include "sidecar/watch/watch_subject.hpp"

namespace sidecar::watch {

/// Drives the watch machine: performs its actions and feeds their results back as inputs. Not thread-safe. The
/// constructor's references outlive it.
class watch_loop {
 public:
  using notice_sink = std::function<void(const steps::notice&)>;

  watch_loop(const boost::asio::any_io_executor& executor, watch_machine machine, watch_subject& subject,
             kube::watch_source& watches, notice_sink log)
      : timer_(executor), machine_(std::move(machine)), subject_(subject), watches_(watches), log_(std::move(log)) {}

  void start() { take(steps::woken{}); }
  /// Something else is to be watched: begins again from a LIST.
  void renew() { take(steps::renewed{}); }
  /// Stops for good and ends the open watch.
  void stop() { take(steps::stopped{}); }

  const watch_statistics& statistics() const noexcept { return statistics_; }

 private:
  struct performer;

  void take(const steps::input& given);
  void learn(const kube::watch_event& event);
  void end(kube::watch_end how);
  boost::asio::awaitable<void> list();
  boost::asio::awaitable<void> read(std::shared_ptr<kube::object_watch> watch);

  boost::asio::steady_timer timer_;
  watch_machine machine_;
  watch_subject& subject_;
  kube::watch_source& watches_;
  notice_sink log_;
  watch_statistics statistics_;
  std::shared_ptr<kube::object_watch> watch_;  ///< null: no watch is open
};

}  // namespace sidecar::watch
