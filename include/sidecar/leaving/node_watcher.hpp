#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/journal/journal.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/leaving/node_drain.hpp"
#include "sidecar/leaving/node_refresh.hpp"
#include "sidecar/leaving/result_wait.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::leaving {

struct node_watcher_settings {
  std::vector<std::string> taints;  ///< NODE_DRAIN_TAINTS
  bool watches = false;             ///< by LIST and WATCH, as long as they are possible; otherwise by GET
  /// For the node's result, which the first answers wait for, and the first after an outage.
  std::chrono::nanoseconds first_timeout{0};
  /// After a result that was awaited, a failure too, and after each change of the cause.
  std::function<void()> on_change = [] {};
  std::function<void(journal::log_line)> log = [](const auto&) {};
};

/// `notes` outlive the watcher.
node_watcher_settings make_node_watcher_settings(const config::config& settings, journal::journal& notes,
                                                 std::function<void()> on_change);

/// Knows whether the node of the target is leaving, and lets those wait who must know it first. `credentials` outlive
/// it, and it outlives its coroutines, except those that are destroyed with the io_context.
class node_watcher {
 public:
  /// `access`: as in node_refresh.
  node_watcher(const boost::asio::any_io_executor& executor, node_watcher_settings settings,
               kube::api_client_settings access, kube::service_account& credentials);

  /// The target is on this node, as was read by a call that started at `since`. Begins to read the node, or reads it
  /// again at once after `note_outage`. What is no name of a node changes nothing.
  void follow(std::string_view node, time_point since = boottime_clock::now());

  /// A call for pods has failed. If that is an outage of the API server, the node may have begun to leave during it.
  void note_outage() noexcept { has_outage_ = true; }

  /// Reads it no more.
  void stop();

  /// Returns when the read that `follow` has begun has ended, at the latest `first_timeout` after its `since`: once for
  /// each read, so that a node that cannot be read for minutes delays no later answers.
  boost::asio::awaitable<void> wait_for_result() { return result_.wait(); }
  /// Whether it would wait.
  bool awaits_result() const { return result_.is_pending(); }

  std::string cause_of(std::string_view node) const { return drain_.cause_of(node); }
  /// For the status page.
  status::node_facts describe() const;

 private:
  void take(const node_drain::update& given);

  node_watcher_settings settings_;
  node_drain drain_;
  node_refresh refresh_;
  result_wait result_;
  bool has_outage_ = false;  ///< a call for pods has failed, and none has succeeded since
  bool is_stopped_ = false;
};

}  // namespace sidecar::leaving
