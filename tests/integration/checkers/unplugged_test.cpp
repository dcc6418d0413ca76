#include <algorithm>
#include <array>
#include <chrono>

#include "integration/daemon.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Without API_QPS, which makes questions wait for their turn to ask the API server.
class Unplugged : public cluster_fixture {};

steady_clock::duration time_of(http_client& client) {
  const auto start = steady_clock::now();
  EXPECT_EQ(summary(client.ask(request("GET /healthz"))), "200 OK held");
  return steady_clock::now() - start;
}

/// What one of a hundred answers takes longer than.
steady_clock::duration slowest_but_one(http_client& client) {
  std::array<steady_clock::duration, 100> times{};
  for (auto& time : times) time = time_of(client);
  std::ranges::sort(times);
  return times[times.size() - 2];
}

TEST_F(Unplugged, AnswersTakeLessThanFiveMilliseconds) {
  const auto sidecar = start({{"STALE_GRACE", "1h"}});
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.stop();
  http_client client{"127.0.0.1", sidecar->port()};
  auto best = steady_clock::duration::max();
  // More than once: the machine may be busy with something else.
  for (int round = 0; round < 5 && best >= 5ms; ++round) best = std::min(best, slowest_but_one(client));
  EXPECT_LT(best, 5ms);
}

}  // namespace
}  // namespace sidecar::test
