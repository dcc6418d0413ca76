#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <sstream>
#include <string>

#include "unit/kube/object_watch_world.hpp"

/// How a watch ends, and what is known by then. Which refusals there are is tested in classify_test.cpp, which
/// responses are no watch in watch_line_reader_test.cpp.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using manner = watch_end::manner;
using test::afterwards;
using test::phase;
using test::raw_answer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct end_row {
  std::string name;
  test::fault trouble;
  manner how;
  reason why;
  std::optional<std::chrono::seconds> retry_after{};
};

TEST(PodWatchEnd, SaysHowAndWhy) {
  const std::string other_pod =
      R"({"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"game-1","namespace":"demo"}}})";
  const end_row rows[] = {
      {"at the server's time", test::short_watches(10ms), manner::completed, reason::draining},
      {"without the last chunk", test::short_watches(10ms, false), manner::lost, reason::api_unreachable},
      {"403", test::refused(403), manner::refused, reason::api_forbidden},
      {"410", test::refused(410), manner::expired, reason::api_protocol},
      {"429", test::too_many_requests("2"), manner::refused, reason::api_busy, 2s},
      {"429 that ends with its connection",
       raw_answer("HTTP/1.0 429 x\r\nRetry-After: 2\r\n\r\nslow\n", afterwards::close), manner::refused,
       reason::api_busy, 2s},
      {"403 that is cut", raw_answer("HTTP/1.1 403 x\r\nContent-Length: 99\r\n\r\nno", afterwards::reset),
       manner::refused, reason::api_forbidden},
      {"503 in chunks of nonsense", raw_answer("HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
       manner::refused, reason::api_error},
      {"501 that never ends", raw_answer("HTTP/1.1 501 x\r\nContent-Length: 99\r\n\r\nno"), manner::refused,
       reason::api_error},
      {"410 that ends with its connection",
       raw_answer("HTTP/1.0 410 x\r\n\r\n{\"kind\":\"Status\",\"reason\":\"Expired\"}", afterwards::close),
       manner::expired, reason::api_protocol},
      {"410 that is cut", raw_answer("HTTP/1.0 410 x\r\n\r\n{\"kind\":\"Status\",\"reason\":\"Expi", afterwards::close),
       manner::lost, reason::api_protocol},
      {"410 of a proxy", raw_answer("HTTP/1.1 410 x\r\nContent-Length: 4\r\n\r\nGone"), manner::lost,
       reason::api_protocol},
      {"ERROR 410", test::watch_error(410), manner::expired, reason::api_error},
      {"ERROR 500", test::watch_error(500), manner::lost, reason::api_error},
      {"refused connection", test::refuse(), manner::lost, reason::api_unreachable},
      {"reset in the handshake", test::reset_at(phase::handshake), manner::lost, reason::api_unreachable},
      {"reset after the request", test::reset_at(phase::request), manner::lost, reason::api_unreachable},
      {"closed in the head", test::close_at(phase::headers), manner::lost, reason::api_unreachable},
      {"until the connection's end", test::watch_until_close(), manner::lost, reason::api_protocol},
      {"compressed", raw_answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"),
       manner::lost, reason::api_protocol},
      {"no HTTP", raw_answer("SSH-2.0-x\r\n"), manner::lost, reason::api_protocol},
      {"another pod", raw_answer(response_with(other_pod + '\n')), manner::lost, reason::api_protocol}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    watch_world world;
    world.server.set_ready("game", false);  // there is an event to deliver, and a head with it
    world.server.inject(row.trouble);
    const auto end = world.run();
    EXPECT_EQ(end.how, row.how) << end.why.detail;
    EXPECT_THAT(end.why.detail, testing::Not(HasSubstr(world.token)));
    if (row.how != manner::completed) {
      EXPECT_EQ(end.why.why, row.why) << end.why.detail;
      EXPECT_EQ(end.why.retry_after, row.retry_after);
      EXPECT_NE(end.why.detail, "");
    }
    world.watch.reset();
    EXPECT_TRUE(world.all_closed());
  }
}

class PodWatchEnds : public testing::Test, protected watch_world {};

TEST_F(PodWatchEnds, WhatCameBeforeNonsenseIsDelivered) {
  const auto line = test::event_line("MODIFIED", test::pod{});
  std::ostringstream size;
  size << std::hex << line.size();
  const auto event = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size.str() + "\r\n" + line + "\r\n";
  for (const auto* nonsense : {"9\r\nnonsense\n\r\n", "zz\r\n", "1\r\n{\r\n0\r\n\r\n"}) {
    server.inject(test::times(1, raw_answer(event + nonsense)));
    const auto end = run();
    EXPECT_EQ(end.how, manner::lost);
    EXPECT_EQ(end.why.why, reason::api_protocol);
    ASSERT_EQ(delivered.size(), 2U) << nonsense;
    EXPECT_THAT(delivered.back(), StartsWith("changed "));
  }
}

TEST_F(PodWatchEnds, EventBeyondTheLimitIsNamedWithTheRemedy) {
  server.inject(test::huge_event(2 * 1024 * 1024 + 1));
  const auto end = run();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.why, reason::api_protocol);
  EXPECT_THAT(end.why.detail, StartsWith("an event of the watch has more than 2097152 bytes (2.0 MiB), and a pod's"));
  EXPECT_THAT(delivered, ElementsAre("accepted"));
}

TEST_F(PodWatchEnds, RefusalWhoseStatusNeverComesIsEndedByTheTimeout) {
  settings.timeout = short_timeout;
  server.inject(raw_answer("HTTP/1.1 410 x\r\nContent-Length: 99\r\n\r\n{"));
  const auto end = run();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.why, reason::api_protocol);
}

}  // namespace
}  // namespace sidecar::kube
