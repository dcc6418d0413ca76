#include "support/control.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "support/control_parameters.hpp"
#include "support/documents.hpp"
#include "support/http_request.hpp"
#include "support/node_commands.hpp"
#include "support/pod_commands.hpp"
#include "support/reports.hpp"

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

const std::string done = "done\n";

std::set<std::string> words_of_list(const std::string& text) {
  std::set<std::string> words;
  std::istringstream stream{text};
  for (std::string word; std::getline(stream, word, ',');) words.insert(word);
  return words;
}

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
       return document_text(result);
     }},
    {"GET /counts", "", "the counts alone",
     [](control& self, std::string_view) { return document_text(counts_of(self.server_)); }},
    {"GET /events", "", "the events that watches were sent, when the change was and the writing",
     [](control& self, std::string_view) { return document_text(events_of(self.server_)); }},
    {"GET /traffic", "", "requests, events and bytes by the tenth of a second",
     [](control& self, std::string_view) { return document_text(traffic_of(self.server_)); }},
    {"POST /reset", "", "puts the pod back as it was at the start",
     [](control& self, std::string_view) { return self.server_.put_pod(self.initial_), done; }},
    {"POST /allow", "[?namespace=NAME]", "get, list and watch pods there, or in the whole cluster",
     [](control& self, std::string_view target) {
       self.server_.allow({query_value(target, "namespace").value_or("")}, user_of(self.claims_));
       return done;
     }},
    {"POST /allow-nodes", "[?verbs=get,list,watch]", "these and no others on nodes; none without any",
     [](control& self, std::string_view target) {
       self.server_.allow_nodes(words_of_list(query_value(target, "verbs").value_or("")), user_of(self.claims_));
       return done;
     }},
    {"POST /deny", "", "nothing is allowed any more",
     [](control& self, std::string_view) { return self.server_.deny(user_of(self.claims_)), done; }},
    {"POST /page-size", "?items=COUNT", "at most so many pods in one response to a LIST; 0: all",
     [](control& self, std::string_view target) {
       return self.server_.set_page_size(required_number(target, "items")), done;
     }},
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
  for (const pod_command& known : pod_commands()) {
    if (known.request != request) continue;
    const auto name = query_value(target, "pod").value_or(claims_.pod_name);
    const auto name_space = query_value(target, "namespace").value_or(claims_.name_space);
    try {
      known.run({server_, name_space, name, target});
      return {200, done};
    } catch (const std::exception& error) {
      return {400, std::string{error.what()} + "\n"};
    }
  }
  for (const node_command& known : node_commands()) {
    if (known.request != request) continue;
    try {
      known.run({server_, query_value(target, "node").value_or("node-a"), target});
      return {200, done};
    } catch (const std::exception& error) {
      return {400, std::string{error.what()} + "\n"};
    }
  }
  return {404, "no such thing; GET / has the list\n"};
}

std::string control::help() {
  std::string text;
  const auto add = [&text](std::string_view request, std::string_view parameters, std::string_view effect) {
    const std::string usage = std::string{request} + std::string{parameters};
    text.append(usage).append(usage.size() < 20 ? 20 - usage.size() : 1, ' ').append(effect).append("\n");
  };
  for (const command& known : commands) add(known.request, known.parameters, known.effect);
  text.append("Of one pod, [pod=NAME][&namespace=NAME]:\n");
  for (const pod_command& known : pod_commands()) add(known.request, known.parameters, known.effect);
  text.append("Of one node, [node=NAME], by itself node-a:\n");
  for (const node_command& known : node_commands()) add(known.request, known.parameters, known.effect);
  return text.append(fault_help()).append("\n");
}

void control::rotate() {
  const std::string next = server_.add_token(claims_);
  const std::string ca = server_.ca().empty() ? std::string{} : server_.replace_authority();
  files_.rotate(next, ca);
  server_.revoke_token(std::exchange(token_, next));
}

}  // namespace sidecar::test
