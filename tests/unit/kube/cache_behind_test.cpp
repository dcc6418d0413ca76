#include "sidecar/kube/cache_behind.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sidecar::kube {
namespace {

bool is_behind(const std::string& details, unsigned status = 504) {
  api_response response;
  response.status = status;
  response.body = R"({"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Timeout","details":)" + details +
                  R"(,"code":504})";
  return is_cache_behind(response);
}

TEST(CacheBehind, IsACauseOfATimeoutAndNothingElse) {
  const std::string cause = R"({"reason":"ResourceVersionTooLarge","message":"Too large resource version"})";
  EXPECT_TRUE(is_behind(R"({"causes":[)" + cause + R"(],"retryAfterSeconds":1})"));
  EXPECT_TRUE(is_behind(R"({"retryAfterSeconds":1,"causes":[{"reason":"Other","field":"x"},)" + cause + "]}"));
  for (const auto* details :
       {R"({})", R"(null)", R"("ResourceVersionTooLarge")", R"({"causes":["ResourceVersionTooLarge"]})",
        R"({"causes":[{"message":"ResourceVersionTooLarge"}]})",
        R"({"causes":[{"reason":["ResourceVersionTooLarge"]}]})", R"({"causes":{"reason":"ResourceVersionTooLarge"}})",
        R"({"others":[{"reason":"ResourceVersionTooLarge"}]})", R"({"reason":"ResourceVersionTooLarge"})",
        R"({"causes":[{"reason":{},"message":"ResourceVersionTooLarge"}]})",
        R"({"causes":[{"reason":"x"},["ResourceVersionTooLarge"]]})",
        R"({"causes":[{"reason":"ResourceVersionTooLarge"})",
        R"({"causes":[{"reason":"ResourceVersionTooLarge"}]},"details":{})",
        R"({},"details":{"causes":[{"reason":"ResourceVersionTooLarge"}]})"}) {
    EXPECT_FALSE(is_behind(details)) << details;
  }
  EXPECT_FALSE(is_behind(R"({"causes":[)" + cause + "]}", 500));
}

TEST(CacheBehind, IsNotSaidByAResponseThatIsCut) {
  api_response response;
  response.status = 504;
  response.body = R"({"kind":"Status","details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}})";
  ASSERT_TRUE(is_cache_behind(response));
  response.is_cut = true;
  EXPECT_FALSE(is_cache_behind(response));
  response.is_cut = false;
  response.body = R"({"details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}})";
  EXPECT_FALSE(is_cache_behind(response)) << "no Status";
}

}  // namespace
}  // namespace sidecar::kube
