#include "sidecar/doctor/examine.hpp"

#include <array>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "sidecar/doctor/api_session.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/files_check.hpp"
#include "sidecar/doctor/node_check.hpp"
#include "sidecar/doctor/permission_check.hpp"
#include "sidecar/doctor/pod_check.hpp"
#include "sidecar/doctor/review.hpp"
#include "sidecar/doctor/target_check.hpp"
#include "sidecar/doctor/token_facts.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/target.hpp"

namespace sidecar::doctor {
namespace {

namespace asio = boost::asio;
using health::reason;

class examiner {
 public:
  examiner(const asio::any_io_executor& executor, given_options options,
           std::function<std::chrono::sys_seconds()> wall_clock)
      : executor_(executor),
        given_(std::move(options)),
        now_(std::move(wall_clock)),
        credentials_(given_.config.service_account_dir) {}

  asio::awaitable<examination> run();

 private:
  bool check_files();
  bool check_target(kube::token_state token);
  asio::awaitable<bool> check_way();
  asio::awaitable<bool> check_identity();
  asio::awaitable<bool> check_permissions();
  asio::awaitable<bool> check_pod();
  asio::awaitable<void> check_node();

  asio::awaitable<bool> review_access(std::string_view verb, std::optional<bool>& allowed);
  void add(findings more);
  void skip(std::initializer_list<std::string_view> checks) { add(skipped_checks(settings(), checks)); }
  const config::config& settings() const { return given_.config; }

