#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/api_server.hpp"

namespace sidecar::test {

/// A request of the control address for one node.
struct node_request {
  api_server& server;
  std::string name;
  std::string_view target;  ///< with the query
};

/// What the control address can do to nodes; as pod_command.
struct node_command {
  std::string_view request;
  std::string_view parameters;
  std::string_view effect;
  void (*run)(const node_request& wanted);
};

const std::vector<node_command>& node_commands();

}  // namespace sidecar::test
