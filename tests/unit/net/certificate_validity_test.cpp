#include "sidecar/net/certificate_validity.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace sidecar::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

/// `type`: V_ASN1_UTCTIME or V_ASN1_GENERALIZEDTIME.
std::optional<sys_seconds> time_in(int type, const char* text) {
  const std::unique_ptr<ASN1_STRING, decltype(&::ASN1_STRING_free)> made(::ASN1_STRING_type_new(type),
                                                                         &::ASN1_STRING_free);
  ::ASN1_STRING_set(made.get(), text, -1);
  return time_of(*made);
}

TEST(CertificateTime, OfEveryYear) {
  EXPECT_EQ(time_in(V_ASN1_UTCTIME, "261129140500Z"), sys_days{2026y / 11 / 29} + 14h + 5min);
  EXPECT_EQ(time_in(V_ASN1_UTCTIME, "491231235959Z"), sys_days{2050y / 1 / 1} - 1s) << "RFC 5280, 4.1.2.5.1";
  EXPECT_EQ(time_in(V_ASN1_UTCTIME, "500101000000Z"), sys_seconds{sys_days{1950y / 1 / 1}});
  EXPECT_EQ(time_in(V_ASN1_UTCTIME, "691231235959Z"), sys_seconds{-1s}) << "it is also what a failed timegm(3) returns";
  EXPECT_EQ(time_in(V_ASN1_GENERALIZEDTIME, "20380119031408Z"), sys_seconds{2'147'483'648s});
  EXPECT_EQ(time_in(V_ASN1_GENERALIZEDTIME, "20500228120000Z"), sys_days{2050y / 2 / 28} + 12h);
  EXPECT_EQ(time_in(V_ASN1_GENERALIZEDTIME, "99991231235959Z"), sys_seconds{253'402'300'799s}) << "no expiry at all";
  EXPECT_EQ(time_in(V_ASN1_GENERALIZEDTIME, "00010101000000Z"), sys_seconds{sys_days{1y / 1 / 1}});
}

TEST(CertificateTime, MalformedIsNone) {
  for (const auto* text : {"", "tomorrow", "Z", "20261329140500Z", "20260230000000Z", "20261129250000Z"}) {
    EXPECT_EQ(time_in(V_ASN1_GENERALIZEDTIME, text), std::nullopt) << text;
    EXPECT_EQ(time_in(V_ASN1_UTCTIME, text), std::nullopt) << text;
  }
}

TEST(ExpiresSoon, InTheLastWeekOrTheLastFifth) {
  constexpr sys_seconds end = sys_days{2026y / 11 / 29};
  const struct {
    std::chrono::seconds whole, left;
    bool expected;
  } rows[] = {
      {24h * 365, 24h * 7 + 1s, false},
      {24h * 365, 24h * 7, false},
      {24h * 365, 24h * 7 - 1s, true},
      {24h * 10, 48h, false},
      {24h * 10, 48h - 1s, true},
      {24h * 10, -1h, true},
      {0s, 0s, false},
      {0s, -1s, true},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(expires_soon({.begin = end - row.whole, .end = end}, end - row.left), row.expected)
        << row.whole.count() << ' ' << row.left.count();
  }
  EXPECT_FALSE(expires_soon({.begin = sys_days{1950y / 1 / 1}, .end = sys_seconds{253'402'300'799s}}, end));
  EXPECT_TRUE(expires_soon({}, end)) << "of no known time";
}

}  // namespace
}  // namespace sidecar::net
