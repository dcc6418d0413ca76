#include "support/control.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "support/http_request.hpp"

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view help =
    "GET    /                                   this text\n"
    "GET    /requests                           the requests so far and the counts, as JSON\n"
    "DELETE /requests                           forget them\n"
    "POST   /ready?container=NAME&value=BOOL    a container's readiness\n"
    "POST   /terminate                          sets the pod's deletionTimestamp (/reset undoes it)\n"
    "POST   /pod                                the body replaces the pod\n"
    "DELETE /pod                                deletes it\n"
    "POST   /reset                              puts the pod back as it was at the start\n"
    "POST   /rbac?value=BOOL                    whether the service account may get pods\n"
    "POST   /rotate                             another token, CA and certificate, the old ones void\n"
    "POST   /hold, POST /release                keep answers back, let them go\n"
    "POST   /stop, POST /start                  no server, server again, same port\n"
    "DELETE /fault                              faults are over\n"
    "POST   /fault?kind=...                     ";

constexpr const char* no_pod = "there is no such pod; POST /reset puts it back";

std::string required(std::string_view target, std::string_view name) {
  auto value = query_value(target, name);
  if (!value || value->empty()) throw std::invalid_argument{std::string{name} + " is missing"};
  return *std::move(value);
}

bool required_bool(std::string_view target, std::string_view name) {
  const std::string value = required(target, name);
  if (value != "true" && value != "false") throw std::invalid_argument{std::string{name} + " is true or false"};
  return value == "true";
}

std::int64_t microseconds(std::chrono::steady_clock::time_point moment) {
  return std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
}

pod parse_pod(const std::string& body) {
  ordered_json document = ordered_json::parse(body, nullptr, false);
  const bool named = document.is_object() && document.contains("metadata") && document["metadata"].is_object() &&
                     document["metadata"].value("name", ordered_json{}).is_string() &&
                     document["metadata"].value("namespace", ordered_json{}).is_string();
  if (!named) throw std::invalid_argument{"the body is no JSON object with metadata.name and metadata.namespace"};
  return pod{std::move(document)};
}

}  // namespace

control::control(api_server& server, service_account_files& files, token_claims claims, std::string token, pod initial)
    : server_{server},
      files_{files},
      claims_{std::move(claims)},
      token_{std::move(token)},
      initial_{std::move(initial)} {}

control_reply control::handle(std::string_view method, std::string_view target, const std::string& body) {
  try {
    return act(method, target, body);
  } catch (const std::exception& error) {
    return {400, std::string{error.what()} + "\n"};
  }
}

control_reply control::act(std::string_view method, std::string_view target, const std::string& body) {
  const std::string asked = std::string{method} + " " + decoded_path(target);
  const control_reply done{200, "done\n"};
  if (asked == "GET /") return {200, std::string{help} + std::string{fault_help()} + "\n"};
  if (asked == "GET /requests") return list_requests();
  if (asked == "DELETE /requests") return server_.forget(), done;
  if (asked == "POST /ready") {
    const std::string container = required(target, "container");
    const bool ready = required_bool(target, "value");
    return change_pod([&container, ready](pod& document) { document.set_ready(container, ready); }), done;
  }
  if (asked == "POST /terminate") return change_pod([](pod& document) { document.terminate(); }), done;
  if (asked == "POST /pod") return server_.put_pod(parse_pod(body)), done;
  if (asked == "DELETE /pod") {
    if (server_.delete_pod(claims_.name_space, claims_.pod_name)) return done;
    throw std::invalid_argument{no_pod};
  }
  if (asked == "POST /reset") return server_.put_pod(initial_), done;
  if (asked == "POST /rbac") {
    server_.deny(user_of(claims_));
    if (required_bool(target, "value")) server_.allow({claims_.name_space}, user_of(claims_));
    return done;
  }
  if (asked == "POST /rotate") return rotate(), done;
  if (asked == "POST /hold") return server_.hold_answers(), done;
  if (asked == "POST /release") return server_.stop_holding(), done;
  if (asked == "POST /stop") return server_.stop(), done;
  if (asked == "POST /start") return server_.start(), done;
  if (asked == "POST /fault") {
    server_.inject(parse_fault([target](std::string_view name) { return query_value(target, name); }));
    return done;
  }
  if (asked == "DELETE /fault") return server_.clear_faults(), done;
  return {404, "no such thing; GET / has the list\n"};
}

void control::change_pod(const std::function<void(pod&)>& change) {
  bool changed = false;
  try {
    server_.update_pod(claims_.name_space, claims_.pod_name, [&](pod& document) {
      changed = true;
      change(document);
    });
  } catch (const std::out_of_range&) {
    if (changed) throw;
    throw std::invalid_argument{no_pod};
  }
}

control_reply control::list_requests() const {
  const server_counts counts = server_.counts();
  ordered_json list = ordered_json::array();
  for (const seen_request& request : server_.requests()) {
    list.push_back(
        ordered_json{{"connection", request.connection},
                     {"method", request.method},
                     {"target", request.target},
                     {"authorized", !request.authorization.empty()},
                     {"monotonic_us", microseconds(request.when)},
                     {"status", request.status},
                     {"faulty", request.faulty},
                     {"answered_us", request.answered ? ordered_json(microseconds(*request.answered)) : nullptr}});
  }
  const ordered_json result = {
      {"count", counts.requests},        {"answers", counts.answers},  {"accepted", counts.accepted},
      {"handshakes", counts.handshakes}, {"open", counts.open},        {"held", counts.held},
      {"faults", server_.faults_left()}, {"requests", std::move(list)}};
  return {200, result.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n"};
}

void control::rotate() {
  const std::string next = server_.add_token(claims_);
  const std::string ca = server_.ca().empty() ? std::string{} : server_.replace_authority();
  files_.rotate(next, ca);
  server_.revoke_token(std::exchange(token_, next));
}

}  // namespace sidecar::test
