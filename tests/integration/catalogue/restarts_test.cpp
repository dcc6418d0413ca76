#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <ostream>
#include <string>

#include "../daemon.hpp"
#include "crowd.hpp"

/// The API server goes and comes back, in all the ways that it has, while many ask.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t clients = 64;
constexpr std::size_t calls_per_second = 10;
constexpr std::chrono::milliseconds api_timeout{1000};
constexpr auto server_start = 1s;  // for how long a real one says 403
constexpr auto busy_machine = 500ms;

/// What begins and ends an outage; between them, and for no longer than `call` after, the pod cannot be learned.
struct outage {
  std::string name;
  std::function<void(api_server&, service_account_files&, const std::string& token)> begin;
  std::function<void(api_server&, service_account_files&, const std::string& token)> end;
  std::string reason;
  std::chrono::milliseconds call{0};        ///< what may be left of one when the server is back
  std::chrono::milliseconds left_alone{0};  ///< how long at least no call follows one of the outage
};
void PrintTo(const outage& one, std::ostream* out) { *out << one.name; }

void restart(api_server& api) {
  api.stop();
  api.start();
}

void clear(api_server& api, service_account_files&, const std::string&) { api.clear_faults(); }

/// The one that fault injection makes of a server that has just started.
auto restarted_with(fault trouble) {
  return [trouble](api_server& api, service_account_files&, const std::string&) {
    api.stop();
    api.inject(trouble);
    api.start();
  };
}

void stop(api_server& api, service_account_files&, const std::string&) { api.stop(); }
void start(api_server& api, service_account_files&, const std::string&) { api.start(); }

const certificate_authority& next_authority() {
  static const certificate_authority next;
  return next;
}

void rotate_files(api_server&, service_account_files& files, const std::string& token) {
  files.rotate(token, next_authority().pem());
}

void replace_server(api_server& api, service_account_files&, const std::string&) {
  api.use_certificate(next_authority().issue());
  restart(api);
}

const outage outages[] = {
    {"Stopped", stop, start, "ApiUnreachable"},
    {"NewAuthorityOnDiskFirst", rotate_files, replace_server, "ApiUntrusted"},
    {"NewAuthorityOnTheServerFirst", replace_server, rotate_files, "ApiUntrusted"},
    {"ForbiddenAtFirst", restarted_with(forbidden_for(0us)), clear, "ApiForbidden"},
    {"ShuttingDown", restarted_with(unavailable("0")), clear, "ApiError"},
    {"BusyForASecond", restarted_with(too_many_requests("1")), clear, "ApiBusy", 1s, 1s},
    {"BusyForAnHour", restarted_with(too_many_requests("3600")), clear, "ApiBusy", 5s, 5s},
    {"HangsAfterTheHandshake", restarted_with(silence_at(phase::secured)), clear, "ApiTimeout", api_timeout},
    {"HangsAfterTheRequest", restarted_with(silence_at(phase::request)), clear, "ApiTimeout", api_timeout},
};

class RestartWhileManyAsk : public cluster_fixture, public testing::WithParamInterface<outage> {
 protected:
  using predicate = std::function<bool(const asked_and_answered&)>;

  std::unique_ptr<daemon> start_with(const std::string& grace) {
    return start({{"STALE_GRACE", grace},
                  {"API_QPS", std::to_string(calls_per_second)},
                  {"ANSWER_TIMEOUT", "900ms"},
                  {"API_TIMEOUT", std::to_string(api_timeout.count()) + "ms"}});
  }

  /// From before the outage, which ends with an answer like that, to the first fresh answer after it.
  void live_through(const std::string& grace, const predicate& enough) {
    const auto sidecar = start_with(grace);
    crowd asking{*sidecar, clients, 50ms};
    ASSERT_TRUE(asking.wait_for(is_known));
    begin_outage();
    ASSERT_TRUE(asking.wait_for(enough));
    end_outage();
    ASSERT_TRUE(asking.wait_for(is_fresh));
    for (const auto& each : asking.stop()) answers_.insert(answers_.end(), each.begin(), each.end());
    EXPECT_EQ(asking.bytes().find("eyJ"), std::string::npos) << "a token begins like that";
    EXPECT_TRUE(sidecar->is_alive());
  }

  void begin_outage() {
    began_ = clock::now();
    GetParam().begin(api, account, token);
    under_way_ = clock::now();
  }

