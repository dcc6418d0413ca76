#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/app/journal.hpp"
#include "sidecar/app/node_drain.hpp"
#include "sidecar/app/node_refresh.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::app {

struct node_watcher_settings {
  std::vector<std::string> taints;  ///< NODE_DRAIN_TAINTS
  bool watches = false;             ///< by LIST and WATCH, as long as they are possible; otherwise by GET
  /// For the node's result, which the first answers wait for, and the first after an outage.
  std::chrono::nanoseconds first_timeout{0};
  node_drain::sinks outputs{};
};

/// `notes` outlive the watcher. `on_change`: as in node_drain.
node_watcher_settings make_node_watcher_settings(const config::config& settings, journal& notes,
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

  /// A call for pods has failed. If all of the API server was away, the node may be leaving since.
  void note_outage() noexcept { is_away_ = true; }

  /// Reads it no more.
  void stop();

  /// Returns when the result that `follow` has asked for has come, at the latest `first_timeout` after its `since`.
  boost::asio::awaitable<void> wait_for_result();
  /// Whether it would wait.
  bool awaits_result() const;

  std::string cause_of(std::string_view node) const { return drain_.cause_of(node); }
  /// For people.
  status::node_facts describe() const;
  bool is_looking_up() const noexcept { return refresh_.is_looking_up(); }

 private:
  node_watcher_settings settings_;
  node_drain drain_;
  node_refresh refresh_;
  boost::asio::steady_timer result_;  ///< expires after `first_timeout`; cancelled when there is a change
  bool is_away_ = false;              ///< a call for pods has failed, and none has succeeded since
  bool is_stopped_ = false;
};

}  // namespace sidecar::app
