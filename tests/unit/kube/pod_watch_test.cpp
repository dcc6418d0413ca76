#include "sidecar/kube/pod_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <sstream>
#include <string>

#include "unit/kube/api_client_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using manner = watch_end::manner;
using test::phase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// A watch on demo/game-0 at a server that lets it, and a protocol of what was told: "sent", "accepted", "changed 201".
struct watch_world : client_world {
  explicit watch_world(const test::api_server::options& options = {}) : client_world(options) {
    from = std::to_string(server.resource_version());
  }

  pod_watch::listener listener() {
    return {.sent = [this] { note("sent"); },
            .accepted = [this] { note("accepted"); },
            .told =
                [this](const watch_event& event) {
                  constexpr std::array names{"changed ", "deleted ", "bookmark ", "error ", "unknown "};
                  note(names.at(static_cast<std::size_t>(event.what)) + event.resource_version);
                }};
  }

  void note(const std::string& what) {
    told.push_back(what);
    if (what == stop_at) watch->stop();
  }

  /// The watch is made by the first, so that `settings` can be changed before.
  void begin() {
    if (!watch) watch = create_pod_watch(context.get_executor(), settings, credentials);
    under_way = test::start(context, watch->watch(from, at_most, listener()));
  }

  bool has_ended() const { return under_way->value || under_way->error; }

  bool run_until_told(const std::string& what) {
    return run_until([&] { return has_ended() || (!told.empty() && told.back() == what); }) && !has_ended();
  }

  watch_end finish() {
    EXPECT_TRUE(run_until([&] { return has_ended(); })) << "the watch does not end";
    return under_way->value.value_or(watch_end{manner::completed});
  }

  watch_end run() {
    begin();
    return finish();
  }

  std::string version(std::uint64_t later) const { return std::to_string(std::stoull(from) + later); }

  std::string from;
  std::chrono::seconds at_most{300};
  std::vector<std::string> told;
  std::string stop_at;  ///< stopped when told of this
  std::unique_ptr<pod_watch> watch;
  std::shared_ptr<test::started<watch_end>> under_way;
};

class PodWatch : public testing::Test, protected watch_world {};

TEST_F(PodWatch, AsksInExactlyTheseBytes) {
  server.inject(test::for_watches(test::headers_at_once()));
  begin();
  ASSERT_TRUE(run_until_told("accepted"));
  EXPECT_EQ(server.requests().at(0).head,
            "GET /api/v1/namespaces/demo/pods?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dgame-0"
            "&timeoutSeconds=300&resourceVersion=" +
                from + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: test/1\r\nAccept: application/json\r\nAuthorization: Bearer " + token + "\r\n\r\n");
}

TEST_F(PodWatch, TellsWhatHappensInOrder) {
  server.behave({.headers_at_once = true});
  begin();
  ASSERT_TRUE(run_until_told("accepted"));
  server.set_ready("game", false);
  server.set_ready("game", true);
  server.delete_pod();
  server.send_bookmark();
  server.end_watches();
  EXPECT_EQ(finish().how, manner::completed);
  EXPECT_THAT(told, ElementsAre("sent", "accepted", "changed " + version(1), "changed " + version(2),
                                "deleted " + version(3), "bookmark " + version(3)));
}

TEST_F(PodWatch, HeadThatComesWithTheFirstEventAcceptsBeforeIt) {
  begin();
  ASSERT_TRUE(run_until_told("sent"));
  ASSERT_TRUE(server.wait_for_watches(1));
  server.set_ready("game", false);
  ASSERT_TRUE(run_until_told("changed " + version(1)));
  EXPECT_THAT(told, ElementsAre("sent", "accepted", "changed " + version(1)));
}

TEST_F(PodWatch, WithoutAVersionBeginsWithThePodAsItIs) {
  const auto newest = from;
  from.clear();
  begin();
  ASSERT_TRUE(run_until_told("bookmark " + newest));
  EXPECT_THAT(told, ElementsAre("sent", "accepted", "changed " + newest, "bookmark " + newest));
}

TEST_F(PodWatch, EachWatchHasAConnectionOfItsOwn) {
  server.behave({.headers_at_once = true});
  for (unsigned i = 1; i <= 2; ++i) {
    told.clear();
    begin();
    ASSERT_TRUE(run_until_told("accepted"));
    EXPECT_EQ(server.counts().accepted, i);
    server.end_watches();
    EXPECT_EQ(finish().how, manner::completed);
    EXPECT_TRUE(all_closed());
  }
}

TEST_F(PodWatch, TypesThatAreNotKnownAreNotTold) {
  server.inject(test::unknown_event());
  begin();
  ASSERT_TRUE(run_until_told("accepted"));
  server.set_ready("game", false);
  EXPECT_TRUE(run_until_told("changed " + version(1)));
  EXPECT_EQ(told.size(), 3U);
}

TEST_F(PodWatch, AnEventOfManyPiecesIsOne) {
  server.inject(test::in_chunks_of(1));
  begin();
  ASSERT_TRUE(run_until_told("sent"));
  ASSERT_TRUE(server.wait_for_watches(1));
  server.set_ready("game", false);
  EXPECT_TRUE(run_until_told("changed " + version(1)));
}

TEST_F(PodWatch, AnEventBeyondTheLimitIsTheEnd) {
  server.inject(test::huge_event(2 * 1024 * 1024 + 1));
  const auto end = run();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.why, reason::api_protocol);
  EXPECT_THAT(told, ElementsAre("sent", "accepted"));
}

