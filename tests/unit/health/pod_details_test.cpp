#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "support/recording.hpp"

/// What a pod says to people: no verdict uses it.
namespace sidecar::health {
namespace {

std::string pod_with_status(const std::string& status) {
  return R"({"kind":"Pod","spec":{"containers":[{"name":"game"}]},"status":)" + status + "}";
}

pod read(const std::string& status) { return parse_pod(pod_with_status(status)).value(); }

container_status read_status_entry(const std::string& members) {
  const auto regular =
      read(R"({"containerStatuses":[{"name":"other","started":true,"restartCount":9},{)" + members + "}]}");
  const auto init = read(R"({"initContainerStatuses":[{)" + members + "}]}");
  const auto& one = regular.statuses.back();
  const auto& other = init.init_statuses.back();
  EXPECT_EQ(one.started, other.started) << members;
  EXPECT_EQ(one.restarts, other.restarts) << members;
  EXPECT_EQ(one.last_termination, other.last_termination) << members;
  return one;
}

TEST(PodDetails, AContainersStatusSaysWhetherItStartedAndHowOftenAndWhyItEnded) {
  const struct {
    const char* members;
    bool started;
    std::int64_t restarts;
    const char* last_termination;
  } rows[] = {
      {R"("name":"game")", false, 0, ""},
      {R"("started":true)", true, 0, ""},
      {R"("started":false,"restartCount":3)", false, 3, ""},
      {R"("started":null,"restartCount":null,"lastState":null)", false, 0, ""},
      {R"("restartCount":-1)", false, -1, ""},
      {R"("restartCount":9223372036854775807)", false, INT64_MAX, ""},
      {R"("lastState":{})", false, 0, ""},
      {R"("lastState":{"terminated":null})", false, 0, ""},
      {R"("lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","startedAt":null}},"restartCount":1)", false,
       1, "OOMKilled"},
      {R"("lastState":{"terminated":{"reason":null}})", false, 0, ""},
      // What stands elsewhere is no last termination.
      {R"("state":{"terminated":{"reason":"Completed"}})", false, 0, ""},
      {R"("lastState":{"running":{"reason":"x"},"waiting":{"reason":"CrashLoopBackOff"},"reason":"y"})", false, 0, ""},
      {R"("lastState":{"terminated":{"reason":"Error","nested":{"reason":"z"}}},"reason":"w")", false, 0, "Error"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.members);
    const auto found = read_status_entry(row.members);
    EXPECT_EQ(found.started, row.started);
    EXPECT_EQ(found.restarts, row.restarts);
    EXPECT_EQ(found.last_termination, row.last_termination);
  }
}

TEST(PodDetails, NothingCarriesOverFromTheStatusBefore) {
  const auto found = read(R"({"containerStatuses":[{"started":true,"restartCount":7,"lastState":{"terminated":)"
                          R"({"reason":"Error"}}},{"lastState":{"terminated":{}}},null]})");
  ASSERT_EQ(found.statuses.size(), 3U);
  EXPECT_EQ(found.statuses[0].last_termination, "Error");
  for (const std::size_t later : {1U, 2U}) {
    EXPECT_FALSE(found.statuses[later].started);
    EXPECT_EQ(found.statuses[later].restarts, 0);
    EXPECT_EQ(found.statuses[later].last_termination, "");
  }
}

TEST(PodDetails, ARestartCountIsAnInteger) {
  for (const std::string count :
       {"1.5", "1e3", "9223372036854775808", "-9223372036854775809", R"("3")", "true", "[3]"}) {
    const auto text = pod_with_status(R"({"containerStatuses":[{"restartCount":)" + count + "}]}");
    const auto parsed = parse_pod(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), errc::json_wrong_type) << text;
  }
}

std::string joined_conditions(const pod& subject) {
  std::string all;
  for (const auto& one : subject.conditions) all += one.type + ' ' + one.status + ' ' + one.reason + "; ";
  return all;
}

TEST(PodDetails, ConditionsAreKeptInTheirOrder) {
  const struct {
    const char* status;
    const char* kept;
  } rows[] = {
      {"{}", ""},
      {R"({"conditions":null})", ""},
      {R"({"conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"m"},)"
       R"({"status":"True","type":"Initialized"}]})",
       "Ready False ContainersNotReady; Initialized True ; "},
      {R"({"conditions":[{"type":"a","status":"Unknown","reason":"b"},null,{}]})", "a Unknown b;   ;   ; "},
  };
  for (const auto& row : rows) EXPECT_EQ(joined_conditions(read(row.status)), row.kept) << row.status;
}

TEST(PodDetails, ARecordedPodShowsItsConditions) {
  const auto parsed = parse_pod(test::recorded_body("pod-readiness-gate-not-ready"));
  ASSERT_TRUE(parsed);
  ASSERT_FALSE(parsed->conditions.empty());
  for (const auto& one : parsed->conditions) EXPECT_FALSE(one.type.empty() || one.status.empty());
  ASSERT_FALSE(parsed->statuses.empty());
  EXPECT_TRUE(parsed->statuses[0].started);
}

/// A condition beyond those that are kept still decides.
TEST(PodDetails, AtMostSoManyConditionsAreKept) {
  std::string list;
  for (std::size_t i = 0; i < max_pod_conditions; ++i) list += R"({"type":"gate","status":"True"},)";
  const auto found = read(R"({"conditions":[)" + list + R"({"type":"Ready","status":"True"}]})");
  EXPECT_EQ(found.conditions.size(), max_pod_conditions);
  EXPECT_EQ(found.conditions.back().type, "gate");
  EXPECT_EQ(evaluate(found, {.require = requirement::pod}).reason, reason::pod_ready);
}

/// A text of `before` bytes and then characters of two.
std::string of_umlauts(std::size_t before) {
  std::string text(before, 'a');
  while (text.size() < 2 * max_pod_text) text += "\u00e9";
  return text;
}

TEST(PodDetails, LongTextsAreCutBetweenCharacters) {
  const struct {
    std::string text;
    std::size_t kept;
  } rows[] = {
      {std::string(max_pod_text, 'a'), max_pod_text},
      {std::string(max_pod_text + 1, 'a'), max_pod_text},
      {of_umlauts(0), max_pod_text - 1},
      {of_umlauts(1), max_pod_text},
  };
  for (const auto& row : rows) {
    const auto found =
        read(R"({"conditions":[{"type":")" + row.text + R"(","status":")" + row.text + R"(","reason":")" + row.text +
             R"("}],"containerStatuses":[{"lastState":{"terminated":{"reason":")" + row.text + R"("}}}]})");
    const auto expected = row.text.substr(0, row.kept);
    EXPECT_EQ(found.conditions.at(0).type, expected);
    EXPECT_EQ(found.conditions.at(0).status, expected);
    EXPECT_EQ(found.conditions.at(0).reason, expected);
    EXPECT_EQ(found.statuses.at(0).last_termination, expected);
  }
}

TEST(PodDetails, VerdictsUseNoneOfThem) {
  for (const std::string ready : {"true", "false"}) {
    const auto verdict = [&](const std::string& details) {
      const auto text = R"({"containerStatuses":[{"name":"game","ready":)" + ready + details + "}]}";
      return evaluate(read(text), {}).reason;
    };
    for (const auto* details : {R"(,"started":false)", R"(,"started":true)", R"(,"restartCount":100)",
                                R"(,"lastState":{"terminated":{"reason":"OOMKilled"}})"})
      EXPECT_EQ(verdict(details), verdict("")) << ready << details;
  }
}

}  // namespace
}  // namespace sidecar::health
