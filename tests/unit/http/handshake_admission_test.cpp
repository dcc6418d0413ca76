#include "sidecar/http/handshake_queue.hpp"

#include <gtest/gtest.h>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;

TEST(HandshakeAdmission, EvictsForOneThatWaitsOnlyWhatIsOlderThanASecond) {
  const std::chrono::steady_clock::time_point now{1h};
  const limits bounds{.handshakes = 32, .handshake = 1s};
  const struct {
    std::size_t under_way;
    std::chrono::milliseconds age;  ///< of the oldest
    admission decided;
  } rows[] = {
      {0, 0ms, admission::begin},      {31, 0ms, admission::begin},
      {31, 4'000ms, admission::begin}, {32, 0ms, admission::wait},
      {32, 999ms, admission::wait},    {32, 1'000ms, admission::evict_oldest},
      {33, 999ms, admission::wait},    {33, 5'000ms, admission::evict_oldest},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(admit_handshake(row.under_way, now - row.age, now, bounds), row.decided)
        << row.under_way << ' ' << row.age.count();
  }
}

}  // namespace
}  // namespace sidecar::http