TEST_F(PodWatch, WhatCameBeforeNonsenseIsTold) {
  const auto line = test::event_line("MODIFIED", test::pod{});
  std::ostringstream size;
  size << std::hex << line.size();
  const auto event = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size.str() + "\r\n" + line + "\r\n";
  for (const auto* nonsense : {"9\r\nnonsense\n\r\n", "zz\r\n", "1\r\n{\r\n0\r\n\r\n"}) {
    told.clear();
    server.inject(test::times(1, test::raw_answer(event + nonsense)));
    const auto end = run();
    EXPECT_EQ(end.how, manner::lost);
    EXPECT_EQ(end.why.why, reason::api_protocol);
    ASSERT_EQ(told.size(), 3U) << nonsense;
    EXPECT_THAT(told.back(), StartsWith("changed "));
  }
}

struct end_row {
  std::string name;
  test::fault trouble;
  manner how;
  reason why;
  std::optional<std::chrono::seconds> retry_after{};
};
void PrintTo(const end_row& row, std::ostream* out) { *out << row.name; }

class PodWatchEnds : public testing::TestWithParam<end_row>, protected watch_world {};

TEST_P(PodWatchEnds, AreToldApart) {
  const auto& row = GetParam();
  server.set_ready("game", false);  // there is an event to tell, and a head with it
  server.inject(row.trouble);
  const auto end = run();
  EXPECT_EQ(end.how, row.how) << end.why.detail;
  if (row.how != manner::completed) {
    EXPECT_EQ(end.why.why, row.why) << end.why.detail;
    EXPECT_EQ(end.why.retry_after, row.retry_after);
    EXPECT_FALSE(end.why.detail.empty());
  }
  EXPECT_THAT(end.why.detail, testing::Not(HasSubstr(token)));
  EXPECT_TRUE(all_closed());
}

