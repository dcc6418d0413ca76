#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>

#include "requests.hpp"

namespace sidecar::test {
namespace {

std::string refusal(const ready_server& fixture) {
  try {
    http_client client = fixture.connect();
    return "accepted";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

struct flaw_row {
  const char* name;
  tls_flaw flaw;
  const char* words;
};
void PrintTo(const flaw_row& row, std::ostream* out) { *out << row.name; }

class TlsFlaw : public testing::TestWithParam<flaw_row> {};

TEST_P(TlsFlaw, IsRefusedForTheRightReasonAndOnceOnly) {
  ready_server fixture;
  fixture.server.inject(times(1, with_flaw(GetParam().flaw)));
  EXPECT_THAT(refusal(fixture), testing::HasSubstr(GetParam().words));
  EXPECT_EQ(refusal(fixture), "accepted");
  EXPECT_EQ(fixture.server.faults_left(), 0U);
  EXPECT_EQ(fixture.server.counts().requests, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, TlsFlaw,
                         testing::Values(flaw_row{"wrong name", tls_flaw::wrong_name, "IP address mismatch"},
                                         flaw_row{"expired", tls_flaw::expired, "certificate has expired"},
                                         flaw_row{"not yet valid", tls_flaw::not_yet_valid, "not yet valid"},
                                         flaw_row{"other authority", tls_flaw::other_authority, "certificate"},
                                         flaw_row{"common name only", tls_flaw::common_name_only,
                                                  "IP address mismatch"},
                                         flaw_row{"self signed", tls_flaw::self_signed, "self-signed certificate"},
                                         flaw_row{"old version", tls_flaw::old_version, "protocol"}));

TEST(TlsFlaws, Http2OnlySpeaksHttp2) {
  ready_server fixture;
  fixture.server.inject(with_flaw(tls_flaw::http2_only));
  http_client client = fixture.connect();
  EXPECT_EQ(client.read_for(std::chrono::milliseconds{200}), std::string("\0\0\0\4\0\0\0\0\0", 9));
}

}  // namespace
}  // namespace sidecar::test
