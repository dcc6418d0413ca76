// The faults whose absence no product test would notice, and what the control program reads. Every other fault makes a
// row of the catalogue fail when it does not happen.

#include "support/faults.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "requests.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

TEST(Faults, PauseCostsTimeAtEachPhase) {
  for (const phase at : {phase::connect, phase::handshake, phase::secured, phase::next_request, phase::request,
                         phase::headers, phase::body}) {
    ready_server fixture;
    fixture.server.inject(times(1, pause_at(at, 50ms)));
    const auto begin = std::chrono::steady_clock::now();
    http_client client = fixture.connect();
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(client.ask(fixture.ask()));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 50ms) << static_cast<int>(at);
  }
}

TEST(Faults, RefusalLastsUntilClearedAndKeepsThePort) {
  ready_server fixture;
  fixture.server.inject(refuse());
  for (int i = 0; i < 3; ++i) EXPECT_THROW(fixture.connect(), std::runtime_error);
  fixture.server.clear_faults();
  EXPECT_TRUE(fixture.connect().ask(fixture.ask()));
}

TEST(Faults, CountIsCountedDown) {
  ready_server fixture;
  fixture.server.inject(times(2, too_many_requests("7")));
  http_client client = fixture.connect();
  for (const int status : {429, 429, 200}) EXPECT_EQ(client.ask(fixture.ask())->status, status);
}

TEST(Faults, GetsOrWatchesCanFailAlone) {
  ready_server fixture;
  fixture.server.behave({.second = 1ms});
  http_client client = fixture.connect();
  const auto statuses = [&] {
    const std::string watch =
        pod_path.substr(0, pod_path.rfind('/')) + "?watch=1&timeoutSeconds=1&fieldSelector=metadata.name=game-0";
    return std::pair{client.ask(fixture.ask())->status, client.ask(get(fixture.token, watch))->status};
  };
  fixture.server.inject(for_gets(refused(500)));
  EXPECT_EQ(statuses(), std::pair(500, 200));
  fixture.server.clear_faults();
  fixture.server.inject(for_watches(refused(410)));
  EXPECT_EQ(statuses(), std::pair(200, 410));
}

TEST(Faults, TimeLimitEndsThem) {
  ready_server fixture;
  http_client client = fixture.connect();
  fixture.server.inject(forbidden_for(100ms));
  EXPECT_EQ(client.ask(fixture.ask())->status, 403);
  const auto end = std::chrono::steady_clock::now() + 5s;
  while (client.ask(fixture.ask())->status != 200) ASSERT_LT(std::chrono::steady_clock::now(), end);
}

TEST(Faults, SmallChunksAndADripAreStillAnAnswer) {
  ready_server fixture;
  fixture.server.inject(times(1, in_chunks_of(1)));
  fixture.server.inject(times(1, drip(400, 5ms)));
  http_client client = fixture.connect();
  const auto response = client.ask(fixture.ask());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->chunks.size(), response->body.size() + 1);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.ask(fixture.ask())->body, response->body);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 5ms * (response->body.size() / 400));
}

TEST(Faults, FloodNeverEndsAndDoesNotStopTheServer) {
  ready_server fixture;
  fixture.server.inject(times(1, flood()));
  http_client victim = fixture.connect();
  victim.send(fixture.ask());
  const auto end = std::chrono::steady_clock::now() + 10s;
  std::size_t size = 0;
  while (size <= std::size_t{1} << 20U && std::chrono::steady_clock::now() < end) size += victim.read_for(100ms).size();
  EXPECT_GT(size, std::size_t{1} << 20U);
  EXPECT_EQ(fixture.connect().ask(fixture.ask())->status, 200);
}

TEST(Faults, ParsedOnesAreTheMadeOnes) {
  const auto parsed = [](std::string_view query) {
    return parse_fault([query](std::string_view name) { return query_value(query, name); });
  };
  const fault reset = parsed("/?kind=reset&at=next-request&delay=5ms");
  EXPECT_EQ(reset.kind, fault_kind::reset);
  EXPECT_EQ(reset.at, phase::next_request);
  EXPECT_EQ(reset.delay, 5ms);
  EXPECT_THROW(parsed("/?at=body"), std::invalid_argument);
  for (const char* bad : {"", "700", "-1s", "s", "1m", "1 s", "99999999999999999999s"}) {
    EXPECT_THROW(parse_duration(bad), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace sidecar::test
