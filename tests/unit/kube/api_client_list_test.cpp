#include <gtest/gtest.h>

#include "unit/kube/api_client_world.hpp"

/// A LIST of one pod by the client. What a list of pods must be is tested in pod_list_test.cpp.
namespace sidecar::kube {
namespace {

class ApiClientList : public testing::Test, protected client_world {};

TEST_F(ApiClientList, LearnsThePodOrItsAbsenceAndTheListsVersionOnTheConnectionOfGets) {
  ASSERT_TRUE(succeeds());
  server.advance(10);
  const auto before = boottime_clock::now();
  for (const bool is_absent : {false, true}) {
    if (is_absent) server.delete_pod();
    const auto listed = fetch_list();
    ASSERT_TRUE(listed.found) << failure_of(listed.found).detail;
    EXPECT_EQ(std::holds_alternative<health::absent_pod>(listed.found->state), is_absent);
    EXPECT_GE(listed.found->observed, before);
    EXPECT_EQ(listed.version, std::to_string(server.resource_version()));
  }
  EXPECT_EQ(server.requests().at(1).target, "/api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dgame-0");
  EXPECT_EQ(server.counts().accepted, 1U);
}

TEST_F(ApiClientList, FailsWithoutAVersion) {
  for (const auto& [trouble, why] :
       {std::pair{test::refused(403), health::reason::api_forbidden},
        std::pair{test::raw_answer(response_with(body_of_pod())), health::reason::api_protocol},
        std::pair{test::close_at(test::phase::body), health::reason::api_unreachable}}) {
    server.inject(test::times(1, trouble));
    const auto listed = fetch_list();
    EXPECT_EQ(failure_of(listed.found).why, why);
    EXPECT_EQ(listed.version, "");
  }
}

}  // namespace
}  // namespace sidecar::kube
