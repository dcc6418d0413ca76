#include "sidecar/doctor/review.hpp"

#include <gmock/gmock.h>

#include "support/recording.hpp"

namespace sidecar::doctor {
namespace {

using health::reason;
using testing::ElementsAre;
using testing::HasSubstr;

kube::api_response response(unsigned status, std::string body) {
  kube::api_response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

template <class T>
reason why(const reviewed<T>& answer) {
  const auto* failed = std::get_if<kube::failure>(&answer);
  return failed == nullptr ? reason::draining : failed->why;
}

TEST(Review, WhatARealServerSaysOfAccess) {
  EXPECT_EQ(std::get<bool>(read_access(response(201, test::recorded_body("access-review-allowed")))), true);
  EXPECT_EQ(std::get<bool>(read_access(response(201, test::recorded_body("access-review-denied")))), false);
}

TEST(Review, WhatARealServerSaysOfRules) {
  const auto found = std::get<named_rules>(read_rules(response(201, test::recorded_body("rules-review"))));
  EXPECT_THAT(found, ElementsAre(std::vector<std::string>{})) << "get on every pod";
}

TEST(Review, RulesThatNamePods) {
  const auto found = read_rules(
      response(201, R"({"kind":"SelfSubjectRulesReview","status":{"resourceRules":[)"
                    R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":["game-1","game-2"]},)"
                    R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"],"resourceNames":["x"]},)"
                    R"({"verbs":["list"],"resources":["pods"]},{"verbs":["get"],"resources":["secrets"]}]}})"));
  EXPECT_THAT(std::get<named_rules>(found),
              ElementsAre(std::vector<std::string>{"game-1", "game-2"}, std::vector<std::string>{"x"}));
}

TEST(Review, WhoWeAre) {
  const auto found = std::get<known_user>(read_identity(
      response(201, R"({"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1","status":{"userInfo":{)"
                    R"("username":"system:serviceaccount:demo:sidecar","extra":{)"
                    R"("authentication.kubernetes.io/pod-name":["game-0"],)"
                    R"("authentication.kubernetes.io/pod-uid":["u-1"]}}}})")));
  EXPECT_EQ(found.user, "system:serviceaccount:demo:sidecar");
  EXPECT_EQ(found.pod_name, "game-0");
  EXPECT_EQ(found.pod_uid, "u-1");
}

TEST(Review, ARefusalOfTheQuestionIsNone) {
  for (const auto& body : {test::recorded_body("no-token-403"), std::string{"404 page not found\n"}}) {
    const unsigned status = body.starts_with("404") ? 404 : 403;
    EXPECT_TRUE(std::holds_alternative<cannot_ask>(read_access(response(status, body)))) << body;
    EXPECT_TRUE(std::holds_alternative<cannot_ask>(read_identity(response(status, body)))) << body;
  }
}

TEST(Review, AnythingElseIsAFailure) {
  const std::string page = "<html><body>Sign in</body></html>";
  EXPECT_EQ(why(read_access(response(201, page))), reason::api_protocol);
  EXPECT_EQ(why(read_access(response(200, "{}"))), reason::api_protocol);
  EXPECT_EQ(why(read_access(response(201, test::recorded_body("rules-review")))), reason::api_protocol);
  EXPECT_EQ(why(read_access(response(403, page))), reason::api_protocol);
  EXPECT_EQ(why(read_access(response(404, page))), reason::api_protocol);
  EXPECT_EQ(why(read_access(response(302, page))), reason::api_protocol);
  EXPECT_EQ(why(read_access(response(401, test::recorded_body("unauthorized-401")))), reason::api_unauthorized);
  EXPECT_EQ(why(read_access(response(429, "Too many requests"))), reason::api_busy);
  EXPECT_EQ(why(read_access(response(503, page))), reason::api_error);
  auto cut = response(201, test::recorded_body("access-review-allowed"));
  cut.is_cut = true;
  EXPECT_EQ(why(read_access(cut)), reason::api_protocol);
}

TEST(Review, RequestsNameThePod) {
  const auto access = access_review("watch", {"demo", "game-0"});
  EXPECT_EQ(access.path, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
  EXPECT_EQ(access.body, R"({"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":)"
                         R"({"resourceAttributes":{"namespace":"demo","verb":"watch","resource":"pods",)"
                         R"("name":"game-0"}}})");
  EXPECT_THAT(rules_review("demo").body, HasSubstr(R"("spec":{"namespace":"demo"})"));
  EXPECT_THAT(identity_review().path, HasSubstr("/apis/authentication.k8s.io/v1/"));
}

}  // namespace
}  // namespace sidecar::doctor
