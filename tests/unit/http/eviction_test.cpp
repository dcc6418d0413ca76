#include "sidecar/http/eviction.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;
using enum phase;

constexpr int nobody = -1;

/// Seconds since when, and how many answers.
occupancy place(phase doing, int since, std::size_t answers = 0) {
  return {doing, std::chrono::steady_clock::time_point{} + std::chrono::seconds(since), answers};
}

int evicted(const std::vector<occupancy>& open) {
  const auto candidate = eviction_candidate(open, [](const occupancy& one) { return one; });
  return candidate == open.end() ? nobody : static_cast<int>(candidate - open.begin());
}

TEST(Eviction, TakesTheOneThatNeedsItsPlaceLeast) {
  const struct {
    const char* what;
    std::vector<occupancy> open;
    int goes;
  } rows[] = {
      {"nobody is there", {}, nobody},
      {"whoever waits for a first answer stays", {place(answering, 1), place(answering, 2)}, nobody},
      {"one alone", {place(idle, 1, 1)}, 0},
      {"lingering before idle", {place(idle, 1, 1), place(lingering, 9, 1)}, 1},
      {"writing before idle", {place(idle, 1, 1), place(writing, 9, 1)}, 1},
      {"idle before a head", {place(reading_head, 1), place(idle, 9, 1)}, 1},
      {"idle before silence", {place(awaiting_first_byte, 1), place(idle, 9, 1)}, 1},
      {"idle before a handshake", {place(handshaking, 1), place(idle, 9, 1)}, 1},
      {"a head before another answer", {place(answering, 1, 9), place(reading_head, 9)}, 1},
      {"another answer before a first one", {place(answering, 1), place(answering, 9, 1)}, 1},
      {"the longest lingering or writing", {place(writing, 3, 1), place(lingering, 2, 1), place(writing, 4, 1)}, 1},
      {"the longest idle", {place(idle, 2, 1), place(idle, 1, 9), place(idle, 3, 1)}, 1},
      {"the longest without a whole request",
       {place(reading_head, 3), place(handshaking, 1), place(awaiting_first_byte, 2)},
       1},
      {"the one with most answers, whenever it asked", {place(answering, 1, 2), place(answering, 9, 3)}, 1},
      {"of two alike the first", {place(idle, 1, 1), place(idle, 1, 1)}, 0},
      {"of two with as many answers the first", {place(answering, 9, 2), place(answering, 1, 2)}, 0},
  };
  for (const auto& row : rows) EXPECT_EQ(evicted(row.open), row.goes) << row.what;
}

}  // namespace
}  // namespace sidecar::http
