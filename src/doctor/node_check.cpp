#include "sidecar/doctor/node_check.hpp"

#include <utility>

#include "sidecar/config/load.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/permission_check.hpp"
#include "sidecar/kube/classify_node.hpp"

namespace sidecar::doctor {
namespace {

namespace asio = boost::asio;

finding refused(const node_access& facts, const std::string& what) {
  const auto who = facts.user.empty() ? std::string{"this service account"} : facts.user;
  return {level::warn, checks::node, who + " may not " + what, cluster_role_commands(facts.user)};
}

/// True if that is allowed; empty: the API server does not say.
std::optional<bool> allowed(const api_session::response& came) {
  const auto* response = std::get_if<kube::api_response>(&came);
  if (response == nullptr) return std::nullopt;
  const auto answer = read_access(*response);
  const auto* known = std::get_if<bool>(&answer);
  return known == nullptr ? std::nullopt : std::optional{*known};
}

}  // namespace

findings check_node(const node_access& facts, const std::string& cause) {
  const auto& name = facts.node.text;
  findings made;
  if (const auto* problem = std::get_if<kube::failure>(&facts.found)) {
    if (problem->why == health::reason::api_forbidden) {
      return {refused(facts, "get the node " + name + ": answers do not say that it is leaving")};
    }
    made = {check_failure(*problem)};
  } else if (cause.empty()) {
    made = {{level::ok, checks::node, name + " is not leaving"}};
  } else {
    made = {{level::warn, checks::node, name + " is leaving (" + cause + "): answers are NodeDraining",
             std::string{advice(health::reason::node_draining)}}};
  }
  if (facts.watches && (facts.list == false || facts.watch == false)) {
    made.push_back(refused(facts, "list and watch nodes: the node is read by a GET about every 9 seconds instead"));
  }
  return made;
}

asio::awaitable<node_examination> examine_node(api_session& api, const config::config& settings,
                                               const std::string& node, const std::string& user) {
  if (!config::is_dns1123_subdomain(node) || !settings.heeds_node()) co_return node_examination{};
  node_access asked{.node = {node}, .user = user};
  asked.watches = settings.mode == config::run_mode::node || settings.source == config::source_mode::watch;
  const auto came = co_await api.get(asked.node);
  if (const auto* response = std::get_if<kube::api_response>(&came)) {
    asked.found = kube::classify_node(*response, asked.node);
  } else {
    asked.found = std::get<kube::failure>(came);
  }
  const auto* state = std::get_if<health::node_state>(&asked.found);
  if (state != nullptr && asked.watches) {
    const auto list = co_await api.post(ask_access("list", asked.node));
    asked.list = allowed(list);
    const auto watch = co_await api.post(ask_access("watch", asked.node));
    asked.watch = allowed(watch);
  }
  auto cause = state == nullptr ? std::string{} : health::drain_cause(*state, settings.node_drain_taints);
  auto found = check_node(asked, cause);
  co_return node_examination{std::move(found), std::move(cause)};
}

}  // namespace sidecar::doctor
