// What can go wrong with a watch of the stand-in: the rows W01 to W14 and more.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "support/events.hpp"
#include "watching_client.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

const std::string from_now = "&resourceVersion=201&allowWatchBookmarks=true";

/// A watch that meets the fault, open from now.
struct troubled_watch {
  explicit troubled_watch(const fault& trouble, http_client::milliseconds timeout = http_client::default_timeout) {
    fixture.server.inject(times(1, trouble));
    client.emplace(fixture, from_now, timeout);
    fixture.server.wait_for([](const server_counts& counts) { return counts.watches == 1; });
  }

  void change(bool ready = false) { fixture.server.set_ready("game", ready); }

  nlohmann::json pod_now() {
    http_client asker = fixture.connect();
    return nlohmann::json::parse(asker.ask(fixture.ask())->body);
  }

  ready_server fixture;
  std::optional<watching_client> client;
};

TEST(WatchFaults, W01BookmarksOnlyWhileGetsShowTheChange) {
  troubled_watch watch{bookmarks_only(10ms)};
  watch.change();
  std::string next = watch.client->next();
  if (next == "BOOKMARK 201") next = watch.client->next();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(std::exchange(next, watch.client->next()), "BOOKMARK 202");
  EXPECT_EQ(watch.pod_now()["metadata"]["resourceVersion"], "202");
}

struct refused_watch {
  int status;
  fault trouble;
  const char* body;  ///< what is in it
};
void PrintTo(const refused_watch& row, std::ostream* out) { *out << row.status << " " << row.body; }

class Refusal : public testing::TestWithParam<refused_watch> {};

TEST_P(Refusal, IsOfTheWatchAlone) {
  ready_server fixture;
  fixture.server.inject(for_watches(GetParam().trouble));
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->status, 200);
  const auto answer = client.ask(get(fixture.token, watch_target(from_now)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, GetParam().status);
  EXPECT_NE(answer->body.find(GetParam().body), std::string::npos) << answer->body;
  EXPECT_EQ(fixture.server.counts().watches, 0U);
  EXPECT_EQ(client.ask(fixture.ask())->status, 200) << "the connection goes on";
}

INSTANTIATE_TEST_SUITE_P(All, Refusal,
                         testing::Values(refused_watch{401, refused(401), "Unauthorized"},
                                         refused_watch{403, refused(403), "cannot watch resource"},
                                         refused_watch{410, refused(410), "too old resource version"},
                                         refused_watch{429, too_many_requests("7"), "please try again later"},
                                         refused_watch{500, refused(500), "InternalError"},
                                         refused_watch{503, unavailable("1"), "shutting down"},
                                         refused_watch{504, refused(504), "Timeout"}));

TEST(WatchFaults, RefusalSaysWhenToComeBack) {
  ready_server fixture;
  fixture.server.inject(for_watches(too_many_requests("7")));
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(get(fixture.token, watch_target()))->field("Retry-After"), "7");
}

TEST(WatchFaults, GetsCanFailAlone) {
  ready_server fixture;
  fixture.server.inject(for_gets(refused(500)));
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->status, 500);
  EXPECT_EQ(watching_client(fixture).next(), "ADDED 201");
}

class ErrorEvent : public testing::TestWithParam<int> {};

TEST_P(ErrorEvent, W03ComesAfterOthersAndEndsTheWatch) {
  troubled_watch watch{watch_error(GetParam(), 1)};
  watch.change();
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
  const auto error = watch.client->event();
  EXPECT_EQ(error["type"], "ERROR");
  EXPECT_EQ(error["object"]["kind"], "Status");
  EXPECT_EQ(error["object"]["code"], GetParam());
  EXPECT_EQ(watch.client->next(), "end");
  EXPECT_TRUE(watch.client->saw_last_chunk());
}

INSTANTIATE_TEST_SUITE_P(All, ErrorEvent, testing::Values(410, 429, 500));

