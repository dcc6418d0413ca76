#include "sidecar/net/deadline.hpp"

#include <gtest/gtest.h>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>

#include "unit/net/run.hpp"

namespace sidecar::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;

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

TEST_F(Deadline, NamesItselfAsTheCauseOfWhatFailedAfterIt) {
  const deadline limit(context.get_executor(), 1ms);
  EXPECT_EQ(limit.result_of(asio::error::eof), asio::error::eof);
  pass(limit);
  EXPECT_EQ(limit.result_of(asio::error::operation_aborted), asio::error::timed_out);
  EXPECT_EQ(limit.result_of({}), error_code{}) << "it succeeded nevertheless";
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
