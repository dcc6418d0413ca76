#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <sstream>
#include <string>

#include "unit/kube/pod_watch_world.hpp"

/// How a watch ends, and what is known by then.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using manner = watch_end::manner;
using test::phase;
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
void PrintTo(const end_row& row, std::ostream* out) { *out << row.name; }

class PodWatchEnd : public testing::TestWithParam<end_row>, protected watch_world {};

TEST_P(PodWatchEnd, SaysHowAndWhy) {
  const auto& row = GetParam();
  server.set_ready("game", false);  // there is an event to deliver, and a head with it
  server.inject(row.trouble);
  const auto end = run();
  EXPECT_EQ(end.how, row.how) << end.why.detail;
  if (row.how != manner::completed) {
    EXPECT_EQ(end.why.why, row.why) << end.why.detail;
    EXPECT_EQ(end.why.retry_after, row.retry_after);
    EXPECT_FALSE(end.why.detail.empty());
  }
  EXPECT_THAT(end.why.detail, testing::Not(HasSubstr(token)));
  watch.reset();
  EXPECT_TRUE(all_closed());
}

INSTANTIATE_TEST_SUITE_P(
    All, PodWatchEnd,
    testing::Values(
        end_row{"at the server's time", test::short_watches(10ms), manner::completed, reason::draining},
        end_row{"without the last chunk", test::short_watches(10ms, false), manner::lost, reason::api_unreachable},
        end_row{"401", test::refused(401), manner::refused, reason::api_unauthorized},
        end_row{"403", test::refused(403), manner::refused, reason::api_forbidden},
        end_row{"410", test::refused(410), manner::expired, reason::api_protocol},
        end_row{"429", test::too_many_requests("2"), manner::refused, reason::api_busy, 2s},
        end_row{"500", test::refused(500), manner::refused, reason::api_error},
        end_row{"503", test::unavailable("1"), manner::refused, reason::api_error, 1s},
        end_row{"a redirect", test::raw_answer("HTTP/1.1 307 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
                manner::refused, reason::api_protocol},
        end_row{"429 that ends with its connection",
                test::raw_answer("HTTP/1.0 429 x\r\nRetry-After: 2\r\n\r\nslow\n", test::afterwards::close),
                manner::refused, reason::api_busy, 2s},
        end_row{"403 that is cut",
                test::raw_answer("HTTP/1.1 403 x\r\nContent-Length: 99\r\n\r\nno", test::afterwards::reset),
                manner::refused, reason::api_forbidden},
        end_row{"503 in chunks of nonsense",
                test::raw_answer("HTTP/1.1 503 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), manner::refused,
                reason::api_error},
        end_row{"501 that never ends", test::raw_answer("HTTP/1.1 501 x\r\nContent-Length: 99\r\n\r\nno"),
                manner::refused, reason::api_error},
        end_row{"410 that ends with its connection",
                test::raw_answer("HTTP/1.0 410 x\r\n\r\n{\"kind\":\"Status\",\"reason\":\"Expired\"}",
                                 test::afterwards::close),
                manner::expired, reason::api_protocol},
        end_row{
            "410 that is cut",
            test::raw_answer("HTTP/1.0 410 x\r\n\r\n{\"kind\":\"Status\",\"reason\":\"Expi", test::afterwards::close),
            manner::lost, reason::api_protocol},
        end_row{"410 of a proxy", test::raw_answer("HTTP/1.1 410 x\r\nContent-Length: 4\r\n\r\nGone"), manner::lost,
                reason::api_protocol},
        end_row{"ERROR 410", test::watch_error(410), manner::expired, reason::api_error},
        end_row{"ERROR 500", test::watch_error(500), manner::lost, reason::api_error},
        end_row{"refused connection", test::refuse(), manner::lost, reason::api_unreachable},
        end_row{"reset in the handshake", test::reset_at(phase::handshake), manner::lost, reason::api_unreachable},
        end_row{"reset after the request", test::reset_at(phase::request), manner::lost, reason::api_unreachable},
        end_row{"closed in the head", test::close_at(phase::headers), manner::lost, reason::api_unreachable},
        end_row{"until the connection's end", test::watch_until_close(), manner::lost, reason::api_protocol},
        end_row{"compressed",
                test::raw_answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"),
                manner::lost, reason::api_protocol},
        end_row{"compressed by the second of two codings",
                test::raw_answer("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\n"
                                 "Transfer-Encoding: chunked\r\n\r\n"),
                manner::lost, reason::api_protocol},
        end_row{"compressed for the transfer",
                test::raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), manner::lost,
                reason::api_protocol},
        end_row{"no HTTP", test::raw_answer("SSH-2.0-x\r\n"), manner::lost, reason::api_protocol},
        end_row{"another pod",
                test::raw_answer(
                    "HTTP/1.1 200 OK\r\nContent-Length: 108\r\n\r\n"
                    R"({"type":"MODIFIED","object":{"kind":"Pod","metadata":{"name":"game-1","namespace":"demo"}}})"
                    "\n                "),
                manner::lost, reason::api_protocol}));

class PodWatchEnds : public testing::Test, protected watch_world {};

TEST_F(PodWatchEnds, VersionThatIsTooOldIsExpiredBothWays) {
  server.advance(10);
  server.forget_history();
  for (const bool as_status : {false, true}) {
    server.behave({.gone_as_status = as_status});
    EXPECT_EQ(run().how, manner::expired);
  }
}

TEST_F(PodWatchEnds, WhatCameBeforeNonsenseIsDelivered) {
  const auto line = test::event_line("MODIFIED", test::pod{});
  std::ostringstream size;
  size << std::hex << line.size();
  const auto event = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size.str() + "\r\n" + line + "\r\n";
  for (const auto* nonsense : {"9\r\nnonsense\n\r\n", "zz\r\n", "1\r\n{\r\n0\r\n\r\n"}) {
    server.inject(test::times(1, test::raw_answer(event + nonsense)));
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
  server.inject(test::raw_answer("HTTP/1.1 410 x\r\nContent-Length: 99\r\n\r\n{"));
  const auto end = run();
  EXPECT_EQ(end.how, manner::lost);
  EXPECT_EQ(end.why.why, reason::api_protocol);
}

}  // namespace
}  // namespace sidecar::kube
