#include "support/control.hpp"

#include <charconv>
#include <chrono>
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
    "DELETE /requests                           forget them, the events and the traffic\n"
    "GET    /counts                             the counts alone\n"
    "GET    /events                             the events that watches were sent, when the change was and the "
    "writing\n"
    "GET    /traffic                            requests, events and bytes by the tenth of a second\n"
    "POST   /ready?container=NAME&value=BOOL    a container's readiness\n"
    "POST   /terminate                          sets the pod's deletionTimestamp (/reset undoes it)\n"
    "POST   /replace?uid=UID                    the same pod under another uid\n"
    "POST   /pod                                the body replaces the pod\n"
    "DELETE /pod                                deletes it\n"
    "POST   /reset                              puts the pod back as it was at the start\n"
    "       of /ready, /terminate, /replace and DELETE /pod: pod=NAME for another pod\n"
    "POST   /rbac?value=BOOL[&verb=VERB]        whether the service account may get and watch pods, or do VERB\n"
    "POST   /rotate                             another token, CA and certificate, the old ones void\n"
    "POST   /hold, POST /release                keep answers back, let them go\n"
    "POST   /stop, POST /start                  no server, server again, same port\n"
    "POST   /advance?by=NUMBER                  other objects change: the version rises\n"
    "POST   /forget-history                     watches from an older version get 410\n"
    "POST   /watches?headers=first-event|at-once&bookmarks=TIME&second=TIME&gone=event|status&history=NUMBER\n"
    "                                           how watches are from now on; what is not named is as it was at the "
    "start\n"
    "POST   /bookmark                           to the watches that allow them\n"
    "POST   /event                              the body to every open watch, as a chunk\n"
    "POST   /end?how=clean|no-last-chunk|half-event|truncated|reset   ends them\n"
    "POST   /hold-events, POST /release-events  nothing more to any watch, all that was held\n"
    "POST   /miss?changes=NUMBER                the next changes are told to no watch\n"
    "DELETE /fault                              faults are over\n"
    "POST   /fault?kind=...                     ";

constexpr std::pair<std::string_view, watch_end> ends[] = {{"clean", watch_end::clean},
                                                           {"no-last-chunk", watch_end::no_last_chunk},
                                                           {"half-event", watch_end::half_event},
                                                           {"truncated", watch_end::half_event_truncated},
                                                           {"reset", watch_end::reset}};

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

std::uint64_t number_or(std::string_view target, std::string_view name, std::uint64_t otherwise) {
  const auto text = query_value(target, name);
  if (!text) return otherwise;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size()) {
    throw std::invalid_argument{std::string{name} + " is a number"};
  }
  return value;
}

/// Whether the second of the two words was given; the first goes without saying.
bool second_of(std::string_view target, std::string_view name, std::string_view first, std::string_view second) {
  const auto text = query_value(target, name);
  if (!text || *text == first) return false;
  if (*text == second) return true;
  throw std::invalid_argument{std::string{name} + " is " + std::string{first} + " or " + std::string{second}};
}

watch_end parse_end(std::string_view target) {
  const std::string how = query_value(target, "how").value_or("clean");
  for (const auto& [name, end] : ends) {
    if (name == how) return end;
  }
  throw std::invalid_argument{"how is clean, no-last-chunk, half-event, truncated or reset"};
}

watch_behaviour parse_behaviour(std::string_view target, watch_behaviour wanted) {
  if (query_value(target, "headers")) wanted.headers_at_once = second_of(target, "headers", "first-event", "at-once");
  if (const auto time = query_value(target, "bookmarks")) wanted.bookmarks = parse_duration(*time);
  if (const auto time = query_value(target, "second")) wanted.second = parse_duration(*time);
  if (query_value(target, "gone")) wanted.gone_as_status = second_of(target, "gone", "event", "status");
  wanted.history = number_or(target, "history", wanted.history);
  return wanted;
}

template <class Duration>
std::int64_t monotonic(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration_cast<Duration>(when.time_since_epoch()).count();
}