TEST(WatchFaults, W04UnknownTypeComesFirst) {
  troubled_watch watch{unknown_event()};
  watch.change();
  EXPECT_EQ(watch.client->event()["type"], "PATCHED");
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
}

TEST(WatchFaults, W05HalfAnEventThenTheEnd) {
  for (const bool close_notify : {true, false}) {
    troubled_watch watch{half_event(close_notify)};
    watch.change();
    EXPECT_EQ(watch.client->next(), "end");
    EXPECT_EQ(watch.client->connection().last_end(), close_notify ? read_end::closed : read_end::truncated);
    EXPECT_FALSE(watch.client->saw_last_chunk());
    EXPECT_EQ(watch.client->rest().substr(0, 27), R"({"type":"MODIFIED","object")");
    EXPECT_TRUE(watch.fixture.server.wait_for_watches(0));
  }
}

TEST(WatchFaults, W06TwoEventsInOneChunk) {
  troubled_watch watch{events_together()};
  watch.change(false);
  EXPECT_EQ(watch.client->connection().read_for(20ms), "") << "one is not enough";
  watch.change(true);
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
  EXPECT_EQ(watch.client->next(), "MODIFIED 203");
  EXPECT_EQ(watch.client->chunks().size(), 1U);
}

TEST(WatchFaults, W06OneEventOverManyChunks) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}}) {
    troubled_watch watch{for_watches(in_chunks_of(size))};
    watch.change();
    const auto line = watch.client->line();
    ASSERT_TRUE(line);
    EXPECT_EQ(watch.client->chunks().size(), (line->size() + 1 + size - 1) / size);
    EXPECT_EQ(watch.client->chunks().front(), size);
  }
}

TEST(WatchFaults, W06EventDripsByteByByte) {
  troubled_watch watch{for_watches(drip(1, 0us))};
  watch.change();
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
  const server_counts counts = watch.fixture.server.counts();
  EXPECT_GT(counts.wire_sent, 20 * counts.bytes_sent) << "a record each";
}

TEST(WatchFaults, W07WatchFallsSilentWhileGetsShowTheChange) {
  troubled_watch watch{silent_watch(1)};
  watch.change(false);
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
  watch.change(true);
  EXPECT_EQ(watch.client->connection().read_for(30ms), "");
  EXPECT_EQ(watch.client->connection().last_end(), read_end::timeout);
  EXPECT_EQ(watch.pod_now()["metadata"]["resourceVersion"], "203");
}

TEST(WatchFaults, W07SilentFromTheStartStillHasAHead) {
  troubled_watch watch{silent_watch(), 100ms};
  watch.change();
  EXPECT_EQ(watch.client->head().substr(0, 17), "HTTP/1.1 200 OK\r\n");
  EXPECT_EQ(watch.client->line(), std::nullopt);
  EXPECT_EQ(watch.client->connection().last_end(), read_end::timeout);
}

TEST(WatchFaults, W07OpenWatchesCanBeSilencedAndComeBack) {
  ready_server fixture;
  fixture.server.behave({.headers_at_once = true, .second = 100ms});
  watching_client client{fixture, from_now + "&timeoutSeconds=1"};
  client.head();
  fixture.server.hold_events();
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.connection().read_for(150ms), "") << "not even the end, whose time has come";
  EXPECT_EQ(fixture.server.counts().events, 0U);
  fixture.server.release_events();
  EXPECT_EQ(client.next(), "MODIFIED 202");
  EXPECT_EQ(client.next(), "end");
  EXPECT_TRUE(client.saw_last_chunk());
}

struct version_row {
  const char* name;
  fault trouble;
  std::vector<std::string> events;
};
void PrintTo(const version_row& row, std::ostream* out) { *out << row.name; }

class Versions : public testing::TestWithParam<version_row> {};

