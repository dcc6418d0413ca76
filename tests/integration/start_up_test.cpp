#include <gmock/gmock.h>

#include <filesystem>
#include <string>

#include "daemon.hpp"
#include "support/vitals.hpp"

/// What stops a start, and what is said then: an operator reads it in `kubectl logs` of a container that does not run.
namespace sidecar::test {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using testing::Test;

class StartUp : public cluster_fixture {
 protected:
  outcome start_in_vain(const variables& options, const std::vector<std::string>& arguments = {}) const {
    return run_to_the_end(environment(options), arguments);
  }

  /// A file of the service account replaced by something else, or by nothing.
  void remove_from_account(const char* name) const { fs::remove(account.path() / name); }
};

TEST_F(StartUp, EachMistakeSaysWhatToWriteInstead) {
  const auto ended = start_in_vain({{"LISTEN", "3000"},
                                    {"STALE_GRACE", "30"},
                                    {"UNHEALTHY_STATUS", "200"},
                                    {"API_SERVER", "http://10.0.0.1"},
                                    {"TARGET_POD_OVERRIDE", "../secrets/x"},
                                    {"LOG_LEVL", "debug"}},
                                   {"--api-qps=fast"});
  EXPECT_EQ(ended.code, 2);
  for (const char* told :
       {"HTTP_HEALTHCHECK_SIDECAR_LISTEN=\"3000\": write address:port", "STALE_GRACE=\"30\": add a unit",
        "UNHEALTHY_STATUS=\"200\": write a status from 400", "API_SERVER=\"http://10.0.0.1\": http:// is for",
        "TARGET_POD_OVERRIDE=\"../secrets/x\": write", "did you mean HTTP_HEALTHCHECK_SIDECAR_LOG_LEVEL?",
        "--api-qps=\"fast\": write calls per second"}) {
    EXPECT_THAT(ended.error, HasSubstr(told));
  }
}

TEST_F(StartUp, TakenPortIsAClearFailure) {
  const auto first = start();
  const auto second = start_in_vain({{"LISTEN", "127.0.0.1:" + std::to_string(first->port())}});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.error, HasSubstr("cannot listen"));
  EXPECT_THAT(second.error, HasSubstr(std::to_string(first->port())));
  EXPECT_THAT(second.error, HasSubstr("HTTP_HEALTHCHECK_SIDECAR_LISTEN"));
  EXPECT_EQ(first->ask(), "200 OK");
}

TEST_F(StartUp, TooFewFilesToServeAnyClientAreAClearFailure) {
  if (under_sanitizer) GTEST_SKIP() << "the sanitizer needs a descriptor of its own to look at an object's type";
  for (int files = 7; files <= 12; ++files) {
    const auto limit = "--nofile=" + std::to_string(files) + ":" + std::to_string(files);
    const auto ended = run_program("/usr/bin/prlimit", {limit, SIDECAR_EXECUTABLE}, environment());
    EXPECT_EQ(ended.code, 1) << files << ended.error;
    EXPECT_THAT(ended.error, HasSubstr(" error ")) << files;
    EXPECT_THAT(ended.error, AnyOf(HasSubstr("open files"), HasSubstr("cannot start"))) << files;
  }
}

TEST_F(StartUp, ServiceAccountThatIsMissingIsToldInFull) {
  for (const char* name : {"token", "ca.crt", "namespace"}) remove_from_account(name);
  const auto ended = start_in_vain({});
  EXPECT_EQ(ended.code, 2);
  for (const char* name : {"token", "ca.crt", "namespace"}) {
    EXPECT_THAT(ended.error, HasSubstr((account.path() / name).string()));
  }
  EXPECT_THAT(ended.error, HasSubstr("HTTP_HEALTHCHECK_SIDECAR_TARGET_NAMESPACE"));
}

TEST_F(StartUp, TokenThatIsNoneIsToldWithoutShowingIt) {
  account.rotate("two\nlines", api.ca());
  const auto ended = start_in_vain({});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.error, HasSubstr((account.path() / "token").string()));
  EXPECT_THAT(ended.error, Not(HasSubstr("two")));
}

TEST(StartUpOutsideACluster, SaysHowToGoOn) {
  const auto ended = run_to_the_end({});
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.error, HasSubstr("kubectl proxy"));
}

TEST_F(StartUp, FlagWinsOverItsVariable) {
  api.set_ready("health", false);
  const daemon sidecar{environment({{"TARGET_CONTAINER", "health"}, {"UNHEALTHY_STATUS", "503"}}),
                       {"--target-container=game", "--unhealthy-status", "599"}};
  EXPECT_EQ(sidecar.ask(), "200 OK");
  api.set_ready("game", false);
  EXPECT_EQ(sidecar.ask(), "599 ContainerNotReady");
}

TEST(StartUpAction, HelpListsEveryOptionAndExitsWithZero) {
  const auto ended = run_to_the_end({}, {"--help"});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.error, "");
  for (const char* name : {"--stale-grace", "HTTP_HEALTHCHECK_SIDECAR_API_QPS", "--check-config", "Exit codes"}) {
    EXPECT_THAT(ended.output, HasSubstr(name));
  }
}

TEST_F(StartUp, CheckConfigLooksAndOpensNothing) {
  const auto good = run_to_the_end(environment(), {"--check-config"});
  EXPECT_EQ(good.code, 0);
  EXPECT_THAT(good.output, HasSubstr("the options are valid"));
  const auto bad = run_to_the_end(environment({{"DRAIN", "soon"}}), {"--check-config"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.error, HasSubstr("DRAIN=\"soon\""));
  EXPECT_EQ(api.counts().accepted, 0U);
}

}  // namespace
}  // namespace sidecar::test
