#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "unit/kube/object_watch_world.hpp"

/// Which calls are counted, and as what; call_statistics_test holds the counting.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::phase;
using testing::ElementsAre;
using testing::IsEmpty;

/// What has been counted: "get success 2", "watch ApiForbidden 1".
std::vector<std::string> counted(const client_world& world) {
  std::vector<std::string> all;
  const auto add = [&](verb what, std::optional<reason> why) {
    const auto count = world.settings.statistics->count(what, why);
    if (count == 0) return;
    const auto result = why ? health::name(*why) : std::string_view{"success"};
    all.push_back(std::string{name(what)}.append(" ").append(result).append(" ").append(std::to_string(count)));
  };
  for (const auto what : verbs) {
    add(what, {});
    for (const auto why : call_failures) add(what, why);
  }
  return all;
}

class CallCount : public testing::Test, protected watch_world {};

TEST_F(CallCount, EachCallCountsOnceByItsVerb) {
  fetch();
  fetch();
  fetch_list();
  EXPECT_THAT(counted(*this), ElementsAre("get success 2", "list success 1"));
  EXPECT_EQ(settings.statistics->durations.count, 3U);
  EXPECT_EQ(settings.statistics->last->what, verb::list);
}

TEST_F(CallCount, NoSuchPodIsASuccess) {
  server.delete_pod();
  fetch();
  fetch_list();
  EXPECT_THAT(counted(*this), ElementsAre("get success 1", "list success 1"));
}

TEST_F(CallCount, FailureCountsWhereverTheCallEnds) {
  const std::pair<test::fault, std::string> rows[] = {{test::refuse(), "ApiUnreachable"},
                                                      {test::with_flaw(test::tls_flaw::expired), "ApiUntrusted"},
                                                      {test::reset_at(phase::handshake), "ApiUnreachable"},
                                                      {test::reset_at(phase::request), "ApiUnreachable"},
                                                      {test::close_at(phase::body), "ApiUnreachable"},
                                                      {test::refused(403), "ApiForbidden"},
                                                      {test::too_many_requests("1"), "ApiBusy"},
                                                      {test::raw_answer(response_with("{}")), "ApiProtocol"}};
  for (const auto& [trouble, result] : rows) {
    watch_world world;
    world.server.inject(trouble);
    world.fetch();
    EXPECT_THAT(counted(world), ElementsAre("get " + result + " 1"));
    world.fetch_list();
    EXPECT_THAT(counted(world), ElementsAre("get " + result + " 1", "list " + result + " 1"));
  }
}

TEST_F(CallCount, CallThatRunsIntoItsDeadlineTookThatLong) {
  settings.timeout = short_timeout;
  server.inject(test::silence_at(phase::handshake));
  fetch();
  EXPECT_THAT(counted(*this), ElementsAre("get ApiTimeout 1"));
  EXPECT_GE(settings.statistics->last->took, short_timeout);
}

TEST_F(CallCount, WhatIsRetriedWithinACallCountsOnce) {
  fetch();
  server.inject(test::times(1, test::close_at(phase::next_request)));
  ASSERT_TRUE(succeeds());
  fetch();
  EXPECT_THAT(counted(*this), ElementsAre("get success 3"));
}

TEST_F(CallCount, WatchCountsWhenItIsAcceptedAndNotAtItsEnd) {
  server.inject(test::short_watches(10ms));
  EXPECT_EQ(run().how, watch_end::manner::completed);
  EXPECT_THAT(counted(*this), ElementsAre("watch success 1"));
  EXPECT_EQ(settings.statistics->durations.count, 0U);
}

TEST_F(CallCount, WatchThatIsNotAcceptedCountsByItsFailure) {
  const std::pair<test::fault, std::string> rows[] = {
      {test::refuse(), "ApiUnreachable"},
      {test::reset_at(phase::handshake), "ApiUnreachable"},
      {test::with_flaw(test::tls_flaw::expired), "ApiUntrusted"},
      {test::reset_at(phase::request), "ApiUnreachable"},
      {test::refused(403), "ApiForbidden"},
      {test::raw_answer("HTTP/1.1 503 x\r\nContent-Length: 99\r\n\r\nno"), "ApiError"}};
  for (const auto& [trouble, result] : rows) {
    watch_world world;
    world.server.inject(trouble);
    world.run();
    EXPECT_THAT(counted(world), ElementsAre("watch " + result + " 1"));
  }
}

TEST_F(CallCount, WatchThatWeCloseBeforeItIsAcceptedCountsAsNothing) {
  settings.limiter = std::make_shared<rate_limiter>(0.2);
  settings.limiter->note_start(boottime_clock::now());
  begin();
  ASSERT_TRUE(run_until([&] { return server.counts().handshakes == 1; }));
  watch->close();
  finish_watch();
  EXPECT_THAT(counted(*this), IsEmpty());
}

}  // namespace
}  // namespace sidecar::kube