TEST_P(Versions, W08DoNotRise) {
  troubled_watch watch{GetParam().trouble};
  for (const std::string& expected : GetParam().events) {
    watch.change();
    EXPECT_EQ(watch.client->next(), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Versions,
                         testing::Values(version_row{"fall", versions_fall(), {"MODIFIED 200", "MODIFIED 199"}},
                                         version_row{"stay", versions_stay(), {"MODIFIED 201", "MODIFIED 201"}}));

TEST(WatchFaults, W10HugeEventComesFirst) {
  const std::size_t size = std::size_t{2} << 20U;
  troubled_watch watch{huge_event(size)};
  const auto line = watch.client->line();
  ASSERT_TRUE(line);
  EXPECT_GT(line->size(), size);
  EXPECT_EQ(nlohmann::json::parse(*line)["object"]["kind"], "Pod");
  watch.change();
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
}

TEST(WatchFaults, W11ShortLives) {
  for (const bool last_chunk : {true, false}) {
    const auto begin = std::chrono::steady_clock::now();
    troubled_watch watch{short_watches(100ms, last_chunk)};
    EXPECT_EQ(watch.client->next(), "end");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_EQ(watch.client->saw_last_chunk(), last_chunk);
  }
}

TEST(WatchFaults, W12OneWatchMissesAChangeThatGetsShow) {
  troubled_watch watch{missing_events(1)};
  watching_client other{watch.fixture, from_now};
  ASSERT_TRUE(watch.fixture.server.wait_for_watches(2));
  watch.change(false);
  EXPECT_EQ(watch.pod_now()["metadata"]["resourceVersion"], "202");
  watch.change(true);
  EXPECT_EQ(watch.client->next(), "MODIFIED 203");
  EXPECT_EQ(other.next(), "MODIFIED 202");
}

TEST(WatchFaults, W12AllThatAreOpenMissAChange) {
  ready_server fixture;
  watching_client client{fixture, from_now};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.miss_events();
  fixture.server.set_ready("game", false);
  fixture.server.set_ready("game", true);
  EXPECT_EQ(client.next(), "MODIFIED 203");
}

TEST(WatchFaults, W13PodThatIsNotThereYetAppears) {
  ready_server fixture;
  fixture.server.delete_pod();
  fixture.server.grant("list");
  http_client asker = fixture.connect();
  EXPECT_EQ(asker.ask(fixture.ask())->status, 404);
  EXPECT_EQ(asker.ask(get(fixture.token, "/api/v1/namespaces/demo/pods"))->body,
            R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"202"},"items":[]})"
            "\n");
  watching_client client{fixture, "&resourceVersion=202"};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.put_pod(pod{});
  EXPECT_EQ(client.next(), "ADDED 203");
}

TEST(WatchFaults, W14HeadersAreTheFaultsChoice) {
  for (const bool at_once : {true, false}) {
    ready_server fixture;
    fixture.server.behave({.headers_at_once = !at_once});
    fixture.server.inject(at_once ? headers_at_once() : headers_withheld());
    watching_client client{fixture, from_now, 100ms};
    EXPECT_EQ(!client.head().empty(), at_once);
  }
}

TEST(WatchFaults, BodyWithALengthIsOverAfterIt) {
  troubled_watch watch{watch_with_length()};
  watch.change();
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
  EXPECT_NE(watch.client->head().find("\r\nContent-Length: "), std::string::npos);
  EXPECT_EQ(watch.client->head().find("Transfer-Encoding"), std::string::npos);
  EXPECT_TRUE(watch.fixture.server.wait_for_watches(0));
  EXPECT_EQ(watch.client->connection().ask(watch.fixture.ask())->status, 200) << "the length was right";
}