  /// The pod is not ready any more when the server is back: what is held can't be taken for what is fresh.
  void end_outage() {
    api.set_ready("game", false);
    ended_ = clock::now();
    GetParam().end(api, account, token);
  }

  /// What one call takes here: what is left of the last one, the pace, and the call.
  std::chrono::milliseconds one_call() const { return GetParam().call + 1'000ms / calls_per_second + busy_machine; }

  static bool is_known(const asked_and_answered& one) { return one.answer == "200 OK"; }
  static bool is_fresh(const asked_and_answered& one) { return one.answer == "500 ContainerNotReady"; }
  static bool is_held(const asked_and_answered& one) { return one.answer == "200 OK held"; }
  bool is_unknown(const asked_and_answered& one) const { return one.answer == "500 " + GetParam().reason; }

  /// Calls start 1/API_QPS apart; eleven of them take a second, give or take what the machine adds to one of them.
  void expect_no_stampede() const {
    const auto seen = api.requests();
    for (std::size_t i = calls_per_second; i < seen.size(); ++i) {
      EXPECT_GE(seen[i].when - seen[i - calls_per_second].when, 850ms) << "before call " << i;
    }
    const std::chrono::duration<double> time = clock::now() - began_;
    EXPECT_LE(static_cast<double>(api.counts().accepted), calls_per_second * time.count() + 2);
  }

  /// Whoever was told Retry-After does not call before, whatever has become of the server.
  void expect_left_alone() const {
    const auto seen = api.requests();
    for (std::size_t i = 1; i < seen.size(); ++i) {
      if (seen[i - 1].when < under_way_ || seen[i - 1].when > ended_) continue;
      EXPECT_GE(seen[i].when - seen[i - 1].when, GetParam().left_alone) << "before call " << i;
    }
  }

  clock::time_point last_asked(const predicate& like) const {
    auto last = clock::time_point::min();
    for (const auto& one : answers_) {
      if (like(one)) last = std::max(last, one.asked);
    }
    return last;
  }

  clock::time_point first_answered(const predicate& like) const {
    auto first = clock::time_point::max();
    for (const auto& one : answers_) {
      if (like(one)) first = std::min(first, one.answered);
    }
    return first;
  }

  /// Nobody who asks after the first fresh answer gets another, and that one comes within a call of the server's
  /// return.
  void expect_back_within_a_call() const {
    const auto first = first_answered(is_fresh);
    EXPECT_LT(last_asked(std::not_fn(is_fresh)), first);
    EXPECT_LE(first - ended_, one_call());
    const std::chrono::duration<double, std::milli> took = first - ended_;
    std::cout << GetParam().name << ": back after " << took.count() << " ms\n";
  }

  std::vector<asked_and_answered> answers_;
  clock::time_point began_;
  clock::time_point under_way_;
  clock::time_point ended_;
};

TEST_P(RestartWhileManyAsk, ChangesNoAnswerWithinTheHold) {
  const auto long_enough = [this](const auto& one) { return is_held(one) && one.asked >= began_ + server_start; };
  ASSERT_NO_FATAL_FAILURE(live_through("30s", long_enough));
  for (const auto& one : answers_) {
    // Whoever could wait for a tenth of a second only may get the new truth as a held one.
    const bool is_new = one.answered > ended_ && one.answer.starts_with("500 ContainerNotReady");
    ASSERT_TRUE(is_known(one) || is_held(one) || is_new) << one.answer;
  }
  expect_back_within_a_call();
  expect_left_alone();
  expect_no_stampede();
}

TEST_P(RestartWhileManyAsk, IsUnknownAfterTheHoldAndNotBefore) {
  const auto is_over = [this](const auto& one) { return is_unknown(one); };
  ASSERT_NO_FATAL_FAILURE(live_through("1s", is_over));
  EXPECT_GE(first_answered(is_over) - last_asked(is_known), 1s) << "500 while the last truth was young enough";
  EXPECT_LE(last_asked(is_held), first_answered(is_over)) << "held when it was too old";
  expect_back_within_a_call();
  expect_left_alone();
  expect_no_stampede();
}

INSTANTIATE_TEST_SUITE_P(Of, RestartWhileManyAsk, testing::ValuesIn(outages),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sidecar::test
