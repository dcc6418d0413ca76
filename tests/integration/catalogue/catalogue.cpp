#include "catalogue.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>
#include <stdexcept>

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto idle_moment = 100ms;
constexpr auto idle_work = 1ms;  // 1 % of it
constexpr int idle_moments = 3;

}  // namespace

std::string plain(const std::string& status_line, const std::string& body, const std::string& fields) {
  return "HTTP/1.1 " + status_line + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

trial document(const std::string& what, const std::string& bytes, const std::string& reason) {
  return {what, raw_answer(plain("200 OK", bytes)), reason};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == text.npos) throw std::logic_error{"no '" + from + "' to replace"};
  return text.replace(at, from.size(), to);
}

std::optional<std::size_t> open_files(daemon& of) {
  http_client client{"127.0.0.1", of.port()};
  client.ask(request("GET /livez"));
  auto files = vitals{of.running().id()}.open_files();
  if (files) --*files;
  return files;
}

void catalogue::open(const variables& options, const variables& more) {
  if (sidecar_) close();
  auto settings = options;
  settings.emplace("STALE_GRACE", GetParam());
  settings.emplace("LOG_LEVEL", "debug");
  auto complete = environment(settings);
  for (const auto& [name, value] : more) complete[name] = value;
  tokens_.push_back(token);
  sidecar_ = std::make_unique<daemon>(complete);
  warm_up();
  files_ = open_files(*sidecar_);
  kilobytes_ = consumption().anonymous_kilobytes();
}

/// Good and bad, and broken connections: what is allocated once is allocated then.
void catalogue::warm_up() {
  expect_within_a_second("200 OK");
  cut_connections();
  ask();
  api.inject(times(1, reset_at(phase::body)));
  ask();
  expect_within_a_second("200 OK");
  sidecar_->catch_up();
}

std::string catalogue::ask(std::string_view line) {
  http_client client{"127.0.0.1", sidecar_->port()};
  client.send(request(line));
  const auto answer = client.read_response();
  if (answer) said_ += answer->head + answer->body;
  return summary(answer);
}

std::string catalogue::expected(const std::string& reason) const {
  if (reason.empty()) return "200 OK";
  return !strict() && reason.starts_with("Api") ? "200 OK held" : "500 " + reason;
}

void catalogue::try_each(const std::vector<trial>& trials) {
  for (const auto& each : trials) {
    SCOPED_TRACE(each.what);
    const auto before = api.counts().requests;
    api.inject(each.trouble);
    EXPECT_EQ(ask(), expected(each.reason));
    EXPECT_EQ(api.counts().requests - before, each.calls);
    api.clear_faults();
    expect_within_a_second("200 OK");
  }
}

void catalogue::try_each_within(std::size_t kilobytes, const std::vector<trial>& trials) {
  consumption().forget_peak();
  const auto before = consumption().resident_kilobytes();
  try_each(trials);
  const auto grown = growth(consumption().peak_kilobytes(), before);
  if (!under_sanitizer) {
    EXPECT_LT(grown, kilobytes);
  }
  std::cout << "grown by " << grown << " kB at most\n";
}

void catalogue::cut_connections() {
  api.stop();
  api.start();
}

std::string catalogue::replace_token() {
  api.revoke_token(tokens_.back());
  tokens_.push_back(api.add_token());
  return tokens_.back();
}

void catalogue::expect_within_a_second(const std::string& answer) {
  EXPECT_EQ(last_answer([this] { return ask(); }, answer, recovery), answer);
}

void catalogue::TearDown() {
  if (sidecar_) close();
}

/// The invariants, in one place: what must hold after every row.
void catalogue::close() {
  mend();
  api.set_ready("game", false);
  expect_within_a_second("500 ContainerNotReady");
  api.set_ready("game", true);
  expect_within_a_second("200 OK");
  expect_consumption_as_before();
  expect_idle_without_work();
  EXPECT_EQ(sidecar_->stop(SIGINT), (exit_status{128 + SIGINT, 0}));
  expect_no_token(sidecar_->stop_and_read(), tokens_);
  expect_no_token({said_}, tokens_);
  sidecar_.reset();
}

void catalogue::mend() {
  api.clear_faults();
  api.stop_holding();
  api.start();
  api.put_pod(pod{});
}

void catalogue::expect_consumption_as_before() {
  const auto end = clock::now() + recovery;
  auto files = open_files(*sidecar_);
  while (files > files_ && clock::now() < end) files = open_files(*sidecar_);
  EXPECT_LE(files, files_);
  if (!under_sanitizer) {
    EXPECT_LE(consumption().anonymous_kilobytes(), kilobytes_ + memory_margin_kilobytes);
  }
}

/// Nobody asks: while we wait for its end in vain it has nothing to do. What it does once in minutes, as giving back
/// the pages of its start, may fall into one such moment, and not into the next.
void catalogue::expect_idle_without_work() {
  sidecar_->catch_up();
  auto least = std::chrono::nanoseconds::max();
  for (int moment = 0; moment < idle_moments && least >= idle_work; ++moment) {
    const auto before = consumption().processor_time();
    ASSERT_FALSE(sidecar_->running().wait(idle_moment)) << "it has ended";
    least = std::min(least, consumption().processor_time() - before);
  }
  EXPECT_LT(least, idle_work) << least.count() << " ns of work while idle";
}

}  // namespace sidecar::test
