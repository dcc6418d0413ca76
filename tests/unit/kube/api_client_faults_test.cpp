#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <tuple>

#include "sidecar/kube/api_client.hpp"
#include "unit/kube/api_client_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::phase;
using test::tls_flaw;

enum class trouble { silence, reset, close, truncation };

test::fault make(trouble kind, phase at) {
  if (kind == trouble::silence) return test::silence_at(at);
  if (kind == trouble::reset) return test::reset_at(at);
  return test::close_at(at, kind == trouble::close);
}

std::string name_of(phase at) {
  const char* const names[] = {"Connect", "Handshake", "Secured", "NextRequest", "Request", "Headers", "Body"};
  return names[static_cast<std::size_t>(at)];
}

std::string name_of(trouble kind) {
  const char* const names[] = {"Silence", "Reset", "Close", "Truncation"};
  return names[static_cast<std::size_t>(kind)];
}

using matrix_row = std::tuple<phase, trouble>;
class ApiClientMatrix : public testing::TestWithParam<matrix_row>, protected client_world {};

TEST_P(ApiClientMatrix, EndsInTimeForTheRightReasonAndLeavesNothingBehind) {
  const auto [at, kind] = GetParam();
  const bool silent = kind == trouble::silence;
  if (silent) settings.timeout = short_timeout;
  server.inject(make(kind, at));
  const auto begin = std::chrono::steady_clock::now();
  const auto problem = failure_of(fetch());
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(problem.why, silent ? reason::api_timeout : reason::api_unreachable) << problem.detail;
  EXPECT_GE(took, silent ? short_timeout : 0ms);
  EXPECT_LT(took, 4s);
  EXPECT_TRUE(all_closed());
  EXPECT_EQ(server.counts().accepted, 1U) << "a new connection that fails is not worth another";
  EXPECT_EQ(server.counts().requests, at == phase::connect || at == phase::handshake || at == phase::secured ? 0U : 1U);
  server.clear_faults();
  EXPECT_TRUE(succeeds()) << "the next call suffers from this one";
}

INSTANTIATE_TEST_SUITE_P(
    Fault, ApiClientMatrix,
    testing::Combine(testing::Values(phase::connect, phase::handshake, phase::secured, phase::request, phase::headers,
                                     phase::body),
                     testing::Values(trouble::silence, trouble::reset, trouble::close, trouble::truncation)),
    [](const auto& row) { return name_of(std::get<0>(row.param)) + name_of(std::get<1>(row.param)); });

class ApiClientFaults : public testing::Test, protected client_world {};

TEST_F(ApiClientFaults, RefusedConnectionIsReportedAtOnce) {
  server.inject(test::refuse());
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_unreachable);
  EXPECT_EQ(problem.detail, "connecting: Connection refused");
  server.clear_faults();
  EXPECT_TRUE(succeeds());
}

TEST_F(ApiClientFaults, TimeoutSaysWhatItInterrupted) {
  settings.timeout = short_timeout;
  const std::pair<phase, std::string> rows[] = {{phase::handshake, "in the TLS handshake"},
                                                {phase::request, "waiting for the response"},
                                                {phase::body, "reading the response"}};
  for (const auto& [at, words] : rows) {
    server.inject(test::times(1, test::silence_at(at)));
    EXPECT_EQ(failure_of(fetch()).detail, "no complete response within 400 ms; stopped while " + words);
  }
}

TEST_F(ApiClientFaults, CallOutOfTimeDoesNotDisturbTheNext) {
  settings.timeout = short_timeout;
  for (const auto at : {phase::connect, phase::handshake, phase::request, phase::body}) {
    client.reset();
    server.inject(test::times(1, test::silence_at(at)));
    EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
    EXPECT_TRUE(succeeds());
    context.restart();
    context.poll();
    EXPECT_TRUE(succeeds());
    EXPECT_TRUE(run_until([&] { return server.counts().open == 1; }));
  }
}

struct flaw_row {
  const char* name;
  tls_flaw flaw;
  reason why;
  const char* words;
};
void PrintTo(const flaw_row& row, std::ostream* out) { *out << row.name; }

class ApiClientTlsFlaw : public testing::TestWithParam<flaw_row>, protected client_world {};

