#include "sidecar/kube/watch_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "sidecar/base/errc.hpp"
#include "sidecar/health/evaluate.hpp"
#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using health::reason;
using type = watch_event::type;

const pod_name game{"demo", "game-0"};

constexpr std::string_view pod_text =
    R"({"kind":"Pod","metadata":{"name":"game-0","namespace":"demo","resourceVersion":"7"},"status":{"phase":"Running"}})";

std::string event_of(const std::string& what, std::string_view object = pod_text) {
  return R"({"type":")" + what + R"(","object":)" + std::string{object} + "}";
}

std::string status_of(const std::string& why, const std::string& message) {
  return R"({"kind":"Status","reason":")" + why + R"(","message":")" + message + R"(","code":410})";
}

watch_event read(std::string_view line, const pod_name& wanted = game) {
  auto outcome = read_watch_event(line, wanted);
  if (const auto* problem = std::get_if<failure>(&outcome)) {
    ADD_FAILURE() << problem->detail;
    return {};
  }
  return std::get<watch_event>(std::move(outcome));
}

/// What is said of a line that must be refused.
std::string refusal(std::string_view line, const pod_name& wanted = game) {
  const auto outcome = read_watch_event(line, wanted);
  const auto* problem = std::get_if<failure>(&outcome);
  if (problem == nullptr) return "(an event)";
  EXPECT_EQ(problem->why, reason::api_protocol);
  EXPECT_EQ(problem->retry_after, std::nullopt);
  return problem->detail;
}

