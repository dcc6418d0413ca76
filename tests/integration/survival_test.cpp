#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>

#include "daemon.hpp"
#include "support/vitals.hpp"

/// The fifth promise: nothing a peer sends can stop the sidecar or make it grow, and its next answer is right.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class Survival : public cluster_fixture {
 protected:
  /// 0 for whoever is not root: the process does not show its files.
  static rlim_t lowest_free_file(pid_t number) {
    rlim_t free = 0;
    std::error_code hidden;
    while (std::filesystem::is_symlink("/proc/" + std::to_string(number) + "/fd/" + std::to_string(free), hidden))
      ++free;
    return free;
  }
};

TEST_F(Survival, OfAClientThatAsksAThousandTimesAndNeverReads) {
  const auto sidecar = start({{"STATE_OVERRIDE", "true"}});
  http_client client{"127.0.0.1", sidecar->port(), 500ms};
  std::string many;
  for (int i = 0; i < 1000; ++i) many += request("GET /healthz");
  client.send(many);
  EXPECT_EQ(sidecar->ask(), "200 OK");
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(summary(client.read_response()), "200 OK") << i;
}

/// A list of so many of them.
std::string list_of(std::size_t count, const std::string& entry) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + entry;
  return list + "]";
}

/// Two or three bytes of an answer for an entry that would be kept as forty, and compared with all of another list.
TEST_F(Survival, OfPodsWithMoreContainersThanAnyHas) {
  const auto sidecar = start({{"STALE_GRACE", "0"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const vitals consumption{sidecar->running().id()};
  const auto before = consumption.peak_kilobytes();
  const std::string pod_so_far = R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"game-0","namespace":"demo"},)";
  const std::string documents[] = {
      pod_so_far + R"("spec":{"containers":)" + list_of(690'000, "{}") + "}}",
      pod_so_far + R"("spec":{"containers":)" + list_of(60'000, "{}") + R"(},"status":{"containerStatuses":)" +
          list_of(10'000, R"({"ready":true})") + "}}",
  };
  for (const auto& document : documents) {
    ASSERT_LT(document.size(), 2U * 1024 * 1024);
    api.put_document("demo", "game-0", document);
    EXPECT_EQ(sidecar->ask(), "500 ApiProtocol") << document.size();
  }
  if (!under_sanitizer) {
    EXPECT_LT(growth(consumption.peak_kilobytes(), before), 8'000U);
  }
  api.put_pod(pod{});
  expect_right_answers(*sidecar);
}

TEST_F(Survival, OfHavingNoFileLeft) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto number = sidecar->running().id();
  const auto free = lowest_free_file(number);
  rlimit usual{};
  ASSERT_EQ(::prlimit(number, RLIMIT_NOFILE, nullptr, &usual), 0);
  const rlimit few{free + 1, usual.rlim_max};
  ASSERT_EQ(::prlimit(number, RLIMIT_NOFILE, &few, nullptr), 0);

  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 12; ++i) clients.push_back(std::make_unique<http_client>("127.0.0.1", sidecar->port()));
  ASSERT_NE(sidecar->logged("no connection can be accepted"), "");
  clients.clear();
  ASSERT_EQ(::prlimit(number, RLIMIT_NOFILE, &usual, nullptr), 0);
  expect_right_answers(*sidecar);
  // It is over once connections have been accepted for a second without a failure.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (sidecar->lines("accepted again").empty() && std::chrono::steady_clock::now() < end) sidecar->ask();
  EXPECT_EQ(sidecar->stop_and_read("accepted again").size(), 1U);
}

}  // namespace
}  // namespace sidecar::test
