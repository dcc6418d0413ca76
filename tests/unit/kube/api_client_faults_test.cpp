#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sidecar/kube/api_client.hpp"
#include "unit/kube/api_client_world.hpp"

/// What goes wrong with a connection. Which responses are refused is tested in response_parser_test.cpp and
/// classify_test.cpp.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::phase;
using test::tls_flaw;

TEST(ApiClientFaults, EachEndsInTimeForTheRightReasonAndLeavesNothingBehind) {
  for (const auto at :
       {phase::connect, phase::handshake, phase::secured, phase::request, phase::headers, phase::body}) {
    for (const auto& [trouble, is_silent] :
         {std::pair{test::silence_at(at), true}, std::pair{test::reset_at(at), false},
          std::pair{test::close_at(at), false}, std::pair{test::close_at(at, false), false}}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(at)) + (is_silent ? " silent" : ""));
      client_world world;
      if (is_silent) world.settings.timeout = short_timeout;
      world.server.inject(trouble);
      const auto begin = std::chrono::steady_clock::now();
      const auto problem = failure_of(world.fetch());
      const auto took = std::chrono::steady_clock::now() - begin;
      EXPECT_EQ(problem.why, is_silent ? reason::api_timeout : reason::api_unreachable) << problem.detail;
      EXPECT_GE(took, is_silent ? short_timeout : 0ms);
      EXPECT_LT(took, 4s);
      EXPECT_TRUE(world.all_closed());
      EXPECT_EQ(world.server.counts().accepted, 1U) << "a new connection that fails is not worth another";
      EXPECT_EQ(world.server.counts().requests, at < phase::next_request ? 0U : 1U);
      world.server.clear_faults();
      EXPECT_TRUE(world.succeeds()) << "the next call suffers from this one";
    }
  }
}

TEST(ApiClientFaults, TimeoutSaysWhatItInterruptedAndDoesNotDisturbTheNextCall) {
  const std::pair<phase, std::string> rows[] = {{phase::handshake, "in the TLS handshake"},
                                                {phase::request, "waiting for the response"},
                                                {phase::body, "reading the response"}};
  client_world world;
  world.settings.timeout = short_timeout;
  for (const auto& [at, words] : rows) {
    world.client.reset();
    world.server.inject(test::times(1, test::silence_at(at)));
    EXPECT_EQ(failure_of(world.fetch()).detail, "no complete response within 400 ms; stopped while " + words);
    EXPECT_TRUE(world.succeeds());
    test::run_ready(world.context);
    EXPECT_TRUE(world.succeeds());
    EXPECT_TRUE(world.run_until([&] { return world.server.counts().open == 1; }));
  }
}

TEST(ApiClientFaults, FlawOfTheCertificateIsNamedAndTheTokenNeverSent) {
  const std::tuple<tls_flaw, reason, std::string> rows[] = {
      {tls_flaw::wrong_name, reason::api_untrusted, "refused: IP address mismatch"},
      {tls_flaw::expired, reason::api_untrusted, "certificate has expired"},
      {tls_flaw::not_yet_valid, reason::api_untrusted, "not yet valid"},
      {tls_flaw::other_authority, reason::api_untrusted, "certificate"},
      {tls_flaw::common_name_only, reason::api_untrusted, "IP address mismatch"},
      {tls_flaw::self_signed, reason::api_untrusted, "self-signed certificate"},
      {tls_flaw::old_version, reason::api_unreachable, "TLS handshake: "},
      {tls_flaw::http2_only, reason::api_unreachable, "TLS handshake: "}};
  for (const auto& [flaw, why, words] : rows) {
    client_world world;
    world.server.inject(test::with_flaw(flaw));
    const auto problem = failure_of(world.fetch());
    EXPECT_EQ(problem.why, why) << problem.detail;
    EXPECT_THAT(problem.detail, testing::HasSubstr(words));
    EXPECT_TRUE(world.all_closed());
    EXPECT_EQ(world.server.counts().application_bytes, 0U);
    EXPECT_EQ(world.server.counts().accepted, 1U);
    EXPECT_TRUE(world.at_close.empty());
  }
}

TEST(ApiClientFaults, ResponseThatIsRefusedIsNoSnapshotAndNotRetried) {
  const std::pair<test::fault, std::string> rows[] = {
      {test::flood(), "the response has more than "},
      {test::flood("HTTP/1.1 200 OK\r\n", "X-More: of the same\r\n"), "bad response: "},
      {test::raw_answer("\x16\x03\x01 what?\r\n\r\n"), "bad response: "},
      {test::raw_answer(response_with("<html>")), "the response is no pod"},
      {test::raw_answer(response_with("", "Location: https://127.0.0.1:1/\r\n", "302 Found")), "HTTP 302"}};
  for (const auto& [trouble, words] : rows) {
    client_world world;
    world.server.inject(trouble);
    const auto problem = failure_of(world.fetch());
    EXPECT_EQ(problem.why, reason::api_protocol);
    EXPECT_THAT(problem.detail, testing::StartsWith(words));
    EXPECT_EQ(world.server.counts().requests, 1U);
    EXPECT_EQ(world.server.counts().accepted, 1U);
  }
}

TEST(ApiClientFaults, WhatComesTooSlowlyOrWithoutEndIsEndedByTheDeadline) {
  for (const auto& trouble :
       {test::drip(1, 5ms), test::flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n")}) {
    client_world world;
    world.settings.timeout = short_timeout;
    world.settings.limits.body = world.settings.limits.total = std::size_t{1} << 40U;
    world.server.inject(trouble);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(failure_of(world.fetch()).why, reason::api_timeout);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
    EXPECT_TRUE(world.all_closed());
  }
}

}  // namespace
}  // namespace sidecar::kube
