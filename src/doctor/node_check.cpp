#include "sidecar/doctor/node_check.hpp"

#include <utility>

#include "sidecar/config/dns1123.hpp"
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

/// True if `verb` is allowed; empty: the API server does not say.
asio::awaitable<std::optional<bool>> review_access(api_session& api, std::string_view verb,
                                                   const kube::node_name& node) {
  const auto response = co_await api.post(access_review(verb, node));
  if (!response) co_return std::nullopt;
  const auto answer = read_access(*response);
  const auto* known = std::get_if<bool>(&answer);
  co_return known == nullptr ? std::nullopt : std::optional{*known};
}

kube::outcome<health::node_state> read_get(const api_session::response& response, const kube::node_name& node) {
  if (!response) return response.error();
  return kube::classify_node(*response, node);
}

kube::outcome<health::node_state> read_list(const api_session::response& response, const kube::node_name& node) {
  if (!response) return response.error();
  auto listed = kube::classify_node_list(*response, node);
  if (!listed) return listed.error();
  return std::move(listed->node);
}

}  // namespace

findings check_node(const node_access& facts, const std::string& cause) {
  const auto& name = facts.node.text;
  findings made;
  if (kube::failure_reason(facts.found) == health::reason::api_forbidden) {
    return {refused(facts, "get the node " + name + ": answers do not say that it is leaving")};
  }
  if (!facts.found) {
    made = {check_failure(facts.found.error())};
  } else if (cause.empty()) {
    made = {{level::ok, checks::node, name + " is not leaving"}};
  } else {
    const bool is_gone = std::holds_alternative<health::absent_node>(*facts.found);
    made = {{level::warn, checks::node, name + " is leaving (" + cause + "): answers are NodeDraining",
             is_gone ? std::string{} : std::string{advice(health::reason::node_draining)}}};
  }
  if (facts.watches && (facts.list == false || facts.watch == false)) {
    made.push_back(refused(facts, "list and watch nodes: the node is read by a GET about every 9 seconds instead"));
  }
  return made;
}

asio::awaitable<node_examination> examine_node(api_session& api, const config::config& settings,
                                               const std::string& node, const std::string& user) {
  if (!config::is_dns1123_subdomain(node) || !settings.uses_node_drain()) co_return node_examination{};
  node_access access{.node = {node}, .user = user};
  access.watches = settings.watches();
  if (access.watches) {
    access.list = co_await review_access(api, "list", access.node);
    access.watch = co_await review_access(api, "watch", access.node);
  }
  // As the sidecar reads it.
  const bool is_watched = access.list == true && access.watch == true;
  if (is_watched) {
    const auto response = co_await api.list(access.node);
    access.found = read_list(response, access.node);
  } else {
    const auto response = co_await api.get(access.node);
    access.found = read_get(response, access.node);
  }
  auto cause = access.found ? health::drain_cause(*access.found, settings.node_drain_taints) : std::string{};
  auto found = check_node(access, cause);
  co_return node_examination{std::move(found), std::move(cause)};
}

}  // namespace sidecar::doctor
