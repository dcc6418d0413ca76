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
asio::awaitable<std::optional<bool>> ask(api_session& api, std::string_view verb, const kube::node_name& node) {
  const auto came = co_await api.post(ask_access(verb, node));
  if (!came) co_return std::nullopt;
  const auto answer = read_access(*came);
  const auto* known = std::get_if<bool>(&answer);
  co_return known == nullptr ? std::nullopt : std::optional{*known};
}

kube::outcome<health::node_state> read_get(const api_session::response& came, const kube::node_name& node) {
  if (!came) return came.error();
  return kube::classify_node(*came, node);
}

kube::outcome<health::node_state> read_list(const api_session::response& came, const kube::node_name& node) {
  if (!came) return came.error();
  auto listed = kube::classify_node_list(*came, node);
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
  node_access asked{.node = {node}, .user = user};
  asked.watches = settings.watches();
  if (asked.watches) {
    asked.list = co_await ask(api, "list", asked.node);
    asked.watch = co_await ask(api, "watch", asked.node);
  }
  // As the sidecar reads it.
  const bool is_watched = asked.list == true && asked.watch == true;
  if (is_watched) {
    const auto came = co_await api.list(asked.node);
    asked.found = read_list(came, asked.node);
  } else {
    const auto came = co_await api.get(asked.node);
    asked.found = read_get(came, asked.node);
  }
  auto cause = asked.found ? health::drain_cause(*asked.found, settings.node_drain_taints) : std::string{};
  auto found = check_node(asked, cause);
  co_return node_examination{std::move(found), std::move(cause)};
}

}  // namespace sidecar::doctor