TEST(WatchFaults, BodyUntilTheEndHasNoChunks) {
  troubled_watch watch{watch_until_close()};
  watch.change(false);
  EXPECT_EQ(watch.client->next(), "MODIFIED 202");
  watch.change(true);
  EXPECT_EQ(watch.client->next(), "MODIFIED 203");
  EXPECT_NE(watch.client->head().find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(watch.client->head().find("Transfer-Encoding"), std::string::npos);
  watch.fixture.server.end_watches();
  EXPECT_EQ(watch.client->next(), "end");
  EXPECT_EQ(watch.client->connection().last_end(), read_end::closed);
}

struct end_row {
  const char* name;
  watch_end how;
  read_end end;
  bool last_chunk;
  bool half;
};
void PrintTo(const end_row& row, std::ostream* out) { *out << row.name; }

class EndOfWatch : public testing::TestWithParam<end_row> {};

TEST_P(EndOfWatch, ComesAfterTheEventsBeforeIt) {
  ready_server fixture;
  watching_client client{fixture, from_now};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.set_ready("game", false);
  // A reset may overtake what was written before it.
  if (GetParam().how == watch_end::reset) {
    EXPECT_EQ(client.next(), "MODIFIED 202");
  }
  fixture.server.end_watches(GetParam().how);
  if (GetParam().how != watch_end::reset) {
    EXPECT_EQ(client.next(), "MODIFIED 202");
  }
  EXPECT_EQ(client.next(), "end");
  EXPECT_EQ(client.saw_last_chunk(), GetParam().last_chunk);
  EXPECT_EQ(client.connection().last_end(), GetParam().end);
  EXPECT_EQ(!client.rest().empty(), GetParam().half);
  EXPECT_TRUE(fixture.server.wait_for_watches(0));
}

INSTANTIATE_TEST_SUITE_P(
    All, EndOfWatch,
    testing::Values(end_row{"clean", watch_end::clean, read_end::complete, true, false},
                    end_row{"no last chunk", watch_end::no_last_chunk, read_end::closed, false, false},
                    end_row{"half event", watch_end::half_event, read_end::closed, false, true},
                    end_row{"truncated", watch_end::half_event_truncated, read_end::truncated, false, true},
                    end_row{"reset", watch_end::reset, read_end::reset, false, false}));

TEST(WatchFaults, LineByHandGoesToAll) {
  ready_server fixture;
  watching_client first{fixture, from_now};
  watching_client second{fixture, from_now};
  ASSERT_TRUE(fixture.server.wait_for_watches(2));
  fixture.server.send_event(error_line(429));
  for (watching_client* client : {&first, &second}) EXPECT_EQ(client->event()["object"]["reason"], "TooManyRequests");
}

TEST(WatchFaults, HalfOfTheHeadOrOfTheFirstEventThenSilence) {
  for (const phase at : {phase::headers, phase::body}) {
    troubled_watch watch{for_watches(silence_at(at)), 100ms};
    watch.change();
    EXPECT_EQ(watch.client->line(), std::nullopt);
    EXPECT_EQ(watch.client->head().empty(), at == phase::headers);
    EXPECT_EQ(watch.client->rest().empty(), at == phase::headers);
    EXPECT_EQ(watch.client->connection().last_end(), read_end::timeout);
  }
}

TEST(WatchFaults, ScriptedBytesTakeThePlaceOfAWatch) {
  ready_server fixture;
  fixture.server.inject(for_watches(raw_answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(get(fixture.token, watch_target()))->field("Content-Length"), "0");
  EXPECT_EQ(fixture.server.counts().watches, 0U);
}

TEST(WatchFaults, GateHoldsAWatchWithWhatHappenedMeanwhile) {
  ready_server fixture;
  fixture.server.hold_answers();
  watching_client client{fixture, from_now};
  ASSERT_TRUE(fixture.server.wait_until_held(1));
  fixture.server.set_ready("game", false);
  fixture.server.stop_holding();
  EXPECT_EQ(client.next(), "MODIFIED 202");
}

TEST(WatchFaults, StoppedServerLetsGoOfItsWatches) {
  ready_server fixture;
  watching_client client{fixture, from_now};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.stop();
  EXPECT_EQ(fixture.server.counts().watching, 0U);
  fixture.server.set_ready("game", false);
  fixture.server.start();
  EXPECT_EQ(watching_client(fixture, from_now).event()["object"]["code"], 410) << "the past is forgotten";
}

}  // namespace
}  // namespace sidecar::test
