#include "sidecar/net/deadline.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class Deadline : public testing::Test {
 protected:
  void pass(const deadline& limit) {
    EXPECT_TRUE(test::run_until(context, [&] { return limit.has_passed(); }));
  }

  asio::io_context context{1};
  int aborted = 0;
};

TEST_F(Deadline, AbortsTheOperationUnderWayOnce) {
  const deadline limit(context.get_executor(), 1ms);
  const deadline::guard guard(limit, [&] { ++aborted; });
  EXPECT_FALSE(limit.has_passed());
  pass(limit);
  EXPECT_EQ(aborted, 1);
}

TEST_F(Deadline, AbortsAtOnceWhatBeginsAfterIt) {
  const deadline limit(context.get_executor(), 1ms);
  pass(limit);
  const deadline::guard guard(limit, [&] { ++aborted; });
  EXPECT_EQ(aborted, 1);
}

TEST_F(Deadline, LeavesWhatEndedInTimeAlone) {
  const deadline limit(context.get_executor(), 1ms);
  {
    const deadline::guard guard(limit, [&] { ++aborted; });
  }
  pass(limit);
  EXPECT_EQ(aborted, 0);
}

TEST_F(Deadline, PassesWhenItsOwnerSaysSo) {
  deadline limit(context.get_executor(), 1h);
  const deadline::guard guard(limit, [&] { ++aborted; });
  limit.expire();
  EXPECT_TRUE(limit.has_passed());
  limit.expire();
  EXPECT_EQ(aborted, 1);
  context.run();  // and its timer does not keep the context
}

TEST_F(Deadline, WithoutALimitNeverPassesByItself) {
  deadline limit(context.get_executor());
  context.run();
  EXPECT_FALSE(limit.has_passed());
  limit.expire();
  EXPECT_TRUE(limit.has_passed());
}

TEST_F(Deadline, GuardMayEndWithinItsAbort) {
  deadline limit(context.get_executor());
  const auto witness = std::make_shared<int>(0);
  std::optional<deadline::guard> guard;
  guard.emplace(limit, [&guard, witness] {
    guard.reset();
    ++*witness;
  });
  limit.expire();
  EXPECT_EQ(*witness, 1);
  EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(Deadline, DestroyedWhileItsTimerHasFiredItAbortsNothing) {
  std::optional<deadline> second;
  std::optional<deadline::guard> guard;
  const deadline first(context.get_executor(), 1ms);
  second.emplace(context.get_executor(), 1ms);
  guard.emplace(*second, [&] { ++aborted; });
  const deadline::guard ends_the_other(first, [&] {
    guard.reset();
    second.reset();
  });
  context.run();
  EXPECT_EQ(aborted, 0);
}

}  // namespace
}  // namespace sidecar::net
