#include <gmock/gmock.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon.hpp"

/// `doctor` as an operator runs it, and what serve logs of the same mistakes.
namespace sidecar::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Doctor : public cluster_fixture {
 protected:
  outcome ask_doctor(const variables& options = {}, std::vector<std::string> arguments = {}) const {
    arguments.insert(arguments.begin(), "doctor");
    return run_to_the_end(environment(options), arguments);
  }
  void remove_probe() {
    change_pod([](pod& one) { one.document()["spec"]["containers"][0].erase("readinessProbe"); });
  }
};

TEST_F(Doctor, FailsWithOneAndSaysWhatToDo) {
  api.deny();
  const auto ended = ask_doctor();
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.output, HasSubstr("\nok    tls          TLSv1.3 in "));
  EXPECT_THAT(ended.output, HasSubstr("\nFAIL  permissions  system:serviceaccount:demo:sidecar may not get the pod"));
  EXPECT_THAT(ended.output, HasSubstr("\n                   -> kubectl create role health-sidecar --verb=get "));
  EXPECT_EQ(ended.error, "");
}

TEST_F(Doctor, AsksTheRunningSidecar) {
  const auto sidecar = start();
  const auto address = "127.0.0.1:" + std::to_string(sidecar->port());
  const auto agrees = ask_doctor({}, {"--listen=" + address});
  EXPECT_EQ(agrees.code, 0) << agrees.output;
  EXPECT_THAT(agrees.output, HasSubstr("\nok    sidecar      http://" + address + "/healthz answers 200 OK\n"));

  const auto differs = ask_doctor({}, {"--listen=" + address, "--target-container=absent"});
  EXPECT_EQ(differs.code, 1) << differs.output;
  EXPECT_THAT(differs.output, HasSubstr("what was found here is NoSuchContainer"));

  sidecar->stop(SIGINT);
  const auto silent = ask_doctor({}, {"--listen=" + address});
  EXPECT_EQ(silent.code, 1) << silent.output;
  EXPECT_THAT(silent.output, HasSubstr("\nFAIL  sidecar      the sidecar does not answer at http://" + address));
}

TEST_F(Doctor, PrintsJson) {
  api.deny();
  const auto ended = ask_doctor({}, {"--json"});
  EXPECT_EQ(ended.code, 1);
  const auto report = nlohmann::json::parse(ended.output);
  EXPECT_TRUE(report.at("failed").get<bool>());
  for (const auto& one : report.at("findings")) {
    EXPECT_EQ(one.size(), 4U) << one;
    EXPECT_THAT((std::vector<std::string>{"ok", "warn", "fail"}), testing::Contains(one.at("level"))) << one;
  }
}

TEST_F(Doctor, ConfigurationErrorsAreThoseOfServe) {
  const auto ended = ask_doctor({{"STALE_GRACE", "soon"}}, {"--drian=3s"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.output, "");
  EXPECT_THAT(ended.error, HasSubstr("--drain"));
}

TEST_F(Doctor, ShowsNoSecret) {
  auto variables = environment();
  variables["DATABASE_PASSWORD"] = "correct horse";
  const auto ended = run_to_the_end(variables, {"doctor"});
  EXPECT_THAT(ended.output, HasSubstr("permissions"));
  const auto signature = token.substr(token.rfind('.') + 1);
  for (const auto& text : {ended.output, ended.error}) {
    EXPECT_THAT(text, Not(HasSubstr(signature.substr(0, 32))));
    EXPECT_THAT(text, Not(HasSubstr("correct horse")));
  }
}

TEST_F(Doctor, ServeLogsTheSameMistakesOnce) {
  remove_probe();
  const auto sidecar = start();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar->ask(), "200 OK");

  const auto lines = sidecar->stop_and_read("configuration error in the pod's spec");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_THAT(lines[0], HasSubstr("detail=\"container game has no readinessProbe"));
  EXPECT_THAT(lines[0], HasSubstr("hint=\"give container game a readinessProbe"));
}

TEST_F(Doctor, ServeWaitsForThePodToLogThem) {
  remove_probe();
  api.inject(times(2, refused(500)));
  const auto sidecar = start({{"STALE_GRACE", "0"}});
  EXPECT_EQ(sidecar->ask(), "500 ApiError");
  EXPECT_EQ(sidecar->ask(), "500 ApiError");
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_NE(sidecar->logged("configuration error in the pod's spec"), "");
}

TEST_F(Doctor, ServeLogsNothingOfASoundPod) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_TRUE(sidecar->stop_and_read("configuration error in the pod's spec").empty());
}

class WatchingDoctor : public watch_fixture {};

TEST_F(WatchingDoctor, ServeLogsThemFromItsFirstList) {
  change_pod([](pod& one) { one.document()["spec"]["containers"][0].erase("readinessProbe"); });
  const auto sidecar = start_watching();
  EXPECT_EQ(sidecar->stop_and_read("configuration error in the pod's spec").size(), 1U);
}

}  // namespace
}  // namespace sidecar::test
