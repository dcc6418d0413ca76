#include "sidecar/doctor/connection_check.hpp"

#include <gmock/gmock.h>

#include "sidecar/doctor/checks.hpp"

namespace sidecar::doctor {
namespace {

using namespace std::chrono_literals;
using health::reason;
using kube::call_phase;
using testing::HasSubstr;

constexpr std::chrono::sys_seconds midday = std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 12h;

net::certificate_facts sent(std::chrono::sys_seconds begin = midday - 24h * 30,
                            std::chrono::sys_seconds end = midday + 24h * 335) {
  return {.subject = "CN = kube-apiserver",
          .issuer = "CN = kubernetes",
          .names = {"kubernetes", "10.96.0.1"},
          .valid = {begin, end}};
}

connection_facts reached(call_phase where, reason why, std::string detail, net::certificate_facts server = {}) {
  return {.url = {true, "10.96.0.1", 443},
          .reached = where,
          .problem = kube::failure{why, std::move(detail), {}},
          .server = std::move(server)};
}

TEST(CheckConnection, StopsAtTheStepThatFailed) {
  struct row {
    connection_facts facts;
    std::size_t lines;
    std::string_view check;
    std::string hint;
  };
  const std::vector<row> table{
      {reached(call_phase::lookup, reason::api_unreachable, "looking up k: Host not found"), 1, checks::lookup, "DNS"},
      {reached(call_phase::connect, reason::api_unreachable, "Connection refused"), 2, checks::tcp, "egress"},
      {reached(call_phase::connect, reason::api_timeout, "stopped while connecting"), 2, checks::tcp, "egress"},
      {reached(call_phase::tls_handshake, reason::api_unreachable, "wrong version number"), 3, checks::tls,
       "a Kubernetes API server listens"},
      {reached(call_phase::tls_handshake, reason::api_untrusted, "IP address mismatch", sent()), 3, checks::tls,
       "issued for 10.96.0.1 too"},
      {reached(call_phase::tls_handshake, reason::api_untrusted, "unable to get issuer certificate", sent()), 3,
       checks::tls, "the cluster's own CA"},
      {reached(call_phase::tls_handshake, reason::api_untrusted, "has expired", sent(midday - 48h, midday)), 3,
       checks::tls, "it is 2026-11-29 12:00:00 UTC here"},
      {reached(call_phase::tls_handshake, reason::api_untrusted, "not yet valid", sent(midday + 1s)), 3, checks::tls,
       "set this node's clock"},
  };
  for (const auto& [facts, lines, check, hint] : table) {
    SCOPED_TRACE(facts.problem->detail);
    const auto found = check_connection(facts, midday);
    ASSERT_EQ(found.size(), lines);
    EXPECT_EQ(found.back().level, level::fail);
    EXPECT_EQ(found.back().check, check);
    EXPECT_THAT(found.back().what, HasSubstr(facts.problem->detail));
    EXPECT_THAT(found.back().hint, HasSubstr(hint));
  }
}

TEST(CheckConnection, Success) {
  connection_facts facts{.url = {true, "kubernetes", 443},
                         .reached = call_phase::tls_handshake,
                         .protocol = "TLSv1.3",
                         .server = sent(),
                         .took = 12ms};
  const auto found = check_connection(facts, midday);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].what, "kubernetes is known");
  EXPECT_EQ(found[1].what, "kubernetes:443 accepts connections");
  EXPECT_EQ(found[2].what,
            "TLSv1.3 in 12 ms; CN = kube-apiserver, for kubernetes, 10.96.0.1, issued by CN = kubernetes, valid from "
            "2026-10-30 12:00:00 UTC to 2027-10-30 12:00:00 UTC");
  EXPECT_FALSE(has_failed(found));
}

TEST(CheckConnection, ACertificateInItsLastWeekOrFifth) {
  struct row {
    std::chrono::hours whole;
    std::chrono::seconds left;
    doctor::level level;
  };
  for (const auto& [whole, left, level] : std::vector<row>{{24h * 365, 24h * 7, level::ok},
                                                           {24h * 365, 24h * 7 - 1s, level::warn},
                                                           {25h, 5h, level::ok},
                                                           {25h, 5h - 1s, level::warn}}) {
    connection_facts facts{.url = {true, "10.96.0.1", 443},
                           .reached = call_phase::tls_handshake,
                           .protocol = "TLSv1.3",
                           .server = sent(midday + left - whole, midday + left)};
    EXPECT_EQ(check_connection(facts, midday).back().level, level) << left.count();
  }
}

TEST(CheckConnection, PlainHttp) {
  const connection_facts facts{.url = {false, "127.0.0.1", 8001}, .reached = call_phase::connect};
  EXPECT_THAT(check_connection(facts, midday).back().what, HasSubstr("no token is sent"));
}

TEST(ParseHttpDate, ImfFixdateAlone) {
  EXPECT_EQ(parse_http_date("Sun, 29 Nov 2026 12:00:00 GMT"), midday);
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), std::chrono::sys_seconds{784111777s});
  for (const auto* const bad :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, xx Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
  }
}

TEST(CheckClock, OfTheApiServersDate) {
  struct row {
    std::chrono::seconds ahead;
    doctor::level level;
    std::string what;
  };
  for (const auto& [ahead, level, what] : std::vector<row>{{0s, level::ok, "within 0s"},
                                                           {30s, level::ok, "within 30s"},
                                                           {-30s, level::ok, "within 30s"},
                                                           {31s, level::warn, "31s ahead of"},
                                                           {-299s, level::warn, "4m behind"},
                                                           {300s, level::fail, "5m ahead of"},
                                                           {-3600s, level::fail, "60m behind"}}) {
    const auto found = check_clock("Sun, 29 Nov 2026 12:00:00 GMT", midday + ahead);
    EXPECT_EQ(found.level, level) << what;
    EXPECT_THAT(found.what, HasSubstr(what));
  }
  EXPECT_EQ(check_clock("", midday).level, level::ok);
}

}  // namespace
}  // namespace sidecar::doctor
