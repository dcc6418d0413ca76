#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/query_waiters.hpp"
#include "sidecar/journal/transition_log.hpp"
#include "sidecar/node/known_pods.hpp"
#include "sidecar/node/node_answer.hpp"
#include "sidecar/node/workload_log.hpp"
#include "sidecar/watch/steps.hpp"

namespace sidecar::node {

struct node_settings {
  health::hold_rule hold{};
  std::chrono::nanoseconds answer_timeout = std::chrono::milliseconds{900};
  health::unhealthy_statuses statuses{};
  std::function<void(const journal::transition&)> log = [](const auto&) {};  ///< of /nodez: the agent's own state
  std::function<void(journal::log_line)> log_workload = [](const auto&) {};
};

/// Node mode: answers queries for any workload of the node from what LIST and WATCH have found. A query waits for
/// one thing alone, a LIST that is about to say more. Not thread-safe. `known` outlives it, and it outlives its
/// coroutines, except those that are destroyed with the io_context.
class node_service final : public http::health_endpoint {
 public:
  node_service(const boost::asio::any_io_executor& executor, node_settings settings, const known_pods& known);

  std::optional<health::answer> answer_now(std::string_view named) override;
  boost::asio::awaitable<health::answer> answer(std::string named) override;
  bool is_draining() const noexcept override { return conditions_.is_draining; }

  // Called by the watch loop.
  void publish();
  void mark_stale(const watch::steps::mark_stale& given);

  /// Whether the node itself is leaving: then no workload is healthy.
  void note_node(bool is_leaving);
  bool is_node_leaving() const noexcept { return conditions_.is_node_leaving; }

  /// Makes every further answer a drain.
  void drain();

  /// For the status page: the answer of /nodez, and that about a workload, as they are now.
  health::answer current() const { return answer_to({.about = node_query::kind::agent}); }
  health::answer current(std::string_view namespace_name, std::string_view workload) const {
    return answer_to({node_query::kind::workload, namespace_name, workload});
  }
  std::optional<health::reason> failure() const noexcept { return conditions_.failure; }

 private:
  void log_workloads();
  health::answer answer_to(const node_query& query) const;
  bool awaits_list(const node_query& query) const;

  node_settings settings_;
  const known_pods& known_;
  node_conditions conditions_;
  workload_log workloads_;
  http::query_waiters waiters_;
  bool is_gap_ = false;  ///< the failure is a pause between two watches: a LIST is under way, or follows in seconds
};

}  // namespace sidecar::node
