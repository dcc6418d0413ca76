#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/health/verdict.hpp"
#include "sidecar/http/client_table.hpp"
#include "sidecar/http/traffic.hpp"
#include "sidecar/kube/call_statistics.hpp"

/// What the status port shows, as plain values of one moment.
namespace sidecar::status {

/// Milliseconds reach beyond the year 9999, in which some certificates end; the clock's own nanoseconds do not.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// One moment by each clock that a fact is dated by.
struct moment {
  wall_time wall;
  time_point boot;
  std::chrono::steady_clock::time_point steady;

  wall_time at(time_point when) const { return wall + std::chrono::floor<wall_time::duration>(when - boot); }
  wall_time at(std::chrono::steady_clock::time_point when) const {
    return wall + std::chrono::floor<wall_time::duration>(when - steady);
  }
};

/// What load balancers get, and what they got before.
struct answer_facts {
  health::answer now;
  std::string detail{};  ///< foreign text
  wall_time since;
  std::uint64_t changes = 0;  ///< of the verdict, since the start
};
struct past_answer {
  wall_time at;
  health::answer given;
  std::string detail{};  ///< foreign text
};

/// The clients of the health port and the agent port.
struct client_facts {
  const http::traffic* counts;
  const http::client_table* records;
  std::size_t connections = 0;
  config::run_mode mode = config::run_mode::sidecar;
};

struct counted {
  std::string_view name;
  std::uint64_t count = 0;
};

enum class watch_state : std::uint8_t {
  off,
  unused,  ///< answers come from GETs, until a LIST and a watch are possible
  used,
};
struct watch_facts {
  watch_state state = watch_state::off;
  std::uint64_t missed_events = 0;
  std::vector<counted> restarts;  ///< every cause
};

/// Node mode: one workload of the node.
struct workload_facts {
  std::string namespace_name;
  std::string name;
  health::answer now;  ///< what load balancers get
  unsigned ready = 0;  ///< of its pods, as last known
  std::size_t pods = 0;
};

/// The node of the target itself, where it is read.
struct node_facts {
  std::string name;                         ///< empty: not known yet
  std::optional<std::string> drain_cause;   ///< why it is leaving; empty text: it is not; no value: nothing is known
  std::optional<health::reason> failure{};  ///< why there is no newer state
  std::optional<time_point> observed{};     ///< when it was last known to be current
  const kube::call_statistics* calls;       ///< those about the node alone
};

/// What is known of the pod or the node, and how. All empty with STATE_OVERRIDE.
struct source_facts {
  std::string_view name;     ///< live, watch, node or override
  std::string api_server{};  ///< its URL
  const kube::call_statistics* calls;
  const health::pod_state* pod = nullptr;   ///< null: no snapshot yet
  std::optional<time_point> observed{};     ///< the snapshot's
  std::optional<health::reason> failure{};  ///< why there is no newer one
  watch_facts watch{};
  std::optional<node_facts> node{};                        ///< empty: NODE_DRAIN is off
  std::optional<std::vector<workload_facts>> workloads{};  ///< empty unless in node mode
};

struct expiry_facts {
  std::optional<wall_time> token{};
  std::optional<wall_time> certificate{};
};

struct facts {
  moment now;
  wall_time started;
  health::unhealthy_statuses statuses;
  answer_facts answer;
  std::vector<past_answer> past;  ///< the newest first
  client_facts clients;
  source_facts source;
  expiry_facts expiry;
  const std::vector<std::pair<std::string, std::string>>* configuration;

  /// The sidecar's own readiness: it has learnt once what it answers from, or needs nothing.
  bool is_ready() const {
    return source.name == "override" || source.pod != nullptr || (source.workloads && source.observed);
  }
};

/// Where the facts come from.
class fact_source {
 public:
  virtual ~fact_source() = default;
  virtual facts collect() const = 0;
};

}  // namespace sidecar::status
