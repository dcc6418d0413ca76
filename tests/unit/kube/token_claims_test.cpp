#include "sidecar/kube/token_claims.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "support/base64url.hpp"
namespace sidecar::kube {

using namespace std::chrono_literals;
namespace {

std::string token_of(std::string_view payload) {
  return "eyJhbGciOiJSUzI1NiJ9." + test::to_base64url(payload) + ".c2lnbmF0dXJl";
}

TEST(ReadClaims, FindsThePodTheTokenIsBoundTo) {
  const auto claims = read_claims(token_of(
      R"({"aud":["https://kubernetes.default.svc"],"exp":1,"kubernetes.io":{"namespace":"demo","node":{"name":"node-a",)"
      R"("uid":"n"},"pod":{"name":"game-0","uid":"37747e0d"},"serviceaccount":{"name":"sidecar","uid":"s"}}})"));
  EXPECT_EQ(claims.namespace_name, "demo");
  EXPECT_EQ(claims.pod_name, "game-0");
  EXPECT_EQ(claims.pod_uid, "37747e0d");
}

TEST(ReadClaims, LooksAtThatPathAlone) {
  const auto claims = read_claims(token_of(
      R"({"pod":{"name":"outer","uid":"u"},"x":{"kubernetes.io":{"namespace":"other","pod":{"name":"deep","uid":"d"}}},)"
      R"("kubernetes.io":{"x":{"pod":{"name":"deeper"}},"list":["namespace",{"name":"in-a-list"}]}})"));
  EXPECT_EQ(claims.namespace_name, "");
  EXPECT_EQ(claims.pod_name, "");
  EXPECT_EQ(claims.pod_uid, "");
}

TEST(ReadClaims, TokenWithoutThemHasNone) {
  for (const auto& token : {std::string{}, std::string{"legacy-opaque-token"}, std::string{"a.b"},
                            std::string{"a.!!!.c"}, token_of("not json"), token_of("[]"), token_of("{}"),
                            token_of(R"({"kubernetes.io":"x"})"), token_of(R"({"kubernetes.io":{"pod":[]}})")}) {
    const auto claims = read_claims(token);
    EXPECT_EQ(claims.pod_name + claims.pod_uid + claims.namespace_name, "") << token;
  }
}

TEST(ReadClaims, NamesThatAreNoNamesCountAsAbsent) {
  const auto claims = read_claims(
      token_of(R"({"kubernetes.io":{"namespace":"../kube-system","pod":{"name":"../secrets/x","uid":"u"}}})"));
  EXPECT_EQ(claims.pod_name, "");
  EXPECT_EQ(claims.namespace_name, "");
}

TEST(ExpiryOf, IsTheClaimAsATime) {
  EXPECT_EQ(expiry_of(token_of(R"({"exp":1764439200})")), std::chrono::sys_seconds{1'764'439'200s});
  for (const auto* claims : {"{}", R"({"exp":"1764439200"})", R"({"exp":1.5})", R"({"exp":-1})",
                             R"({"exp":9223372036854775807})", "[]", "", "no JSON"}) {
    EXPECT_EQ(expiry_of(token_of(claims)), std::nullopt) << claims;
  }
  EXPECT_EQ(expiry_of("opaque"), std::nullopt);
  EXPECT_EQ(expiry_of(""), std::nullopt);
}

}  // namespace
}  // namespace sidecar::kube