  asio::any_io_executor executor_;
  given_options given_;
  std::function<std::chrono::sys_seconds()> now_;
  kube::service_account credentials_;
  std::optional<api_session> api_;
  access_facts access_;
  std::optional<health::verdict> verdict_;
  findings found_;
};

void examiner::add(findings more) {
  const auto clean = [this](const std::string& text) { return credentials_.redact_token(text); };
  for (const auto& one : more) found_.push_back({one.level, one.check, clean(one.what), clean(one.hint)});
}

asio::awaitable<examination> examiner::run() {
  using namespace checks;
  if (!settings().state_override.empty()) {
    verdict_ = health::verdict_of_override(settings().state_override);
    add({override_finding()});
  } else if (!check_files()) {
    skip({lookup, tcp, tls, clock, identity, permissions, pod, container, checks::verdict, spec, node});
  } else if (const bool is_open = co_await check_way(); !is_open) {
    const auto reached = found_.back().check;
    if (reached == lookup) skip({tcp, tls});
    if (reached == tcp) skip({tls});
    skip({clock, identity, permissions, pod, container, checks::verdict, spec, node});
  } else if (const bool is_known = co_await check_identity(); !is_known) {
    skip({permissions, pod, container, checks::verdict, spec, node});
  } else if (settings().mode == config::run_mode::node) {
    co_await check_node();  // there is no one pod whose spec and verdict could be checked
  } else if (const bool is_allowed = co_await check_permissions(); !is_allowed) {
    skip({pod, container, checks::verdict, spec, node});
  } else if (const bool is_read = co_await check_pod(); !is_read) {
    skip({container, checks::verdict, spec, node});
  }
  if (!verdict_ && given_.variables.contains("KUBERNETES_SERVICE_HOST")) {
    auto stranger = check_token_owner(credentials_.claims(), settings(), nullptr);
    if (stranger) add({std::move(*stranger)});
  }
  co_return examination{std::move(found_), settings(), verdict_};
}

/// True if a call can be made.
bool examiner::check_files() {
  const bool needs_them = settings().api_server->tls;
  const auto now = now_();
  credentials_.refresh_token();
  credentials_.refresh_ca();
  const auto facts = read_token_facts(credentials_);
  const auto& ca = credentials_.ca_file();
  if (needs_them) {
    add(check_token(facts, now));
    add(check_ca(ca.path(), ca.describe_problem(), net::facts_of_bundle(ca.content()), now));
  } else {
    add({{level::ok, checks::token, "not needed: " + to_string(*settings().api_server) + " is plain HTTP"}});
  }
  if (!facts.service_account.empty()) {
    access_.user = "system:serviceaccount:" + facts.claims.namespace_name + ':' + facts.service_account;
  }
  const auto state = kube::state_of_token(credentials_);
  const bool is_target_known = check_target(state);
  return is_target_known && (!needs_them || (state == kube::token_state::read && credentials_.tls()));
}

bool examiner::check_target(kube::token_state token) {
  auto found = kube::resolve_target(settings(), credentials_.claims(), token, credentials_.read_namespace());
  if (const auto* errors = std::get_if<std::vector<std::string>>(&found)) {
    add(target_errors(*errors));
    return false;
  }
  const auto& target = std::get<kube::target_pod>(found);
  access_.pod = target.pod;
  access_.needs_watch = settings().source == config::source_mode::watch;
  add({describe_target(settings(), target)});
  return true;
}

asio::awaitable<bool> examiner::check_way() {
  api_.emplace(executor_, settings(), credentials_);
  const auto facts = co_await api_->connect();
  add(check_connection(facts, now_()));
  co_return !facts.problem;
}

asio::awaitable<bool> examiner::check_identity() {
  const auto response = co_await api_->post(identity_review());
  if (!response) {
    add({check_failure(response.error())});
    co_return false;
  }
  const auto answer = read_identity(*response);
  const auto* failed = std::get_if<kube::failure>(&answer);
  const bool has_date = response->date.front() != '\0';
  // The clock of what is no API server means nothing.
  if (failed == nullptr || failed->why != reason::api_protocol) {
    add({check_clock(has_date ? std::string_view{response->date.data(), response->date.size()} : std::string_view{},
                     now_())});
  }
  add({doctor::check_identity(answer, credentials_.claims())});
  if (const auto* known = std::get_if<known_user>(&answer)) access_.user = known->user;
  co_return failed == nullptr;
}

/// False if no further call makes sense.
asio::awaitable<bool> examiner::review_access(std::string_view verb, std::optional<bool>& allowed) {
  const auto response = co_await api_->post(doctor::access_review(verb, access_.pod));
  const auto answer = response ? read_access(*response) : reviewed<bool>{response.error()};
  if (const auto* failed = std::get_if<kube::failure>(&answer)) {
    add({check_failure(*failed)});
    co_return false;
  }
  if (const auto* refused = std::get_if<cannot_ask>(&answer)) {
    access_.cannot_ask = refused->detail;
  } else {
    allowed = std::get<bool>(answer);
  }
  co_return true;
}

asio::awaitable<bool> examiner::check_permissions() {
  const std::array<std::pair<std::string_view, std::optional<bool>*>, 3> verbs{
      {{"get", &access_.get}, {"list", &access_.list}, {"watch", &access_.watch}}};
  for (const auto& [verb, allowed] : verbs) {
    const bool goes_on = co_await review_access(verb, *allowed);
    if (!goes_on) co_return false;
    if (!allowed->has_value()) break;  // the others would end the same way
  }
  if (access_.get == false) {
    const auto response = co_await api_->post(rules_review(access_.pod.namespace_name));
    if (response) {
      auto rules = read_rules(*response);
      if (auto* found = std::get_if<named_rules>(&rules)) access_.rules = std::move(*found);
    }
  }
  add(doctor::check_permissions(access_));
  co_return access_.get != false;
}

asio::awaitable<void> examiner::check_node() {
  access_.pod = {settings().target_namespace, {}};
  bool goes_on = co_await review_access("list", access_.list);
  if (goes_on && access_.list) goes_on = co_await review_access("watch", access_.watch);
  if (!goes_on) co_return skip({checks::node});
  add(check_node_permissions(access_));
  auto node = co_await examine_node(*api_, settings(), settings().node_name, access_.user);
  add(std::move(node.found));
}

asio::awaitable<bool> examiner::check_pod() {
  const auto response = co_await api_->get(access_.pod);
  const auto found = response ? kube::classify(*response, access_.pod, settings().maintenance_label)
                              : kube::outcome<health::pod_state>{response.error()};
  if (kube::failure_reason(found) == reason::api_forbidden) {
    access_.get = false;
    add(doctor::check_permissions(access_));
    co_return false;
  }
  if (!found) {
    add({check_failure(found.error())});
    co_return false;
  }
  const auto* there = std::get_if<health::pod>(&*found);
  if (there == nullptr) {
    add({no_such_pod(access_.pod)});
    co_return false;
  }
  auto seen = examine_pod(response->body, credentials_.claims(), given_);
  auto node = co_await examine_node(*api_, seen.settings, there->node_name, access_.user);
  if (!node.cause.empty()) seen = examine_pod(response->body, credentials_.claims(), given_, node.cause);
  add(std::move(node.found));
  given_.config = std::move(seen.settings);
  verdict_ = seen.verdict;
  add(std::move(seen.found));
  const bool is_watch = settings().source == config::source_mode::watch;  // maybe by the container's args alone
  const bool was_watch = std::exchange(access_.needs_watch, is_watch);
  if (is_watch && !was_watch) add(doctor::check_permissions(access_));
  co_return true;
}

}  // namespace

asio::awaitable<examination> examine(asio::any_io_executor executor, given_options options,
                                     std::function<std::chrono::sys_seconds()> wall_clock) {
  examiner one(executor, std::move(options), std::move(wall_clock));
  co_return co_await one.run();
}

}  // namespace sidecar::doctor
