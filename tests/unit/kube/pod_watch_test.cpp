#include "sidecar/kube/pod_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "unit/kube/pod_watch_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using manner = watch_end::manner;
using test::phase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PodWatch : public testing::Test, protected watch_world {
 protected:
  void wait(std::chrono::steady_clock::duration time) {
    const auto end = std::chrono::steady_clock::now() + time;
    run_until([&] { return has_ended() || std::chrono::steady_clock::now() >= end; });
  }
};

TEST_F(PodWatch, BeginsInExactlyTheseBytes) {
  server.behave({.headers_at_once = true});
  begin();
  ASSERT_TRUE(run_until_delivered("accepted"));
  EXPECT_EQ(server.requests().at(0).head,
            "GET /api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dgame-0&watch=true&allowWatchBookmarks=true"
            "&timeoutSeconds=300&resourceVersion=" +
                version + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: test/1\r\nAccept: application/json\r\nAuthorization: Bearer " + token + "\r\n\r\n");
}

TEST_F(PodWatch, DeliversWhatHappensInOrder) {
  server.behave({.headers_at_once = true});
  begin();
  ASSERT_TRUE(run_until_delivered("accepted"));
  server.set_ready("game", false);
  server.set_ready("game", true);
  server.delete_pod();
  server.send_bookmark();
  server.end_watches();
  EXPECT_EQ(finish_watch().how, manner::completed);
  EXPECT_THAT(delivered, ElementsAre("accepted", "changed " + later(1), "changed " + later(2), "deleted " + later(3),
                                     "bookmark " + later(3)));
}

TEST_F(PodWatch, HeadThatComesWithTheFirstEventAcceptsBeforeIt) {
  begin();
  ASSERT_TRUE(run_until_requested(1));
  ASSERT_TRUE(server.wait_for_watches(1));
  server.set_ready("game", false);
  ASSERT_TRUE(run_until_delivered("changed " + later(1)));
  EXPECT_THAT(delivered, ElementsAre("accepted", "changed " + later(1)));
}

TEST_F(PodWatch, EachWatchHasAConnectionOfItsOwn) {
  server.behave({.headers_at_once = true});
  for (unsigned i = 1; i <= 2; ++i) {
    begin();
    ASSERT_TRUE(run_until_delivered("accepted"));
    EXPECT_EQ(server.counts().accepted, i);
    server.end_watches();
    EXPECT_EQ(finish_watch().how, manner::completed);
    watch.reset();
    EXPECT_TRUE(all_closed());
  }
}

TEST_F(PodWatch, TypesThatAreUnknownAreSkipped) {
  server.inject(test::unknown_event());
  begin();
  ASSERT_TRUE(run_until_delivered("accepted"));
  server.set_ready("game", false);
  EXPECT_TRUE(run_until_delivered("changed " + later(1)));
  EXPECT_EQ(delivered.size(), 2U);
}

TEST_F(PodWatch, AnEventOfManyPiecesIsOne) {
  server.inject(test::in_chunks_of(1));
  begin();
  ASSERT_TRUE(run_until_requested(1));
  ASSERT_TRUE(server.wait_for_watches(1));
  server.set_ready("game", false);
  EXPECT_TRUE(run_until_delivered("changed " + later(1)));
}

struct phase_row {
  phase at;
  const char* name;
};
void PrintTo(const phase_row& row, std::ostream* out) { *out << row.name; }

class PodWatchClosed : public testing::TestWithParam<phase_row>, protected watch_world {
 protected:
  /// Begins a watch, and runs until it is that far.
  void begin_and_reach() {
    server.inject(test::times(1, test::silence_at(GetParam().at)));
    begin();
    ASSERT_TRUE(run_until([&] { return server.faults_left() == 0; }));
    ASSERT_FALSE(has_ended());
  }
};

TEST_P(PodWatchClosed, EndsAtOnceAndDeliversNothingMore) {
  begin_and_reach();
  const auto closed = std::chrono::steady_clock::now();
  watch->close();
  const auto end = finish_watch();
  EXPECT_LT(std::chrono::steady_clock::now() - closed, 2s) << "its timeout is 5 s";
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.detail, "closed");
  EXPECT_THAT(delivered, IsEmpty());
  watch.reset();
  EXPECT_TRUE(all_closed());
}

TEST_P(PodWatchClosed, AnotherCanBeginMeanwhile) {
  begin_and_reach();
  watch->close();
  server.behave({.headers_at_once = true});
  begin();
  EXPECT_TRUE(run_until_delivered("accepted"));
}

