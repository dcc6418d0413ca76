#include "sidecar/kube/object_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sidecar/kube/request.hpp"
#include "unit/kube/object_watch_world.hpp"

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

  bool is_ready = true;
};

TEST_F(PodWatch, RequestsWhatHappensAfterAVersion) {
  server.behave({.headers_at_once = true});
  begin();
  ASSERT_TRUE(run_until_delivered("accepted"));
  EXPECT_EQ(server.requests().at(0).target, watch_target({"demo", "game-0"}, version, length));
  EXPECT_EQ(server.requests().at(0).authorization, "Bearer " + token);
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

TEST_F(PodWatch, AcceptsBeforeAFirstEventThatComesWithTheHeadHoweverItIsCutAndSkipsUnknownTypes) {
  for (const auto& trouble : {test::pause_at(phase::request, 0ms), test::unknown_event(), test::in_chunks_of(1)}) {
    version = std::to_string(server.resource_version());
    server.inject(test::times(1, trouble));
    begin();
    ASSERT_TRUE(run_until([&] { return server.faults_left() == 0; }));
    ASSERT_TRUE(server.wait_for_watches(1));
    is_ready = !is_ready;
    server.set_ready("game", is_ready);
    ASSERT_TRUE(run_until_delivered("changed " + later(1)));
    EXPECT_THAT(delivered, ElementsAre("accepted", "changed " + later(1)));
    server.end_watches();
    finish_watch();
  }
}

TEST(PodWatchClosed, EndsAtOnceDeliversNothingMoreAndAnotherCanBeginMeanwhile) {
  for (const auto at : {phase::connect, phase::handshake, phase::secured, phase::request, phase::headers}) {
    SCOPED_TRACE(static_cast<int>(at));
    watch_world world;
    world.server.inject(test::times(1, test::silence_at(at)));
    world.begin();
    ASSERT_TRUE(world.run_until([&] { return world.server.faults_left() == 0; }));
    ASSERT_FALSE(world.has_ended());
    const auto closed = std::chrono::steady_clock::now();
    world.watch->close();
    const auto end = world.finish_watch();
    EXPECT_LT(std::chrono::steady_clock::now() - closed, 2s) << "its timeout is 5 s";
    EXPECT_EQ(end.how, manner::lost);
    EXPECT_EQ(end.why.detail, "closed");
    EXPECT_THAT(world.delivered, IsEmpty());
    world.watch.reset();
    EXPECT_TRUE(world.all_closed());

    world.server.inject(test::times(1, test::silence_at(at)));
    world.begin();
    ASSERT_TRUE(world.run_until([&] { return world.server.faults_left() == 0; }));
    world.watch->close();
    world.server.behave({.headers_at_once = true});
    world.begin();
    EXPECT_TRUE(world.run_until_delivered("accepted"));
  }
}

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
  ASSERT_EQ(net::resolver_cache::pending_lookups(), 1U);
  watch->close();
  test::run_ready(context);  // the lookup's result waits in the resolver's thread for someone to run the context
  EXPECT_EQ(finish_watch().why.detail, "closed");
  EXPECT_EQ(server.counts().accepted, 0U);
}

TEST_F(PodWatch, ClosedBeforeItBeginsDoesNotConnect) {
  begin();
  watch->close();
  EXPECT_FALSE(watch->is_outdated());
  EXPECT_EQ(finish_watch().why.detail, "closed");
  EXPECT_EQ(net::resolver_cache::pending_lookups(), 0U);
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
