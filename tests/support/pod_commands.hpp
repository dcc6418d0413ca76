#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/api_server.hpp"

namespace sidecar::test {

/// A request of the control address for one pod.
struct pod_request {
  api_server& server;
  std::string name_space;
  std::string name;
  std::string_view target;  ///< with the query
};

/// What the control address can do to pods: a line of its help and the deed. Throws std::invalid_argument with a
/// message for people.
struct pod_command {
  std::string_view request;
  std::string_view parameters;
  std::string_view effect;
  void (*run)(const pod_request& wanted);
};

const std::vector<pod_command>& pod_commands();

}  // namespace sidecar::test
