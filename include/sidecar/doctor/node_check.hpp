#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "sidecar/doctor/api_session.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/health/node.hpp"
#include "sidecar/kube/node_name.hpp"

/// Whether the target's node is leaving, and whether the server may know.
namespace sidecar::doctor {

/// The reviews about the node, and the read itself. No value: not done, or the API server did not say.
struct node_access {
  kube::node_name node;
  std::string user{};    ///< as the API server has it; empty: unknown
  bool watches = false;  ///< SOURCE=watch, or node mode: LIST and WATCH are wanted, too
  kube::outcome<health::node_state> found{};
  std::optional<bool> list{};
  std::optional<bool> watch{};
};

/// PURE. `cause`: health::drain_cause of what was found.
findings check_node(const node_access& facts, const std::string& cause);

struct node_examination {
  findings found;
  std::string cause{};  ///< why it is leaving; empty: it is not, or cannot be read
};

/// Asks what is allowed and reads the node, the same way as the sidecar, if the sidecar with these `settings` would; an
/// empty `node` is not known. `user`: as above. All of them outlive it.
boost::asio::awaitable<node_examination> examine_node(api_session& api, const config::config& settings,
                                                      const std::string& node, const std::string& user);

}  // namespace sidecar::doctor
