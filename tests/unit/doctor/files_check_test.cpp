#include "sidecar/doctor/files_check.hpp"

#include <gmock/gmock.h>

namespace sidecar::doctor {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::sys_seconds noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 12h;

token_facts sound_token() {
  token_facts facts{.path = "/sa/token",
                    .mode = 0100640,
                    .claims = {.namespace_name = "demo", .pod_name = "game-0", .pod_uid = "u-1"}};
  read_token_payload(R"({"exp":1796000000,"kubernetes.io":{"namespace":"demo","serviceaccount":{"name":"sidecar"},)"
                     R"("warnafter":1795960807}})",
                     facts);
  return facts;
}

finding only(const findings& found) {
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? finding{level::ok, "", ""} : found.front();
}

TEST(CheckToken, WhatTheTokenSaysOfItself) {
  const auto found = only(check_token(sound_token(), std::chrono::sys_seconds{1795957200s}));
  EXPECT_EQ(found.level, level::ok);
  EXPECT_EQ(found.what,
            "the token is bound to demo/game-0 (uid u-1), service account demo/sidecar, mode 0640, expires in 11h");
}

TEST(CheckToken, ExpiredOrNotRenewed) {
  struct row {
    std::chrono::sys_seconds now;
    doctor::level level;
    std::string what;
  };
  for (const auto& [now, level, what] : std::vector<row>{
           {std::chrono::sys_seconds{1795960806s}, level::ok, "expires in 10h"},
           {std::chrono::sys_seconds{1795960807s}, level::warn, "should have been renewed 0s ago"},
           {std::chrono::sys_seconds{1796000000s}, level::fail, "the token expired 0s ago"},
           {std::chrono::sys_seconds{1796010800s}, level::fail, "the token expired 3h ago"},
       }) {
    const auto found = only(check_token(sound_token(), now));
    EXPECT_EQ(found.level, level) << what;
    EXPECT_THAT(found.what, HasSubstr(what));
    EXPECT_EQ(found.hint.empty(), level == level::ok);
  }
}

// Nobody has verified the token: a time that cannot be one must not overflow a difference.
TEST(CheckToken, TimesThatAreNoneCountAsAbsent) {
  for (const std::string time : {"-9000000000000000000", "9000000000000000000", "1e300", "-1", "253402300800"}) {
    token_facts facts{.path = "/sa/token", .mode = 0600};
    read_token_payload(R"({"exp":)" + time + R"(,"kubernetes.io":{"warnafter":)" + time + "}}", facts);
    const auto found = only(check_token(facts, noon));
    EXPECT_EQ(found.level, level::ok) << time;
    EXPECT_EQ(found.what, "the token is bound to no pod, mode 0600") << time;
  }
}

TEST(CheckToken, ALegacyTokenIsNoMistake) {
  token_facts facts{.path = "/sa/token", .mode = 0600};
  read_token_payload("no JSON", facts);
  EXPECT_EQ(only(check_token(facts, noon)).what, "the token is bound to no pod, mode 0600");
}

TEST(CheckToken, NoUsableFile) {
  const auto found = only(check_token({.path = "/sa/token", .problem = "does not exist"}, noon));
  EXPECT_EQ(found.level, level::fail);
  EXPECT_EQ(found.what, "/sa/token does not exist");
  EXPECT_THAT(found.hint, HasSubstr("projected"));
}

TEST(CheckToken, ADeniedPermissionHasItsOwnRemedy) {
  const auto found = only(check_token(
      {.path = "/sa/token",
       .problem = "cannot be read: permission denied: the file has mode 0600. Set securityContext.fsGroup in the pod"},
      noon));
  EXPECT_EQ(found.what, "/sa/token cannot be read: permission denied: the file has mode 0600");
  EXPECT_EQ(found.hint, "Set securityContext.fsGroup in the pod");
}

net::certificate_facts ca(std::chrono::sys_seconds begin, std::chrono::sys_seconds end) {
  return {.subject = "CN = kubernetes", .issuer = "CN = kubernetes", .names = {}, .valid = {begin, end}};
}

TEST(CheckCa, EachCertificateAndItsTime) {
  const auto sound = ca(noon - 24h, noon + 24h);
  EXPECT_EQ(only(check_ca("/sa/ca.crt", "", {sound}, noon)).what,
            "1 certificate: CN = kubernetes, valid until 2026-11-30 12:00:00 UTC");
  EXPECT_THAT(only(check_ca("/sa/ca.crt", "", std::vector(6, sound), noon)).what, HasSubstr("6 certificates: "));
  const auto expired = only(check_ca("/sa/ca.crt", "", {sound, ca(noon - 24h, noon)}, noon));
  EXPECT_EQ(expired.level, level::warn);
  EXPECT_THAT(expired.what, HasSubstr("to 2026-11-29 12:00:00 UTC, and it is 2026-11-29 12:00:00 UTC"));
  EXPECT_EQ(only(check_ca("/sa/ca.crt", "", {ca(noon + 1s, noon + 24h)}, noon)).level, level::warn);
  EXPECT_EQ(only(check_ca("/sa/ca.crt", "is empty", {}, noon)).level, level::fail);
}

}  // namespace
}  // namespace sidecar::doctor