INSTANTIATE_TEST_SUITE_P(
    All, PodWatchEnds,
    testing::Values(
        end_row{"at the server's time", test::short_watches(10ms), manner::completed, reason::draining},
        end_row{"without the last chunk", test::short_watches(10ms, false), manner::lost, reason::api_unreachable},
        end_row{"401", test::refused(401), manner::refused, reason::api_unauthorized},
        end_row{"403", test::refused(403), manner::refused, reason::api_forbidden},
        end_row{"410", test::refused(410), manner::expired, reason::api_protocol},
        end_row{"429", test::too_many_requests("2"), manner::refused, reason::api_busy, 2s},
        end_row{"500", test::refused(500), manner::refused, reason::api_error},
        end_row{"503", test::unavailable("1"), manner::refused, reason::api_error, 1s},
        end_row{"a redirect", test::raw_answer("HTTP/1.1 307 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
                manner::refused, reason::api_protocol},
        end_row{"429 that ends with its connection",
                test::raw_answer("HTTP/1.0 429 x\r\nRetry-After: 2\r\n\r\nslow\n", test::afterwards::close),
                manner::refused, reason::api_busy, 2s},
        end_row{"403 that is cut",
                test::raw_answer("HTTP/1.1 403 x\r\nContent-Length: 99\r\n\r\nno", test::afterwards::reset),
                manner::refused, reason::api_forbidden},
        end_row{"503 in chunks of nonsense",
                test::raw_answer("HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), manner::refused,
                reason::api_error},
        end_row{"501 that never ends", test::raw_answer("HTTP/1.1 501 x\r\nContent-Length: 99\r\n\r\nno"),
                manner::refused, reason::api_error},
        end_row{"410 that ends with its connection",
                test::raw_answer("HTTP/1.0 410 x\r\n\r\n{\"kind\":\"Status\",\"reason\":\"Expired\"}",
                                 test::afterwards::close),
                manner::expired, reason::api_protocol},
        end_row{
            "410 that is cut",
            test::raw_answer("HTTP/1.0 410 x\r\n\r\n{\"kind\":\"Status\",\"reason\":\"Expi", test::afterwards::close),
            manner::lost, reason::api_protocol},
        end_row{"410 of a proxy", test::raw_answer("HTTP/1.1 410 x\r\nContent-Length: 4\r\n\r\nGone"), manner::lost,
                reason::api_protocol},
        end_row{"ERROR 410", test::watch_error(410), manner::expired, reason::api_error},
        end_row{"ERROR 500", test::watch_error(500), manner::lost, reason::api_error},
        end_row{"refused connection", test::refuse(), manner::lost, reason::api_unreachable},
        end_row{"reset in the handshake", test::reset_at(phase::handshake), manner::lost, reason::api_unreachable},
        end_row{"reset after the request", test::reset_at(phase::request), manner::lost, reason::api_unreachable},
        end_row{"closed in the head", test::close_at(phase::headers), manner::lost, reason::api_unreachable},
        end_row{"until the connection's end", test::watch_until_close(), manner::lost, reason::api_protocol},
        end_row{"compressed",
                test::raw_answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"),
                manner::lost, reason::api_protocol},
        end_row{"no HTTP", test::raw_answer("SSH-2.0-x\r\n"), manner::lost, reason::api_protocol},
        end_row{"another pod",
                test::raw_answer(
                    "HTTP/1.1 200 OK\r\nContent-Length: 108\r\n\r\n"
                    R"({"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"game-1","namespace":"demo"}}})"
                    "\n                "),
                manner::lost, reason::api_protocol}));

TEST_F(PodWatch, VersionThatIsTooOldIsExpiredBothWays) {
  server.advance(10);
  server.forget_history();
  for (const bool as_status : {false, true}) {
    server.behave({.gone_as_status = as_status});
    EXPECT_EQ(run().how, manner::expired);
  }
}

struct phase_row {
  phase at;
  const char* name;
};
void PrintTo(const phase_row& row, std::ostream* out) { *out << row.name; }

class PodWatchStopped : public testing::TestWithParam<phase_row>, protected watch_world {};

TEST_P(PodWatchStopped, EndsAtOnceAndTellsNothingMore) {
  server.inject(test::silence_at(GetParam().at));
  begin();
  ASSERT_TRUE(run_until([&] { return server.counts().accepted == 1; }));
  if (GetParam().at >= phase::request) {
    ASSERT_TRUE(run_until_asked(1));
  }
  const auto before = told;
  watch->stop();
  const auto end = finish();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.detail, "stopped");
  EXPECT_EQ(told, before);
  EXPECT_TRUE(all_closed());
}

TEST_P(PodWatchStopped, AnotherCanBeginAfterwards) {
  server.inject(test::times(1, test::silence_at(GetParam().at)));
  begin();
  ASSERT_TRUE(run_until([&] { return server.counts().accepted == 1; }));
  watch->stop();
  finish();
  server.clear_faults();
  server.behave({.headers_at_once = true});
  begin();
  EXPECT_TRUE(run_until_told("accepted"));
}

INSTANTIATE_TEST_SUITE_P(All, PodWatchStopped,
                         testing::Values(phase_row{phase::connect, "connect"}, phase_row{phase::handshake, "handshake"},
                                         phase_row{phase::secured, "secured"}, phase_row{phase::request, "request"},
                                         phase_row{phase::headers, "headers"}));

