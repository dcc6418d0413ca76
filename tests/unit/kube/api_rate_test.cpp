#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "unit/kube/object_watch_world.hpp"

/// GET, LIST and WATCH keep the rate together.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;

// 5 calls a second are 200 ms apart; the server's clock stops when its thread gets to read.
constexpr std::chrono::milliseconds most_of_the_gap{130};

class ApiRate : public testing::Test, protected watch_world {
 protected:
  void expect_apart(std::size_t requests) const {
    const auto seen = server.requests();
    ASSERT_EQ(seen.size(), requests);
    for (std::size_t i = 1; i < requests; ++i) {
      EXPECT_GE(seen.at(i).when - seen.at(i - 1).when, most_of_the_gap) << seen.at(i).target;
    }
  }
};

TEST_F(ApiRate, IsKeptByGetListAndWatchTogether) {
  settings.limiter = std::make_shared<rate_limiter>(5);
  server.behave({.headers_at_once = true});
  begin();
  const auto get = start();
  const auto list = start_list();
  ASSERT_TRUE(run_until([&] { return get->value && list->value && !delivered.empty(); }));
  finish(start());
  expect_apart(4);
}

// Its connection took its time.
TEST_F(ApiRate, IsKeptByARequestThatAWatchHasOvertaken) {
  settings.limiter = std::make_shared<rate_limiter>(5);
  server.behave({.headers_at_once = true});
  server.inject(test::times(1, test::pause_at(test::phase::handshake, 250ms)));
  const auto get = start();
  ASSERT_TRUE(run_until([&] { return server.counts().accepted == 1; }));
  begin();
  ASSERT_TRUE(run_until([&] { return get->value && !delivered.empty(); }));
  EXPECT_THAT(server.requests().at(0).target, testing::HasSubstr("watch=true"));
  expect_apart(2);
}

TEST_F(ApiRate, WatchClosedBeforeTheRateAllowsItRequestsNothing) {
  settings.limiter = std::make_shared<rate_limiter>(0.2);
  settings.limiter->note_start(boottime_clock::now());
  begin();
  EXPECT_TRUE(run_until([&] { return server.counts().handshakes == 1; }));
  watch->close();
  EXPECT_EQ(finish_watch().why.detail, "closed");
  EXPECT_EQ(server.counts().requests, 0U);
}

TEST_F(ApiRate, WatchIsOpenedInTimeOrNot) {
  settings.timeout = short_timeout;
  settings.limiter = std::make_shared<rate_limiter>(0.1);
  settings.limiter->note_start(boottime_clock::now());
  EXPECT_EQ(run().why.detail,
            "no complete response within 400 ms; stopped while waiting until API_QPS allows a request");
  EXPECT_EQ(server.counts().requests, 0U);
}

}  // namespace
}  // namespace sidecar::kube