TEST_P(ApiClientTlsFlaw, IsNamedAndTheTokenNeverSent) {
  server.inject(test::with_flaw(GetParam().flaw));
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, GetParam().why);
  EXPECT_THAT(problem.detail, testing::HasSubstr(GetParam().words));
  EXPECT_TRUE(all_closed());
  EXPECT_EQ(server.counts().application_bytes, 0U);
  EXPECT_EQ(server.counts().accepted, 1U);
  EXPECT_TRUE(at_close.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Each, ApiClientTlsFlaw,
    testing::Values(flaw_row{"WrongName", tls_flaw::wrong_name, reason::api_untrusted, "refused: IP address mismatch"},
                    flaw_row{"Expired", tls_flaw::expired, reason::api_untrusted, "certificate has expired"},
                    flaw_row{"NotYetValid", tls_flaw::not_yet_valid, reason::api_untrusted, "not yet valid"},
                    flaw_row{"OtherAuthority", tls_flaw::other_authority, reason::api_untrusted, "certificate"},
                    flaw_row{"CommonNameOnly", tls_flaw::common_name_only, reason::api_untrusted,
                             "IP address mismatch"},
                    flaw_row{"SelfSigned", tls_flaw::self_signed, reason::api_untrusted, "self-signed certificate"},
                    flaw_row{"OldVersion", tls_flaw::old_version, reason::api_unreachable, "TLS handshake: "},
                    flaw_row{"Http2Only", tls_flaw::http2_only, reason::api_unreachable, "TLS handshake: "}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(ApiClientFaults, CertificateForAnotherNameIsNamed) {
  settings.url.host = "localhost";
  server.inject(test::with_flaw(tls_flaw::wrong_name));
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_untrusted);
  EXPECT_THAT(problem.detail, testing::HasSubstr("hostname mismatch"));
  EXPECT_EQ(server.counts().application_bytes, 0U);
}

struct response_row {
  const char* name;
  test::fault trouble;
  const char* words;
};
void PrintTo(const response_row& row, std::ostream* out) { *out << row.name; }

class ApiClientBadResponse : public testing::TestWithParam<response_row>, protected client_world {};

TEST_P(ApiClientBadResponse, IsNoSnapshotAndNotRetried) {
  settings.limits.body = 64 * 1024;
  settings.limits.total = 128 * 1024;
  server.inject(GetParam().trouble);
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_protocol);
  EXPECT_THAT(problem.detail, testing::HasSubstr(GetParam().words));
  EXPECT_EQ(server.counts().requests, 1U);
  EXPECT_EQ(server.counts().accepted, 1U);
}

test::fault redirect(const std::string& status) {
  return test::raw_answer(response_with("", "Location: https://127.0.0.1:1/\r\n", status));
}

INSTANTIATE_TEST_SUITE_P(
    Each, ApiClientBadResponse,
    testing::Values(
        response_row{"TooLarge", test::raw_answer(response_with(std::string(65 * 1024, ' '))),
                     "has 66560 bytes (0.0 MiB), and a pod's JSON is read up to 65536 bytes"},
        response_row{"TooLargeInChunks",
                     test::raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                      test::chunked(std::string(65 * 1024, ' '), 1000)),
                     "has 66560 bytes (0.0 MiB), and a pod's JSON is read up to 65536 bytes"},
        response_row{"Endless", test::flood(), "the response has more than "},
        response_row{"EndlessHead", test::flood("HTTP/1.1 200 OK\r\n", "X-More: of the same\r\n"), "header limit"},
        response_row{"EndlessInterim", test::flood("", "HTTP/1.1 100 Continue\r\n\r\n"), "bad status"},
        response_row{"SwitchingProtocols", test::raw_answer("HTTP/1.1 101 Switching Protocols\r\n\r\n"), "bad status"},
        response_row{"Compressed", test::raw_answer(response_with("\x1f\x8b", "Content-Encoding: gzip\r\n")),
                     "compressed"},
        response_row{"CompressedBySecondCoding",
                     test::raw_answer(response_with(body_of_pod(),
                                                    "Content-Encoding: identity\r\n"
                                                    "Content-Encoding: gzip\r\n")),
                     "compressed"},
        response_row{"CompressedForTheTransfer",
                     test::raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" +
                                      test::chunked(body_of_pod(), 1000)),
                     "bad response: bad Transfer-Encoding"},
        response_row{"UntilClose", test::reframe(test::framing::until_close), "bad response"},
        response_row{"Garbage", test::raw_answer("\x16\x03\x01 what?\r\n\r\n"), "bad response"},
        response_row{"NotJson", test::raw_answer(response_with("<html>")), "no pod"},
        response_row{"MovedPermanently", redirect("301 Moved Permanently"), "HTTP 301"},
        response_row{"Found", redirect("302 Found"), "HTTP 302"},
        response_row{"TemporaryRedirect", redirect("307 Temporary Redirect"), "HTTP 307"},
        response_row{"PermanentRedirect", redirect("308 Permanent Redirect"), "HTTP 308"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(ApiClientFaults, AnotherPodThanRequestedIsNoSnapshot) {
  server.put_document("demo", "game-0", test::pod{test::pod_spec{.name = "game-1"}}.text());
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_protocol);
  EXPECT_EQ(problem.detail, "requested demo/game-0, got demo/game-1");
}

TEST_F(ApiClientFaults, InterimResponsesAreNotTheResponse) {
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  server.inject(test::raw_answer(interim + response_with(body_of_pod())));
  EXPECT_TRUE(succeeds());
}

TEST_F(ApiClientFaults, OddButCorrectResponsesAreTaken) {
  server.inject(test::times(1, test::in_chunks_of(1)));
  server.inject(test::times(1, test::drip(700, 1ms)));
  EXPECT_TRUE(succeeds());
  EXPECT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 1U);
}

TEST_F(ApiClientFaults, SlowDripIsEndedByTheDeadline) {
  settings.timeout = short_timeout;
  server.inject(test::drip(1, 5ms));
  EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
  EXPECT_TRUE(all_closed());
}

TEST_F(ApiClientFaults, FloodWithinTheLimitsIsEndedByTheDeadline) {
  settings.timeout = short_timeout;
  settings.limits.body = settings.limits.total = std::size_t{1} << 40U;
  server.inject(test::flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  EXPECT_TRUE(all_closed());
}

}  // namespace
}  // namespace sidecar::kube