TEST_F(PodWatch, StoppedBeforeItsTurnAsksNothing) {
  settings.pace = std::make_shared<pacer>(2);
  settings.pace->started(boottime_clock::now());
  begin();
  EXPECT_TRUE(run_until([&] { return server.counts().handshakes == 1; }));
  watch->stop();
  EXPECT_EQ(finish().why.detail, "stopped");
  EXPECT_EQ(server.counts().requests, 0U);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(PodWatch, StoppedByItsListenerTellsNothingMore) {
  const auto first = version(1);
  for (int i = 0; i < 3; ++i) server.set_ready("game", i % 2 == 1);
  for (const auto& at : {std::string{"sent"}, std::string{"accepted"}, "changed " + first}) {
    told.clear();
    stop_at = at;
    const auto end = run();
    EXPECT_EQ(end.why.detail, "stopped");
    EXPECT_EQ(told.back(), at);
  }
}

TEST_F(PodWatch, StopWithoutAWatchIsNothing) {
  watch = create_pod_watch(context.get_executor(), settings, credentials);
  watch->stop();
  EXPECT_FALSE(watch->is_outdated());
  EXPECT_FALSE(watch->is_looking_up());
}

TEST_F(PodWatch, OpeningIsBoundedByTheTimeout) {
  settings.timeout = short_timeout;
  for (const auto at : {phase::connect, phase::handshake}) {
    server.inject(test::times(1, test::silence_at(at)));
    const auto end = run();
    EXPECT_EQ(end.how, manner::lost);
    EXPECT_EQ(end.why.why, reason::api_timeout);
    EXPECT_THAT(end.why.detail, HasSubstr("stopped while "));
    EXPECT_THAT(told, IsEmpty());
  }
}

TEST_F(PodWatch, SilenceAfterTheRequestIsNotATimeout) {
  settings.timeout = short_timeout;
  begin();
  ASSERT_TRUE(run_until_told("sent"));
  const auto after = std::chrono::steady_clock::now() + 2 * short_timeout;
  ASSERT_TRUE(run_until([&] { return has_ended() || std::chrono::steady_clock::now() > after; }));
  EXPECT_FALSE(has_ended());
}

TEST_F(PodWatch, RefusalWhoseStatusNeverComesIsEndedByTheTimeout) {
  settings.timeout = short_timeout;
  server.inject(test::raw_answer("HTTP/1.1 410 x\r\nContent-Length: 99\r\n\r\n{"));
  const auto end = run();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.why, reason::api_protocol);
}

TEST_F(PodWatch, EventBeyondTheLimitIsToldWithTheRemedy) {
  server.inject(test::huge_event(2 * 1024 * 1024 + 1));
  EXPECT_THAT(run().why.detail, StartsWith("an event of the watch has more than 2097152 bytes (2.0 MiB), and a pod's"));
}

TEST_F(PodWatch, IsOutdatedOnceTheCaBundleIsAnother) {
  server.behave({.headers_at_once = true});
  begin();
  ASSERT_TRUE(run_until_told("accepted"));
  credentials.refresh_ca();
  EXPECT_FALSE(watch->is_outdated());
  files.rotate(token, server.replace_authority());
  EXPECT_FALSE(watch->is_outdated()) << "nobody has looked yet";
  ASSERT_TRUE(credentials.refresh_ca());
  EXPECT_TRUE(watch->is_outdated());
  watch->stop();
  finish();
  EXPECT_FALSE(watch->is_outdated());
  told.clear();
  begin();
  ASSERT_TRUE(run_until_told("accepted"));
  EXPECT_FALSE(watch->is_outdated());
}

TEST_F(PodWatch, IsOutdatedWhenTheCaBundleWasReplacedWhileItConnected) {
  server.behave({.headers_at_once = true});
  server.inject(test::times(1, test::pause_at(phase::handshake, 100ms)));
  begin();
  ASSERT_TRUE(run_until([&] { return server.counts().accepted == 1; }));
  files.rotate(token, server.replace_authority());
  ASSERT_TRUE(credentials.refresh_ca());
  ASSERT_TRUE(run_until_told("accepted"));
  EXPECT_TRUE(watch->is_outdated()) << "it was verified against the old one";
}

TEST(PodWatchWithoutTls, NeverShowsTheToken) {
  watch_world world({.tls = false});
  world.run();
  EXPECT_EQ(world.server.requests().at(0).authorization, "");
}

TEST_F(PodWatch, SharesThePaceWithAClient) {
  settings.pace = std::make_shared<pacer>(5);
  server.behave({.headers_at_once = true});
  begin();
  const auto call = start();
  ASSERT_TRUE(run_until([&] { return call->value.has_value() && told.size() == 2; }));
  const auto next = start();
  ASSERT_TRUE(run_until([&] { return next->value.has_value(); }));
  const auto seen = server.requests();
  ASSERT_EQ(seen.size(), 3U);
  // 5 calls a second are 200 ms apart; the server's clock stops when its thread gets to read.
  EXPECT_GE(seen.at(1).when - seen.at(0).when, 130ms);
  EXPECT_GE(seen.at(2).when - seen.at(1).when, 130ms);
}

}  // namespace
}  // namespace sidecar::kube
