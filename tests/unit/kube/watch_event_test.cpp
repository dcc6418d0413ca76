#include "sidecar/kube/watch_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <sstream>
#include <string>
#include <utility>
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
  auto event = read_watch_event(line, wanted);
  EXPECT_TRUE(event) << event.error().detail;
  return event ? std::move(*event) : watch_event{};
}

/// What is said of a line that must be refused.
std::string refusal(std::string_view line, const pod_name& wanted = game) {
  const auto event = read_watch_event(line, wanted);
  if (event) return "(an event)";
  EXPECT_EQ(event.error().why, reason::api_protocol);
  EXPECT_EQ(event.error().retry_after, std::nullopt);
  return event.error().detail;
}

std::vector<std::string> recorded_lines(const std::string& name) {
  std::istringstream body(test::recorded_body(name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(body, line);) lines.push_back(line);
  return lines;
}

struct recorded_row {
  std::string recording;
  std::string pod;
  std::vector<std::string> expected;
};

TEST(WatchEvent, IsReadFromEveryRecordedLine) {
  constexpr std::array names{"changed", "deleted", "bookmark", "error", "unknown"};
  const recorded_row rows[] = {
      {"watch-added-modified",
       "game-0",
       {"changed 217", "bookmark 232", "changed 233", "changed 234", "bookmark 234", "bookmark 234"}},
      {"watch-deleted", "done-0", {"changed 226", "bookmark 243", "changed 244", "deleted 245", "bookmark 245"}},
      {"watch-ended-by-server-shutdown", "game-0", {"changed 234", "bookmark 262"}},
      {"watch-expired-resource-version",
       "game-0",
       {"changed 211", "changed 212", "changed 213", "changed 217", "changed 233", "changed 234"}},
      {"watch-gone-410-event", "game-0", {"error "}},
      {"watch-initial-events-bookmark", "game-0", {"changed 234", "bookmark 237"}}};
  for (const auto& row : rows) {
    std::vector<std::string> all;
    for (const auto& line : recorded_lines(row.recording)) {
      const auto event = read(line, {"demo", row.pod});
      all.push_back(std::string{names.at(static_cast<std::size_t>(event.what))} + ' ' + event.resource_version);
      EXPECT_EQ(event.subject.name, event.what == type::changed ? row.pod : "") << line;
    }
    EXPECT_EQ(all, row.expected) << row.recording;
  }
}

TEST(WatchEvent, ThePodOfAChangeIsReadAsThatOfAGet) {
  const auto lines = recorded_lines("watch-added-modified");
  const auto reason_at = [&](std::size_t line) {
    return health::name(health::evaluate(read(lines.at(line)).subject, {}).reason);
  };
  EXPECT_EQ(reason_at(0), "ContainerNotReady");
  EXPECT_EQ(reason_at(2), "AllContainersReady");
  EXPECT_EQ(reason_at(3), "ContainerNotReady");
  EXPECT_EQ(read(lines.at(0)).subject.uid, "37747e0d-0418-4795-89f9-d14d09915292");
  EXPECT_TRUE(read(recorded_lines("watch-deleted").at(2), {"demo", "done-0"}).subject.deletion_requested);
}

TEST(WatchEvent, OfAnotherPodIsRefused) {
  auto lines = recorded_lines("watch-expired-resource-version");
  lines.push_back(event_of("DELETED"));
  for (const auto& line : lines) {
    EXPECT_EQ(refusal(line, {"demo", "game-1"}), "watched demo/game-1, got an event of demo/game-0");
    EXPECT_EQ(refusal(line, {"prod", "game-0"}), "watched prod/game-0, got an event of demo/game-0");
  }
}

TEST(WatchEvent, HasTheFieldsOfItsType) {
  const auto changed = read(R"({"object":)" + std::string{pod_text} + R"(,"type":"MODIFIED"})");
  EXPECT_EQ(changed.what, type::changed);
  EXPECT_EQ(changed.resource_version, "7");
  EXPECT_EQ(changed.subject.phase, "Running");
  for (const auto* name : {"PATCHED", "added", "ADDED ", "ERRORS"}) {
    EXPECT_EQ(read(event_of(name)).what, type::unknown) << name;
    EXPECT_EQ(read(event_of(name, "null")).what, type::unknown) << name;
  }
  for (const auto* name : {"BOOKMARK", "DELETED"}) {
    EXPECT_EQ(read(event_of(name)).resource_version, "7");
    EXPECT_EQ(read(event_of(name)).subject.name, "");
  }
  EXPECT_EQ(read(event_of("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"9"}})")).resource_version, "9");
}

struct error_row {
  std::string object;
  std::string detail;
  bool is_expired;
};

TEST(WatchEvent, ThatIsAnErrorSaysWhyAndWhetherAnotherWatchCanGoOn) {
  const error_row rows[] = {{status_of("Expired", "too old"), "Expired: too old", true},
                            {status_of("Gone", "no more"), "Gone: no more", true},
                            {status_of("InternalError", "etcd"), "InternalError: etcd", false},
                            {status_of("TooManyRequests", "later"), "TooManyRequests: later", false},
                            {status_of("expired", "x"), "expired: x", false},
                            {status_of("", "x"), "x", false},
                            {status_of("Expired", R"(\r\n\u001b[2JBearer\u0000\u202e)"),
                             std::string("Expired: \r\n\x1b[2J"
                                         "Bearer\0\xe2\x80\xae",
                                         25),
                             true},
                            {std::string{pod_text}, "without a Status", false},
                            {R"({"kind":"Pod","reason":"Gone"})", "without a Status", false},
                            {"null", "without a Status", false},
                            {R"("Expired")", "without a Status", false},
                            {R"([{"kind":"Status","reason":"Gone"}])", "without a Status", false}};
  for (const auto& [object, detail, is_expired] : rows) {
    const auto event = read(event_of("ERROR", object));
    EXPECT_EQ(event.what, type::error);
    EXPECT_EQ(event.detail, detail);
    EXPECT_EQ(event.is_expired, is_expired);
  }
  EXPECT_EQ(read(R"({"type":"ERROR"})").what, type::error);
  EXPECT_FALSE(read(R"({"type":"ERROR"})").is_expired);
}

TEST(WatchEvent, IsNoOtherLine) {
  const auto not_json = make_error_code(errc::json_invalid).message();
  const auto repeated = make_error_code(errc::json_duplicate_key).message();
  const auto no_pod = make_error_code(errc::pod_not_a_pod).message();
  const auto wrong_type = make_error_code(errc::json_wrong_type).message();
  const std::string pod{pod_text};
  const std::pair<std::string, std::string> rows[] = {
      {"", not_json},
      {"<html>", not_json},
      {event_of("MODIFIED").substr(0, 60), not_json},
      {event_of("MODIFIED") + event_of("MODIFIED"), not_json},
      {event_of("MODIFIED", std::string(100, '[')), make_error_code(errc::json_too_deep).message()},
      {event_of("MODIFIED\xff"), not_json},
      {R"({"object":)" + pod + "}", "no type"},
      {event_of(""), "no type"},
      {R"({"type":1,"object":)" + pod + "}", "no type"},
      {R"("ADDED")", "no type"},
      {"[" + event_of("ADDED") + "]", "no type"},
      {pod, "no type"},
      {R"({"type":"MODIFIED"})", no_pod},
      {event_of("MODIFIED", "null"), no_pod},
      {event_of("ADDED", "[" + pod + "]"), wrong_type},
      {event_of("DELETED", R"("game-0")"), wrong_type},
      {event_of("MODIFIED", status_of("Expired", "x")), no_pod},
      {event_of("ADDED", R"({"kind":"PodList","items":[]})"), no_pod},
      {event_of("MODIFIED", R"({"kind":"Pod","metadata":{"name":"game-0"}})"), "got an event of /game-0"},
      {event_of("ADDED", R"({"kind":"Pod","metadata":{}})"), "got an event of /"},
      {event_of("ADDED", R"({"kind":"Pod","status":[]})"), wrong_type},
      {R"({"type":"BOOKMARK","type":"MODIFIED","object":)" + pod + "}", repeated},
      {R"({"type":"MODIFIED","object":)" + pod + R"(,"object":)" + pod + "}", repeated},
      {event_of("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"1","resourceVersion":"2"}})"), repeated},
      {event_of("ERROR", R"({"kind":"Status","reason":"x","reason":"Expired"})"), repeated},
      {R"({"type":"BOOKMARK"})", "has no resourceVersion"},
      {event_of("BOOKMARK", R"({"kind":"Pod","metadata":{}})"), "has no resourceVersion"},
      {event_of("BOOKMARK", R"({"kind":"Service","metadata":{"resourceVersion":"9"}})"), "has no resourceVersion"}};
  for (const auto& [line, detail] : rows) EXPECT_THAT(refusal(line), testing::HasSubstr(detail)) << line;
}

}  // namespace
}  // namespace sidecar::kube
