#pragma once

#include <optional>
#include <string_view>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/answer.hpp"
#include "sidecar/health/verdict.hpp"
#include "sidecar/node/known_pods.hpp"

namespace sidecar::node {

/// What a path of node mode is about (http/route.hpp). Views into the path.
struct node_query {
  enum class kind { nothing, agent, workload };

  node_query::kind about = kind::nothing;
  std::string_view namespace_name{};
  std::string_view workload{};
  std::string_view container{};  ///< empty: the pods as a whole
};

/// PURE. "demo/web", "demo/web/game", "nodez" (the agent itself), or empty: a path that names no workload.
node_query read_query(std::string_view named) noexcept;

/// Apart from the pods.
struct node_conditions {
  bool is_draining = false;
  bool is_node_leaving = false;
  std::optional<health::reason> failure{};  ///< why there is no newer LIST
  health::hold_rule hold{};
  std::chrono::nanoseconds current_for = std::chrono::seconds{20};  ///< after the start of the last LIST that counted
};

/// PURE. The answer from what is known; allocates nothing. A path that names no workload is never healthy.
health::answer answer_of(const node_query& query, const known_pods& known, const node_conditions& conditions,
                         time_point now);

}  // namespace sidecar::node
