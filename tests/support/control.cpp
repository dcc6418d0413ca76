#include "support/control.hpp"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "support/http_request.hpp"

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

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

template <class Duration>
std::int64_t monotonic(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration_cast<Duration>(when.time_since_epoch()).count();
}

std::string text_of(const ordered_json& document) {
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
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

const std::string done = "done\n";

}  // namespace

/// One line of `GET /`, and what it does. `run` gives the body of the response.
struct control::command {
  std::string_view request;
  std::string_view parameters;
  std::string_view effect;
  std::string (*run)(control& self, std::string_view target);
};

const control::command control::commands[] = {
    {"GET /", "", "this text", [](control&, std::string_view) { return help(); }},
    {"GET /requests", "", "the requests so far and the counts, as JSON",
     [](control& self, std::string_view) {
       ordered_json result = counts_of(self.server_);
       result["requests"] = requests_of(self.server_);
       return text_of(result);
     }},
    {"GET /counts", "", "the counts alone",
     [](control& self, std::string_view) { return text_of(counts_of(self.server_)); }},
    {"GET /events", "", "the events that watches were sent, when the change was and the writing",
     [](control& self, std::string_view) { return text_of(events_of(self.server_)); }},
    {"GET /traffic", "", "requests, events and bytes by the tenth of a second",
     [](control& self, std::string_view) { return text_of(traffic_of(self.server_)); }},
    {"POST /ready", "?container=NAME&value=BOOL[&pod=NAME]", "a container's readiness",
     [](control& self, std::string_view target) {
       const std::string container = required(target, "container");
       const bool ready = required_bool(target, "value");
       self.change_pod(target, [&](pod& document) { document.set_ready(container, ready); });
       return done;
     }},
    {"POST /terminate", "[?pod=NAME]", "sets the pod's deletionTimestamp (/reset undoes it)",
     [](control& self, std::string_view target) {
       self.change_pod(target, [](pod& document) { document.terminate(); });
       return done;
     }},
    {"DELETE /pod", "[?pod=NAME]", "deletes it",
     [](control& self, std::string_view target) {
       if (!self.server_.delete_pod(self.claims_.name_space, self.pod_name(target))) {
         throw std::invalid_argument{no_pod};
       }
       return done;
     }},
    {"POST /reset", "", "puts the pod back as it was at the start",
     [](control& self, std::string_view) { return self.server_.put_pod(self.initial_), done; }},
    {"POST /rotate", "", "another token, CA and certificate, the old ones void",
     [](control& self, std::string_view) { return self.rotate(), done; }},
    {"POST /stop", "", "no server", [](control& self, std::string_view) { return self.server_.stop(), done; }},
    {"POST /start", "", "the server again, on the same port",
     [](control& self, std::string_view) { return self.server_.start(), done; }},
    {"POST /fault", "?kind=...", "a fault, see below",
     [](control& self, std::string_view target) {
       self.server_.inject(parse_fault([target](std::string_view name) { return query_value(target, name); }));
       return done;
     }},
    {"DELETE /fault", "", "faults are over",
     [](control& self, std::string_view) { return self.server_.clear_faults(), done; }},
};

control::control(api_server& server, service_account_files& files, token_claims claims, std::string token, pod initial)
    : server_{server},
      files_{files},
      claims_{std::move(claims)},
      token_{std::move(token)},
      initial_{std::move(initial)} {}

control_reply control::handle(std::string_view method, std::string_view target) {
  const std::string request = std::string{method} + " " + decoded_path(target);
  for (const command& known : commands) {
    if (known.request != request) continue;
    try {
      return {200, known.run(*this, target)};
    } catch (const std::exception& error) {
      return {400, std::string{error.what()} + "\n"};
    }
  }
  return {404, "no such thing; GET / has the list\n"};
}

std::string control::help() {
  std::string text;
  for (const command& known : commands) {
    const std::string usage = std::string{known.request} + std::string{known.parameters};
    text.append(usage).append(usage.size() < 20 ? 20 - usage.size() : 1, ' ').append(known.effect).append("\n");
  }
  return text.append(fault_help()).append("\n");
}

std::string control::pod_name(std::string_view target) const {
  return query_value(target, "pod").value_or(claims_.pod_name);
}

void control::change_pod(std::string_view target, const std::function<void(pod&)>& change) {
  bool changed = false;
  try {
    server_.update_pod(claims_.name_space, pod_name(target), [&](pod& document) {
      changed = true;
      change(document);
    });
  } catch (const std::out_of_range&) {
    if (changed) throw;
    throw std::invalid_argument{no_pod};
  }
}

void control::rotate() {
  const std::string next = server_.add_token(claims_);
  const std::string ca = server_.ca().empty() ? std::string{} : server_.replace_authority();
  files_.rotate(next, ca);
  server_.revoke_token(std::exchange(token_, next));
}

}  // namespace sidecar::test
