#include "sidecar/node/workload_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::node {
namespace {

using health::reason;
using health::workload_pod;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> messages(const std::vector<journal::log_line>& lines) {
  std::vector<std::string> all;
  for (const auto& one : lines) all.push_back((one.level == log::level::info ? "info " : "warn ") + one.message);
  return all;
}

TEST(WorkloadLog, SaysEachChangeOfAWorkloadOnce) {
  workload_log lines({500, 404});
  std::vector<workload_pod> pods{
      {.namespace_name = "demo", .workload = "api", .name = "a", .version = "1", .judged = reason::pod_ready},
      {.namespace_name = "demo", .workload = "web", .name = "b", .version = "1", .judged = reason::container_not_ready},
      {.namespace_name = "prod", .workload = "web", .name = "c", .version = "1", .judged = reason::pod_ready}};
  EXPECT_THAT(messages(lines.note(pods, false)),
              ElementsAre(HasSubstr("info answering 200 for workload demo/api: the pod is ready"),
                          HasSubstr("warn answering 500 for workload demo/web: a target container is not ready; see"),
                          HasSubstr("info answering 200 for workload prod/web")));
  EXPECT_TRUE(lines.note(pods, false).empty());
  pods[1].judged = reason::pod_terminating;
  pods.pop_back();
  EXPECT_THAT(messages(lines.note(pods, false)),
              ElementsAre(HasSubstr("warn answering 404 for workload demo/web: the pod is being deleted"),
                          HasSubstr("warn answering 500 for workload prod/web: no pod of that workload")));
  EXPECT_TRUE(lines.note(pods, false).empty());
}

TEST(WorkloadLog, SaysThatTheNodeIsLeaving) {
  workload_log lines({500, 404});
  const std::vector<workload_pod> pods{
      {.namespace_name = "demo", .workload = "api", .name = "a", .version = "1", .judged = reason::pod_ready}};
  lines.note(pods, false);
  EXPECT_THAT(messages(lines.note(pods, true)),
              ElementsAre(HasSubstr("warn answering 404 for workload demo/api: the node is leaving")));
  EXPECT_TRUE(lines.note(pods, true).empty());
  EXPECT_THAT(messages(lines.note(pods, false)), ElementsAre(HasSubstr("info answering 200 for workload demo/api")));
}

}  // namespace
}  // namespace sidecar::node
