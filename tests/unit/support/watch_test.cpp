// What a watch of the stand-in does when all is well.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "watching_client.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

std::string version_of(const ready_server& fixture) {
  http_client client = fixture.connect();
  return nlohmann::json::parse(client.ask(fixture.ask())->body)["metadata"]["resourceVersion"];
}

std::string from_now(const ready_server& fixture) { return "&resourceVersion=" + version_of(fixture); }

TEST(Watch, FromAnOldVersionGetsWhatHappenedSince) {
  ready_server fixture;
  const std::string old = from_now(fixture);
  fixture.server.set_ready("game", false);
  fixture.server.delete_pod();
  watching_client client{fixture, old};
  EXPECT_EQ(client.next(), "MODIFIED 202");
  EXPECT_EQ(client.next(), "DELETED 203");
}

TEST(Watch, WithoutAVersionBeginsWithThePod) {
  ready_server fixture;
  watching_client client{fixture};
  EXPECT_EQ(client.next(), "ADDED 201");
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.next(), "MODIFIED 202") << "bookmarks were not allowed";
  watching_client zero{fixture, "&resourceVersion=0&allowWatchBookmarks=true"};
  EXPECT_EQ(zero.next(), "ADDED 202");
  EXPECT_EQ(zero.event()["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
}

TEST(Watch, EndsAtItsTimeoutWithTheLastChunkAndTheConnectionGoesOn) {
  ready_server fixture;
  fixture.server.behave({.second = 10ms});
  const std::string now = from_now(fixture);
  watching_client client{fixture, now + "&timeoutSeconds=5"};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.line(), std::nullopt);
  EXPECT_TRUE(client.saw_last_chunk());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 40ms);
  EXPECT_TRUE(fixture.server.wait_for_watches(0));
  client.ask(now);
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.next(), "MODIFIED 202");
  EXPECT_EQ(fixture.server.counts().watches, 2U);
}

TEST(Watch, BookmarksComeByThemselvesAndShortlyBeforeTheEnd) {
  ready_server fixture;
  fixture.server.behave({.bookmarks = 20ms, .second = 100ms});
  watching_client client{fixture, "&resourceVersion=201&allowWatchBookmarks=true"};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.next(), "BOOKMARK 201");
  fixture.server.behave({.bookmarks = 60s, .second = 10ms});
  watching_client farewell{fixture, "&resourceVersion=201&allowWatchBookmarks=true&timeoutSeconds=4"};
  EXPECT_EQ(farewell.next(), "BOOKMARK 201");
  EXPECT_EQ(farewell.next(), "end");
}

TEST(Watch, VersionThatIsForgottenIsGone) {
  ready_server fixture;
  const std::string old = from_now(fixture);
  fixture.server.set_ready("game", false);
  fixture.server.behave({.history = 0});
  EXPECT_EQ(watching_client(fixture, old).event()["object"]["code"], 410);
  fixture.server.behave({.gone_as_status = true, .history = 0});
  http_client client = fixture.connect();
  const auto answer = client.ask(get(fixture.token, watch_target(old)));
  EXPECT_EQ(answer->status_line, "HTTP/1.1 410 Gone");
  EXPECT_EQ(nlohmann::json::parse(answer->body)["message"], "too old resource version: 201 (202)");
}

// A pod's own version is no place to begin at once the cluster has moved on, however fresh the GET was.
TEST(Watch, VersionOfAQuietPodIsGoneAfterARestart) {
  ready_server fixture;
  fixture.server.advance(10);
  fixture.server.stop();
  fixture.server.start();
  watching_client client{fixture, from_now(fixture)};
  EXPECT_EQ(client.event()["object"]["message"], "too old resource version: 201 (211)");
  EXPECT_EQ(watching_client(fixture).next(), "ADDED 201");
}

struct permission {
  const char* name;
  std::set<std::string> verbs;
  int get;
  int watch;
  int list;
};
void PrintTo(const permission& row, std::ostream* out) { *out << row.name; }

class Permission : public testing::TestWithParam<permission> {};

TEST_P(Permission, IsAskedForEachVerbOnItsOwn) {
  ready_server fixture;
  for (const char* verb : {"get", "watch", "list"}) fixture.server.grant(verb, GetParam().verbs.contains(verb));
  fixture.server.behave({.second = 1ms});
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->status, GetParam().get);
  EXPECT_EQ(client.ask(get(fixture.token, watch_target("&timeoutSeconds=1")))->status, GetParam().watch);
  EXPECT_EQ(client.ask(get(fixture.token, "/api/v1/namespaces/demo/pods"))->status, GetParam().list);
}

INSTANTIATE_TEST_SUITE_P(All, Permission,
                         testing::Values(permission{"all", {"get", "watch", "list"}, 200, 200, 200},
                                         permission{"no watch", {"get"}, 200, 403, 403},
                                         permission{"no get", {"watch"}, 403, 200, 403},
                                         permission{"list only", {"list"}, 403, 403, 200}));

TEST(Watch, IsForbiddenInTheRealServersWords) {
  ready_server fixture;
  fixture.server.grant("watch", false);
  http_client client = fixture.connect();
  const auto body = nlohmann::json::parse(client.ask(get(fixture.token, watch_target()))->body);
  EXPECT_EQ(
      body["message"],
      "pods \"game-0\" is forbidden: User \"system:serviceaccount:demo:sidecar\" cannot watch resource \"pods\" in "
      "API group \"\" in the namespace \"demo\"");
  EXPECT_EQ(client.ask(get("wrong", watch_target()))->status, 401);
}

TEST(Watch, RuleForANameCoversTheWatchThatSelectsIt) {
  ready_server fixture;
  fixture.server.deny();
  fixture.server.allow({"demo", "pods", "game-0"});
  fixture.server.behave({.second = 1ms});
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(get(fixture.token, watch_target("&timeoutSeconds=1")))->status, 200);
  EXPECT_EQ(client.ask(get(fixture.token, "/api/v1/namespaces/demo/pods?watch=1"))->status, 403) << "of all pods";
}

TEST(WatchBooks, EventsHaveTheTimesOfTheChangeAndOfTheWriting) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  const auto before = std::chrono::steady_clock::now();
  fixture.server.set_ready("game", false);
  client.next();
  const auto after = std::chrono::steady_clock::now();
  const std::vector<written_event> events = fixture.server.events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].watch, 1U);
  EXPECT_EQ(events[0].connection, 2U);
  EXPECT_EQ(events[0].type + " " + events[0].resource_version, "MODIFIED 202");
  EXPECT_LE(before, events[0].changed);
  EXPECT_LE(events[0].changed, events[0].written);
  EXPECT_LE(events[0].written, after);
}

}  // namespace
}  // namespace sidecar::test
