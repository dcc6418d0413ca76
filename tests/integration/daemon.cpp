#include "daemon.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace sidecar::test {
namespace {

/// Sanitizers are told by the environment how to behave.
void inherit(variables& environment) {
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) environment.emplace(name, value);
  }
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// From `listen=127.0.0.1:41234` or `"listen":"[::]:41234"`; 0 if the line has no such field, as only the start line
/// has.
std::uint16_t port_in(std::string_view line, const std::string& field = "listen") {
  auto at = line.find(field + "=");
  if (at == line.npos) at = line.find("\"" + field + "\":");
  if (at == line.npos) return 0;
  auto listener = line.substr(at + field.size() + 1);
  listener = listener.substr(0, std::min(listener.find(' '), listener.find(',')));
  listener.remove_prefix(listener.rfind(':') + 1);
  std::uint16_t port = 0;
  std::from_chars(listener.data(), listener.data() + listener.size(), port);
  return port;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  return text;
}

std::unique_ptr<process> launch(const variables& environment, const std::vector<std::string>& arguments,
                                const std::vector<std::string>& wrapper) {
  auto complete = environment;
  inherit(complete);
  if (wrapper.empty()) return std::make_unique<process>(SIDECAR_EXECUTABLE, arguments, complete);
  std::vector<std::string> rest{wrapper.begin() + 1, wrapper.end()};
  rest.emplace_back(SIDECAR_EXECUTABLE);
  rest.insert(rest.end(), arguments.begin(), arguments.end());
  return std::make_unique<process>(wrapper.front(), rest, complete);
}

}  // namespace

variables named(const variables& options) {
  variables out;
  for (const auto& [name, value] : options) out.emplace("HTTP_HEALTHCHECK_SIDECAR_" + name, value);
  return out;
}

std::string summary(const std::optional<http_response>& answer) {
  if (!answer || answer->status_line.size() < 9) return "no answer";
  return answer->status_line.substr(9) + (answer->field("X-Health-Held") ? " held" : "");
}

std::string request(std::string_view line) {
  std::string text{line};
  if (!contains(line, " HTTP/")) text += " HTTP/1.1";
  return text + "\r\n\r\n";
}

void expect_no_token(const std::vector<std::string>& texts, const std::vector<std::string>& tokens) {
  for (const auto& text : texts) {
    EXPECT_FALSE(contains(text, "Bearer")) << text;
    for (const auto& one : tokens) {
      for (const std::size_t at : {std::size_t{0}, one.find('.') + 1, one.rfind('.') + 1}) {
        EXPECT_FALSE(contains(text, one.substr(at, 30))) << "a piece of the token, from its byte " << at;
      }
    }
  }
}

question::question(std::uint16_t port, std::string_view line)
    : client_(std::make_unique<http_client>("127.0.0.1", port)) {
  client_->send(request(line));
}

std::string question::answer() { return summary(client_->read_response()); }

daemon::daemon(const variables& environment, const std::vector<std::string>& arguments,
               const std::vector<std::string>& wrapper)
    : process_(launch(environment, arguments, wrapper)) {
  const auto line = process_->wait_for_error([](const std::string& text) { return port_in(text) != 0; });
  if (!line) throw std::runtime_error("the sidecar does not listen:\n" + joined(process_->error()));
  port_ = port_in(*line);
  agent_port_ = port_in(*line, "agent");
  status_port_ = port_in(*line, "status");
}

std::string daemon::ask(std::string_view line) const {
  http_client client{"127.0.0.1", port_};
  client.send(request(line));
  return summary(client.read_response(line.starts_with("HEAD ")));
}

std::string daemon::ask_until(std::string_view answer) const {
  return last_answer([this] { return ask(); }, answer, std::chrono::seconds{10});
}

http_response daemon::response_to(std::string_view request) const {
  http_client client{"127.0.0.1", port_};
  auto response = client.ask(request);
  EXPECT_TRUE(response) << "no response to " << request;
  return std::move(response).value_or(http_response{});
}

std::vector<question> daemon::begin(std::size_t count) const {
  std::vector<question> questions;
  questions.reserve(count);
  for (std::size_t i = 0; i < count; ++i) questions.push_back(begin());
  return questions;
}

http_response daemon::status(const std::string& path) const {
  http_client client{"127.0.0.1", status_port_};
  return client.ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").value();
}