control_reply as_json(const ordered_json& document) {
  return {200, document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n"};
}

ordered_json counts_of(const api_server& server) {
  const server_counts counts = server.counts();
  return {{"count", counts.requests},
          {"answers", counts.answers},
          {"accepted", counts.accepted},
          {"handshakes", counts.handshakes},
          {"open", counts.open},
          {"held", counts.held},
          {"faults", server.faults_left()},
          {"answers", counts.answers},
          {"gets", counts.gets},
          {"lists", counts.lists},
          {"watch_requests", counts.watch_requests},
          {"watches", counts.watches},
          {"watching", counts.watching},
          {"events", counts.events},
          {"bytes_received", counts.application_bytes},
          {"bytes_sent", counts.bytes_sent},
          {"wire_received", counts.wire_received},
          {"wire_sent", counts.wire_sent},
          {"resource_version", server.resource_version()},
          {"monotonic_ns", monotonic<std::chrono::nanoseconds>(std::chrono::steady_clock::now())}};
}

ordered_json answered_us(const seen_request& request) {
  return request.answered ? ordered_json(monotonic<std::chrono::microseconds>(*request.answered)) : ordered_json();
}

ordered_json requests_of(const api_server& server) {
  ordered_json list = ordered_json::array();
  for (const seen_request& request : server.requests()) {
    list.push_back(ordered_json{{"connection", request.connection},
                                {"method", request.method},
                                {"target", request.target},
                                {"authorized", !request.authorization.empty()},
                                {"monotonic_us", monotonic<std::chrono::microseconds>(request.when)},
                                {"status", request.status},
                                {"faulty", request.faulty},
                                {"answered_us", answered_us(request)}});
  }
  return list;
}

ordered_json events_of(const api_server& server) {
  ordered_json list = ordered_json::array();
  for (const written_event& event : server.events()) {
    list.push_back(ordered_json{{"watch", event.watch},
                                {"connection", event.connection},
                                {"type", event.type},
                                {"resource_version", event.resource_version},
                                {"changed_ns", monotonic<std::chrono::nanoseconds>(event.changed)},
                                {"written_ns", monotonic<std::chrono::nanoseconds>(event.written)}});
  }
  return list;
}

ordered_json traffic_of(const api_server& server) {
  ordered_json list = ordered_json::array();
  for (const traffic& tenth : server.tenths()) {
    list.push_back(ordered_json{{"begin_ns", monotonic<std::chrono::nanoseconds>(tenth.begin)},
                                {"accepted", tenth.accepted},
                                {"requests", tenth.requests},
                                {"gets", tenth.gets},
                                {"watch_requests", tenth.watch_requests},
                                {"events", tenth.events},
                                {"bytes_sent", tenth.bytes_sent}});
  }
  return list;
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

control::control(api_server& server, service_account_files& files, token_claims claims, std::string token, pod initial,
                 watch_behaviour habits)
    : server_{server},
      files_{files},
      claims_{std::move(claims)},
      token_{std::move(token)},
      initial_{std::move(initial)},
      habits_{habits} {}

control_reply control::handle(std::string_view method, std::string_view target, const std::string& body) {
  try {
    return act(std::string{method} + " " + decoded_path(target), target, body);
  } catch (const std::exception& error) {
    return {400, std::string{error.what()} + "\n"};
  }
}

control_reply control::act(const std::string& asked, std::string_view target, const std::string& body) {
  if (auto reply = show(asked)) return *std::move(reply);
  if (auto reply = act_on_pods(asked, target, body)) return *std::move(reply);
  if (auto reply = act_on_watches(asked, target, body)) return *std::move(reply);
  if (auto reply = act_on_server(asked, target)) return *std::move(reply);
  return {404, "no such thing; GET / has the list\n"};
}

control::maybe_reply control::show(const std::string& asked) const {
  if (asked == "GET /") return control_reply{200, std::string{help} + std::string{fault_help()} + "\n"};
  if (asked == "GET /counts") return as_json(counts_of(server_));
  if (asked == "GET /events") return as_json(events_of(server_));
  if (asked == "GET /traffic") return as_json(traffic_of(server_));
  if (asked != "GET /requests") return std::nullopt;
  ordered_json result = counts_of(server_);
  result["requests"] = requests_of(server_);
  return as_json(result);
}

control::maybe_reply control::act_on_pods(const std::string& asked, std::string_view target, const std::string& body) {
  const control_reply done{200, "done\n"};
  if (asked == "POST /ready") {
    const std::string container = required(target, "container");
    const bool ready = required_bool(target, "value");
    return change_pod(target, [&](pod& document) { document.set_ready(container, ready); }), done;
  }
  if (asked == "POST /terminate") return change_pod(target, [](pod& document) { document.terminate(); }), done;
  if (asked == "POST /replace") {
    const std::string uid = required(target, "uid");
    return change_pod(target, [&uid](pod& document) { document.set_uid(uid); }), done;
  }
  if (asked == "POST /pod") return server_.put_pod(parse_pod(body)), done;
  if (asked == "POST /reset") return server_.put_pod(initial_), done;
  if (asked != "DELETE /pod") return std::nullopt;
  if (!server_.delete_pod(claims_.name_space, query_value(target, "pod").value_or(claims_.pod_name))) {
    throw std::invalid_argument{no_pod};
  }
  return done;
}

control::maybe_reply control::act_on_watches(const std::string& asked, std::string_view target,
                                             const std::string& body) {
  const control_reply done{200, "done\n"};
  if (asked == "POST /advance") return server_.advance(number_or(target, "by", 1)), done;
  if (asked == "POST /forget-history") return server_.forget_history(), done;
  if (asked == "POST /watches") return server_.behave(parse_behaviour(target, habits_)), done;
  if (asked == "POST /bookmark") return server_.send_bookmark(), done;
  if (asked == "POST /event") return server_.send_event(body), done;
  if (asked == "POST /end") return server_.end_watches(parse_end(target)), done;
  if (asked == "POST /hold-events") return server_.hold_events(), done;
  if (asked == "POST /release-events") return server_.release_events(), done;
  if (asked != "POST /miss") return std::nullopt;
  return server_.miss_events(static_cast<unsigned>(number_or(target, "changes", 1))), done;
}

control::maybe_reply control::act_on_server(const std::string& asked, std::string_view target) {
  const control_reply done{200, "done\n"};
  if (asked == "DELETE /requests") return server_.forget(), done;
  if (asked == "POST /rbac") return change_rights(target), done;
  if (asked == "POST /rotate") return rotate(), done;
  if (asked == "POST /hold") return server_.hold_answers(), done;
  if (asked == "POST /release") return server_.stop_holding(), done;
  if (asked == "POST /stop") return server_.stop(), done;
  if (asked == "POST /start") return server_.start(), done;
  if (asked == "DELETE /fault") return server_.clear_faults(), done;
  if (asked != "POST /fault") return std::nullopt;
  server_.inject(parse_fault([target](std::string_view name) { return query_value(target, name); }));
  return done;
}

void control::change_pod(std::string_view target, const std::function<void(pod&)>& change) {
  bool changed = false;
  try {
    server_.update_pod(claims_.name_space, query_value(target, "pod").value_or(claims_.pod_name), [&](pod& document) {
      changed = true;
      change(document);
    });
  } catch (const std::out_of_range&) {
    if (changed) throw;
    throw std::invalid_argument{no_pod};
  }
}

void control::change_rights(std::string_view target) {
  const bool allowed = required_bool(target, "value");
  if (const auto verb = query_value(target, "verb")) return server_.grant(*verb, allowed, user_of(claims_));
  server_.deny(user_of(claims_));
  if (allowed) server_.allow({claims_.name_space}, user_of(claims_));
}

void control::rotate() {
  const std::string next = server_.add_token(claims_);
  const std::string ca = server_.ca().empty() ? std::string{} : server_.replace_authority();
  files_.rotate(next, ca);
  server_.revoke_token(std::exchange(token_, next));
}

}  // namespace sidecar::test
