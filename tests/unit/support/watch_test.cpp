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

bool ready_in(const nlohmann::json& pod) { return pod["status"]["containerStatuses"][0]["ready"]; }

TEST(Watch, TellsEveryChangeUnderTheVersionThatAGetShows) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  for (const bool ready : {false, true}) {
    fixture.server.set_ready("game", ready);
    const auto event = client.event();
    EXPECT_EQ(brief(event), "MODIFIED " + version_of(fixture));
    EXPECT_EQ(ready_in(event["object"]), ready);
  }
}

TEST(Watch, TellsOfDeletionReturnAndReplacement) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.delete_pod();
  fixture.server.put_pod(pod{});
  fixture.server.replace_pod("00000000-0000-4000-8000-000000000001");
  for (const char* expected : {"DELETED 202", "ADDED 203", "DELETED 204"}) EXPECT_EQ(client.next(), expected);
  const auto added = client.event();
  EXPECT_EQ(brief(added), "ADDED " + version_of(fixture));
  EXPECT_EQ(added["object"]["metadata"]["uid"], "00000000-0000-4000-8000-000000000001");
}

TEST(Watch, TellsNothingOfOtherPods) {
  ready_server fixture;
  fixture.server.put_pod(pod{pod_spec{.name = "game-1"}});
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.set_ready("game", false, "demo", "game-1");
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.event()["object"]["metadata"]["name"], "game-0");
}

TEST(Watch, FromAnOldVersionGetsWhatHappenedSince) {
  ready_server fixture;
  const std::string old = from_now(fixture);
  fixture.server.set_ready("game", false);
  fixture.server.delete_pod();
  watching_client client{fixture, old};
  EXPECT_EQ(client.next(), "MODIFIED 202");
  EXPECT_EQ(client.next(), "DELETED 203");
}

TEST(Watch, FromAVersionToComeWaitsForIt) {
  ready_server fixture;
  watching_client client{fixture, "&resourceVersion=203"};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  for (const bool ready : {false, true, false}) fixture.server.set_ready("game", ready);
  EXPECT_EQ(client.next(), "MODIFIED 204");
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

TEST(Watch, HeadComesWithTheFirstEvent) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  EXPECT_EQ(client.connection().read_for(30ms), "");
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.head().substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(client.next(), "MODIFIED 202");
}

TEST(Watch, HeadComesAtOnceIfThatIsWanted) {
  ready_server fixture;
  fixture.server.behave({.headers_at_once = true});
  watching_client client{fixture, from_now(fixture)};
  EXPECT_EQ(client.head().substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(fixture.server.counts().events, 0U);
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

TEST(Watch, BookmarksComeToThoseThatAllowThem) {
  ready_server fixture;
  const std::string now = from_now(fixture);
  watching_client with{fixture, now + "&allowWatchBookmarks=true"};
  watching_client without{fixture, now};
  ASSERT_TRUE(fixture.server.wait_for_watches(2));
  fixture.server.advance(7);
  fixture.server.send_bookmark();
  fixture.server.set_ready("game", false);
  EXPECT_EQ(with.next(), "BOOKMARK 208");
  EXPECT_EQ(with.next(), "MODIFIED 209");
  EXPECT_EQ(without.next(), "MODIFIED 209");
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

TEST(Watch, DocumentByHandIsToldAsItIs) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.put_document("demo", "game-0", "{\"no\":\"pod\"}\n");
  EXPECT_EQ(client.line(), R"({"type":"MODIFIED","object":{"no":"pod"}})");
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

TEST(Watch, SelectorAndTimeoutMustMakeSense) {
  ready_server fixture;
  http_client client = fixture.connect();
  for (const char* bad : {"?watch=1&fieldSelector=spec.nodeName=a", "?watch=1&timeoutSeconds=x"}) {
    EXPECT_EQ(client.ask(get(fixture.token, std::string{"/api/v1/namespaces/demo/pods"} + bad))->status, 400) << bad;
  }
}

TEST(Watch, ClientThatLeavesIsNoticed) {
  ready_server fixture;
  auto client = std::make_unique<watching_client>(fixture, from_now(fixture));
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  client.reset();
  EXPECT_TRUE(fixture.server.wait_for_watches(0));
  EXPECT_TRUE(fixture.server.wait_for([](const server_counts& counts) { return counts.open <= 1; }));
}

TEST(Watch, RequestSentMeanwhileIsAnsweredAfterIt) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  client.connection().send(fixture.ask());
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.next(), "MODIFIED 202");
  fixture.server.end_watches();
  EXPECT_EQ(client.next(), "end");
  const auto answer = client.connection().read_response();
  ASSERT_TRUE(answer);
  EXPECT_EQ(nlohmann::json::parse(answer->body)["kind"], "Pod");
}

TEST(Watch, ManyWatchesAreToldAtOnce) {
  ready_server fixture;
  const std::string now = from_now(fixture);
  std::vector<std::unique_ptr<watching_client>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<watching_client>(fixture, now));
  ASSERT_TRUE(fixture.server.wait_for_watches(50));
  fixture.server.set_ready("game", false);
  for (const auto& client : clients) EXPECT_EQ(client->next(), "MODIFIED 202");
  EXPECT_EQ(fixture.server.counts().events, 50U);
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

TEST(WatchBooks, CountWhatWasAskedAndSent) {
  ready_server fixture;
  watching_client client{fixture, from_now(fixture)};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.set_ready("game", false);
  client.next();
  ASSERT_TRUE(fixture.server.wait_for([](const server_counts& counts) { return counts.events == 1; }));
  const server_counts counts = fixture.server.counts();
  EXPECT_EQ(counts.gets, 1U);
  EXPECT_EQ(counts.watch_requests, 1U);
  EXPECT_EQ(counts.watches, 1U);
  EXPECT_EQ(counts.lists, 0U);
  EXPECT_GT(counts.bytes_sent, client.head().size() + client.chunks()[0]);
  EXPECT_GT(counts.wire_sent, counts.bytes_sent);
  EXPECT_GT(counts.wire_received, counts.application_bytes);
  traffic sum;
  for (const traffic& tenth : fixture.server.tenths()) {
    sum.requests += tenth.requests;
    sum.gets += tenth.gets;
    sum.watch_requests += tenth.watch_requests;
    sum.events += tenth.events;
    sum.accepted += tenth.accepted;
    sum.bytes_sent += tenth.bytes_sent;
  }
  EXPECT_EQ(sum.requests, counts.requests);
  EXPECT_EQ(sum.gets, 1U);
  EXPECT_EQ(sum.watch_requests, 1U);
  EXPECT_EQ(sum.events, 1U);
  EXPECT_EQ(sum.accepted, 2U);
  EXPECT_EQ(sum.bytes_sent, counts.bytes_sent);
  fixture.server.forget();
  EXPECT_TRUE(fixture.server.events().empty());
  EXPECT_TRUE(fixture.server.tenths().empty());
  EXPECT_EQ(fixture.server.counts().watching, 1U);
}

}  // namespace
}  // namespace sidecar::test