std::vector<std::string> recorded_lines(const std::string& name) {
  std::istringstream body(test::recorded_body(name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(body, line);) lines.push_back(line);
  return lines;
}

/// "changed 217", one for each line of a recording.
std::vector<std::string> events_of(const std::string& recording, const pod_name& wanted) {
  std::vector<std::string> all;
  for (const auto& line : recorded_lines(recording)) {
    const auto event = read(line, wanted);
    constexpr std::array names{"changed", "deleted", "bookmark", "error", "unknown"};
    all.push_back(std::string{names.at(static_cast<std::size_t>(event.what))} + ' ' + event.resource_version);
    EXPECT_EQ(event.subject.name, event.what == type::changed ? wanted.name : "") << line;
  }
  return all;
}

struct recorded_row {
  std::string recording;
  std::string pod;
  std::vector<std::string> expected;
};
void PrintTo(const recorded_row& row, std::ostream* out) { *out << row.recording; }

class RecordedWatch : public testing::TestWithParam<recorded_row> {};

TEST_P(RecordedWatch, TellsWhatHappened) {
  EXPECT_EQ(events_of(GetParam().recording, {"demo", GetParam().pod}), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, RecordedWatch,
    testing::Values(
        recorded_row{"watch-added-modified",
                     "game-0",
                     {"changed 217", "bookmark 232", "changed 233", "changed 234", "bookmark 234", "bookmark 234"}},
        recorded_row{
            "watch-deleted", "done-0", {"changed 226", "bookmark 243", "changed 244", "deleted 245", "bookmark 245"}},
        recorded_row{"watch-ended-by-server-shutdown", "game-0", {"changed 234", "bookmark 262"}},
        recorded_row{"watch-expired-resource-version",
                     "game-0",
                     {"changed 211", "changed 212", "changed 213", "changed 217", "changed 233", "changed 234"}},
        recorded_row{"watch-gone-410-event", "game-0", {"error "}},
        recorded_row{"watch-initial-events-bookmark", "game-0", {"changed 234", "bookmark 237"}}));

TEST(WatchEvent, ThePodOfAChangeIsReadAsThatOfAGet) {
  const auto lines = recorded_lines("watch-added-modified");
  const auto reason_at = [&](std::size_t line) {
    return health::name(health::evaluate(read(lines.at(line)).subject, {}).reason);
  };
  EXPECT_EQ(reason_at(0), "ContainerNotReady");
  EXPECT_EQ(reason_at(2), "AllContainersReady");
  EXPECT_EQ(reason_at(3), "ContainerNotReady");
  EXPECT_EQ(read(lines.at(0)).subject.uid, "37747e0d-0418-4795-89f9-d14d09915292");
}

TEST(WatchEvent, APodThatIsLeavingIsOneBeforeItIsGone) {
  const auto lines = recorded_lines("watch-deleted");
  EXPECT_TRUE(read(lines.at(2), {"demo", "done-0"}).subject.deletion_requested);
}

TEST(WatchEvent, EveryRecordedLineIsRefusedForAnotherPod) {
  for (const auto& line : recorded_lines("watch-expired-resource-version")) {
    EXPECT_EQ(refusal(line, {"demo", "game-1"}), "watched demo/game-1, got an event of demo/game-0");
    EXPECT_EQ(refusal(line, {"prod", "game-0"}), "watched prod/game-0, got an event of demo/game-0");
  }
}

TEST(WatchEvent, DeletionOfAnotherPodIsNotOurs) {
  EXPECT_EQ(refusal(event_of("DELETED"), {"demo", "game-1"}), "watched demo/game-1, got an event of demo/game-0");
}

TEST(WatchEvent, TheTypeMayComeLast) {
  const auto event = read(R"({"object":)" + std::string{pod_text} + R"(,"type":"MODIFIED"})");
  EXPECT_EQ(event.what, type::changed);
  EXPECT_EQ(event.resource_version, "7");
  EXPECT_EQ(event.subject.phase, "Running");
}

TEST(WatchEvent, ATypeThatIsNotKnownMeansNothing) {
  for (const auto* name : {"PATCHED", "added", "ADDED ", "ERRORS"}) {
    EXPECT_EQ(read(event_of(name)).what, type::unknown) << name;
    EXPECT_EQ(read(event_of(name, "null")).what, type::unknown) << name;
  }
}

struct error_row {
  std::string name;
  std::string object;
  std::string detail;
  bool is_expired;
};
void PrintTo(const error_row& row, std::ostream* out) { *out << row.name; }

class WatchError : public testing::TestWithParam<error_row> {};

TEST_P(WatchError, SaysWhyAndWhetherAnotherWatchCanGoOn) {
  const auto event = read(event_of("ERROR", GetParam().object));
  EXPECT_EQ(event.what, type::error);
  EXPECT_EQ(event.detail, GetParam().detail);
  EXPECT_EQ(event.is_expired, GetParam().is_expired);
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchError,
    testing::Values(error_row{"Expired", status_of("Expired", "too old"), "Expired: too old", true},
                    error_row{"Gone", status_of("Gone", "no more"), "Gone: no more", true},
                    error_row{"InternalError", status_of("InternalError", "etcd"), "InternalError: etcd", false},
                    error_row{"TooManyRequests", status_of("TooManyRequests", "later"), "TooManyRequests: later",
                              false},
                    error_row{"lower case", status_of("expired", "x"), "expired: x", false},
                    error_row{"no reason", status_of("", "x"), "x", false},
                    error_row{"no Status", std::string{pod_text}, "without a Status", false},
                    error_row{"a pod that is Gone", R"({"kind":"Pod","reason":"Gone"})", "without a Status", false},
                    error_row{"null", "null", "without a Status", false},
                    error_row{"a text", R"("Expired")", "without a Status", false},
                    error_row{"a list", R"([{"kind":"Status","reason":"Gone"}])", "without a Status", false}));

TEST(WatchEvent, AnErrorWithoutObjectIsOne) {
  EXPECT_EQ(read(R"({"type":"ERROR"})").what, type::error);
  EXPECT_FALSE(read(R"({"type":"ERROR"})").is_expired);
}

TEST(WatchEvent, ForeignTextStaysInTheDetail) {
  const auto event = read(event_of("ERROR", status_of("Expired", R"(\r\n\u001b[2JBearer\u0000\u202e)")));
  EXPECT_EQ(event.detail, std::string("Expired: \r\n\x1b[2J"
                                      "Bearer\0\xe2\x80\xae",
                                      25));
  EXPECT_THAT(refusal(event_of("ADDED", R"({"kind":"Pod","metadata":{"name":"a\nb","namespace":"\u001b"}})")),
              testing::StartsWith("watched demo/game-0, got an event of "));
}

struct refused_row {
  std::string name;
  std::string line;
  std::string detail;
};
void PrintTo(const refused_row& row, std::ostream* out) { *out << row.name; }

class WatchLine : public testing::TestWithParam<refused_row> {};

TEST_P(WatchLine, IsRefused) { EXPECT_THAT(refusal(GetParam().line), testing::HasSubstr(GetParam().detail)); }

const std::string not_json = make_error_code(errc::json_invalid).message();
const std::string repeated = make_error_code(errc::json_duplicate_key).message();
const std::string no_pod = make_error_code(errc::pod_not_a_pod).message();
const std::string wrong_type = make_error_code(errc::json_wrong_type).message();
const std::string half_a_pod = R"({"kind":"Pod","metadata":{"name":"game-0"}})";

INSTANTIATE_TEST_SUITE_P(
    All, WatchLine,
    testing::Values(
        refused_row{"nothing", "", not_json}, refused_row{"not JSON", "<html>", not_json},
        refused_row{"half an event", event_of("MODIFIED").substr(0, 60), not_json},
        refused_row{"two events", event_of("MODIFIED") + event_of("MODIFIED"), not_json},
        refused_row{"too deep", event_of("MODIFIED", std::string(100, '[')),
                    make_error_code(errc::json_too_deep).message()},
        refused_row{"invalid UTF-8", event_of("MODIFIED\xff"), not_json},
        refused_row{"no type", R"({"object":)" + std::string{pod_text} + "}", "no type"},
        refused_row{"empty type", event_of(""), "no type"},
        refused_row{"type that is no text", R"({"type":1,"object":)" + std::string{pod_text} + "}", "no type"},
        refused_row{"a text", R"("ADDED")", "no type"}, refused_row{"a list", "[" + event_of("ADDED") + "]", "no type"},
        refused_row{"a pod", std::string{pod_text}, "no type"},
        refused_row{"no object", R"({"type":"MODIFIED"})", no_pod},
        refused_row{"object null", event_of("MODIFIED", "null"), no_pod},
        refused_row{"object a list", event_of("ADDED", "[" + std::string{pod_text} + "]"), wrong_type},
        refused_row{"object a text", event_of("DELETED", R"("game-0")"), wrong_type},
        refused_row{"object a Status", event_of("MODIFIED", status_of("Expired", "x")), no_pod},
        refused_row{"object of another kind", event_of("ADDED", R"({"kind":"PodList","items":[]})"), no_pod},
        refused_row{"pod without namespace", event_of("MODIFIED", half_a_pod), "got an event of /game-0"},
        refused_row{"pod without name", event_of("ADDED", R"({"kind":"Pod","metadata":{}})"), "got an event of /"},
        refused_row{"pod with a wrong type", event_of("ADDED", R"({"kind":"Pod","status":[]})"), wrong_type},
        refused_row{"type twice", R"({"type":"BOOKMARK","type":"MODIFIED","object":)" + std::string{pod_text} + "}",
                    repeated},
        refused_row{
            "object twice",
            R"({"type":"MODIFIED","object":)" + std::string{pod_text} + R"(,"object":)" + std::string{pod_text} + "}",
            repeated},
        refused_row{"version twice",
                    event_of("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"1","resourceVersion":"2"}})"),
                    repeated},
        refused_row{"reason twice", event_of("ERROR", R"({"kind":"Status","reason":"x","reason":"Expired"})"),
                    repeated},
        refused_row{"bookmark without object", R"({"type":"BOOKMARK"})", "has no resourceVersion"},
        refused_row{"bookmark without version", event_of("BOOKMARK", R"({"kind":"Pod","metadata":{}})"),
                    "has no resourceVersion"},
        refused_row{"bookmark of another kind",
                    event_of("BOOKMARK", R"({"kind":"Service","metadata":{"resourceVersion":"9"}})"),
                    "has no resourceVersion"}));

TEST(WatchEvent, ABookmarkNeedsNoNameAndIsReadWithOne) {
  EXPECT_EQ(read(event_of("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"9"}})")).resource_version, "9");
  EXPECT_EQ(read(event_of("BOOKMARK")).resource_version, "7");
  EXPECT_EQ(read(event_of("BOOKMARK")).subject.name, "");
}

TEST(WatchEvent, ADeletionHasTheVersionAndNoPod) {
  const auto event = read(event_of("DELETED"));
  EXPECT_EQ(event.what, type::deleted);
  EXPECT_EQ(event.resource_version, "7");
  EXPECT_EQ(event.subject.name, "");
}

}  // namespace
}  // namespace sidecar::kube