INSTANTIATE_TEST_SUITE_P(All, PodWatchClosed,
                         testing::Values(phase_row{phase::connect, "connect"}, phase_row{phase::handshake, "handshake"},
                                         phase_row{phase::secured, "secured"}, phase_row{phase::request, "request"},
                                         phase_row{phase::headers, "headers"}));

TEST_F(PodWatch, ClosedBetweenTwoStepsDeliversNothingMore) {
  for (int i = 0; i < 3; ++i) server.set_ready("game", i % 2 == 1);
  for (const auto& step : {std::string{"accepted"}, "changed " + later(1)}) {
    close_after = step;
    EXPECT_EQ(run().why.detail, "closed");
    EXPECT_EQ(delivered.back(), step);
  }
}

TEST_F(PodWatch, ClosedDuringALookupDoesNotWaitForIt) {
  settings.url.host = "localhost";
  begin();
  context.poll_one();
  ASSERT_TRUE(source->is_looking_up());
  watch->close();
  context.restart();
  context.poll();  // the lookup's result waits in the resolver's thread for someone to run the context
  EXPECT_EQ(finish_watch().why.detail, "closed");
  EXPECT_EQ(server.counts().accepted, 0U);
}

TEST_F(PodWatch, ClosedBeforeItBeginsDoesNotConnect) {
  begin();
  watch->close();
  EXPECT_FALSE(watch->is_outdated());
  EXPECT_EQ(finish_watch().why.detail, "closed");
  EXPECT_FALSE(source->is_looking_up());
  EXPECT_EQ(server.counts().accepted, 0U);
}

TEST_F(PodWatch, OpeningIsBoundedByTheTimeout) {
  settings.timeout = short_timeout;
  for (const auto at : {phase::connect, phase::handshake}) {
    server.inject(test::times(1, test::silence_at(at)));
    const auto end = run();
    EXPECT_EQ(end.how, manner::lost);
    EXPECT_EQ(end.why.why, reason::api_timeout);
    EXPECT_THAT(end.why.detail, HasSubstr("stopped while "));
    EXPECT_THAT(delivered, IsEmpty());
  }
}

TEST_F(PodWatch, SilenceAfterTheRequestIsNotATimeout) {
  settings.timeout = short_timeout;
  begin();
  ASSERT_TRUE(run_until_requested(1));
  wait(2 * short_timeout);
  EXPECT_FALSE(has_ended());
}

TEST_F(PodWatch, IsEndedWhereTheServerDoesNotEndIt) {
  settings.timeout = short_timeout;
  length = -30s;  // of which the half minute that is added leaves nothing
  server.inject(test::raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const auto end = run();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.why, reason::api_timeout);
  EXPECT_EQ(end.why.detail, "the API server did not end the watch in time");
  EXPECT_THAT(delivered, ElementsAre("accepted"));
}

TEST_F(PodWatch, IsOutdatedOnceTheCaBundleIsAnother) {
  server.behave({.headers_at_once = true});
  begin();
  ASSERT_TRUE(run_until_delivered("accepted"));
  credentials.refresh_ca();
  EXPECT_FALSE(watch->is_outdated());
  files.rotate(token, server.replace_authority());
  EXPECT_FALSE(watch->is_outdated()) << "nobody has looked yet";
  ASSERT_TRUE(credentials.refresh_ca());
  EXPECT_TRUE(watch->is_outdated());
  begin();
  ASSERT_TRUE(run_until_delivered("accepted"));
  EXPECT_FALSE(watch->is_outdated());
}

TEST_F(PodWatch, IsOutdatedWhenTheCaBundleWasReplacedWhileItConnected) {
  server.behave({.headers_at_once = true});
  server.inject(test::times(1, test::pause_at(phase::secured, 100ms)));
  begin();
  ASSERT_TRUE(run_until([&] { return server.faults_left() == 0; })) << "the handshake is over";
  files.rotate(token, server.replace_authority());
  ASSERT_TRUE(credentials.refresh_ca());
  ASSERT_TRUE(run_until_delivered("accepted"));
  EXPECT_TRUE(watch->is_outdated()) << "it was verified against the old one";
}

TEST(PodWatchWithoutTls, NeverShowsTheToken) {
  watch_world world({.tls = false});
  world.run();
  EXPECT_EQ(world.server.requests().at(0).authorization, "");
}

}  // namespace
}  // namespace sidecar::kube