void daemon::catch_up() const {
  if (ask("GET /livez") != "200 OK") throw std::runtime_error("the sidecar does not answer on /livez");
}

exit_status daemon::stop(int signal) { return process_->terminate(signal).value_or(exit_status{}); }

std::string daemon::logged(std::string_view text) {
  return process_->wait_for_error([text](const std::string& line) { return contains(line, text); }).value_or("");
}

std::vector<std::string> daemon::lines(std::string_view text) const {
  auto found = process_->error();
  std::erase_if(found, [text](const std::string& line) { return !contains(line, text); });
  return found;
}

std::vector<std::string> daemon::stop_and_read(std::string_view text) {
  stop(SIGINT);
  process_->wait_for_error([](const std::string&) { return false; });
  return lines(text);
}

outcome run_program(const std::string& path, const std::vector<std::string>& arguments, const variables& environment) {
  process child{path, arguments, environment};
  const auto ended = child.wait();
  // Until the streams have ended there may be more to read.
  child.wait_for_output([](const std::string&) { return false; });
  child.wait_for_error([](const std::string&) { return false; });
  return {ended ? ended->code : -1, joined(child.output()), joined(child.error())};
}

outcome run_to_the_end(const variables& environment, const std::vector<std::string>& arguments) {
  auto complete = environment;
  inherit(complete);
  return run_program(SIDECAR_EXECUTABLE, arguments, complete);
}

cluster_fixture::cluster_fixture(const api_server::options& wanted)
    : api{wanted}, token{api.add_token()}, account{directory.path() / "serviceaccount", token, api.ca(), "demo"} {
  api.allow();
  api.put_pod(pod{}.add_readiness_probes());
}

variables cluster_fixture::environment(const variables& options) const {
  variables out = named(options);
  out.merge(named({{"LISTEN", "127.0.0.1:0"},
                   {"SERVICE_ACCOUNT_DIR", account.path().string()},
                   {"ANSWER_TIMEOUT", "20s"},
                   {"API_TIMEOUT", "20s"},
                   {"API_QPS", "0"}}));
  out.emplace("KUBERNETES_SERVICE_HOST", api.address());
  out.emplace("KUBERNETES_SERVICE_PORT", std::to_string(api.port()));
  return out;
}

void cluster_fixture::expect_right_answers(const daemon& of) {
  for (const bool ready : {true, false, true}) {
    api.set_ready("game", ready);
    EXPECT_EQ(of.ask(), ready ? "200 OK" : "500 ContainerNotReady");
  }
}

watch_fixture::watch_fixture(const api_server::options& wanted) : cluster_fixture{wanted} {
  api.behave({.headers_at_once = true});
}

variables watch_fixture::watching(variables options) const {
  options.emplace("SOURCE", "watch");
  return environment(options);
}

std::unique_ptr<daemon> watch_fixture::start_watching(const variables& options) {
  auto started = std::make_unique<daemon>(watching(options));
  expect_memory(*started, options.contains("TARGET_CONTAINER") ? options.at("TARGET_CONTAINER") : "game");
  return started;
}

/// Until the watch tells, answers come from the GET before it; and what came with its head may be told a turn later.
void watch_fixture::expect_memory(const daemon& of, const std::string& container) {
  EXPECT_TRUE(api.wait_for_watches(1));
  EXPECT_EQ(of.ask_until("200 OK"), "200 OK");
  for (const bool ready : {false, true}) {
    api.set_ready(container, ready);
    const std::string told = ready ? "200 OK" : "500 ContainerNotReady";
    EXPECT_EQ(of.ask_until(told), told);
  }
}

void watch_fixture::expect_events(std::uint64_t count, const std::function<void()>& cause) {
  // What the sidecar has seen is noted; it is counted a little later.
  const auto noted = api.events().size();
  EXPECT_TRUE(api.wait_for([&](const server_counts& now) { return now.events >= noted; }));
  const auto before = api.counts().events;
  cause();
  EXPECT_TRUE(api.wait_for([&](const server_counts& now) { return now.events >= before + count; }));
}

void watch_fixture::tell_ready(bool ready) {
  expect_events(1, [&] { api.set_ready("game", ready); });
}

void watch_fixture::expect_right_answers(const daemon& of) {
  for (const bool ready : {true, false, true}) {
    tell_ready(ready);
    EXPECT_EQ(of.ask(), ready ? "200 OK" : "500 ContainerNotReady");
  }
}

}  // namespace sidecar::test
