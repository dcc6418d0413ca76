#include "sidecar/status/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <string_view>

#include "some_facts.hpp"

namespace sidecar::status {
namespace {

using health::reason;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class Metrics : public testing::Test {
 protected:
  std::string text() const { return render_metrics(known.value, usage); }
  /// Whether there is the line, less the prefix of the names.
  bool has(const std::string& line) const {
    return text().find("\nhealthcheck_sidecar_" + line + '\n') != std::string::npos;
  }

  some_facts known;
  process_usage usage{.cpu_seconds = 1.5, .resident_bytes = 4'096, .open_files = 9, .max_files = 1'024};
};

TEST_F(Metrics, OfANodeSayWhichWorkloadsAreReady) {
  EXPECT_THAT(text(), Not(HasSubstr("workload"))) << "of a pod";
  known.value.source.workloads = {
      {{.namespace_name = "demo", .name = "web", .now = {health::verdict_of(reason::pod_ready)}, .ready = 2},
       {.namespace_name = "demo", .name = "a\"b", .now = {health::verdict_of(reason::pod_not_ready)}}}};
  EXPECT_TRUE(has("workloads 2"));
  EXPECT_TRUE(has(R"(workload_healthy{namespace="demo",workload="web"} 1)"));
  EXPECT_TRUE(has(R"(workload_healthy{namespace="demo",workload="a\"b"} 0)")) << "foreign text";
}

TEST_F(Metrics, OfANodeThatMayLeave) {
  EXPECT_THAT(text(), Not(HasSubstr("sidecar_node_"))) << "NODE_DRAIN is off";
  kube::call_statistics about_node;
  about_node.note(kube::verb::get, {}, {}, reason::api_forbidden);
  known.value.source.node = {.name = "node-a", .drain_cause = {}, .calls = &about_node};
  EXPECT_THAT(text(), Not(HasSubstr("node_draining"))) << "nothing is known";
  EXPECT_TRUE(has(R"(node_requests_total{verb="get",result="ApiForbidden"} 1)"));
  EXPECT_TRUE(has(R"(node_requests_total{verb="list",result="success"} 0)"));
  EXPECT_TRUE(has(R"(api_requests_total{verb="get",result="ApiForbidden"} 0)"));
  known.value.source.node->drain_cause = "";
  EXPECT_TRUE(has("node_draining 0"));
  EXPECT_TRUE(has("node_timestamp_seconds 0"));
  known.value.source.node->observed = known.value.now.boot - 10s;
  EXPECT_TRUE(has("node_timestamp_seconds 1764439190"));
  known.value.source.node->drain_cause = "taint gone";
  EXPECT_TRUE(has("node_draining 1"));
}

TEST_F(Metrics, EveryLabelValueIsThereFromTheStart) {
  for (const std::string line : {
           "healthy 0",
           "verdict{reason=\"ApiTimeout\"} 1",
           "verdict{reason=\"ContainerNotReady\"} 0",
           "verdict_changes_total 0",
           "responses_total{code=\"200\",held=\"false\"} 0",
           "responses_total{code=\"200\",held=\"true\"} 0",
           "responses_total{code=\"500\",held=\"true\"} 0",
           "requests_refused_total{code=\"404\"} 0",
           "requests_refused_total{code=\"505\"} 0",
           "snapshot_timestamp_seconds 0",
           "snapshot_age_seconds NaN",
           "api_requests_total{verb=\"get\",result=\"success\"} 0",
           "api_requests_total{verb=\"watch\",result=\"ApiForbidden\"} 0",
           "api_request_duration_seconds_bucket{le=\"0.001\"} 0",
           "api_request_duration_seconds_bucket{le=\"2.5\"} 0",
           "api_request_duration_seconds_bucket{le=\"+Inf\"} 0",
           "api_request_duration_seconds_sum 0",
           "api_request_duration_seconds_count 0",
           "connections 0",
           "connections_evicted_total 0",
           "tls_handshake_failures_total 0",
           "clients 0",
           "watch_missed_events_total 0",
           "token_expiry_timestamp_seconds 0",
           "tls_certificate_expiry_timestamp_seconds 0",
       }) {
    EXPECT_TRUE(has(line)) << line;
  }
}

TEST_F(Metrics, NoSeriesIsThereTwice) {
  known.value.statuses = {500, 200 + 300};
  std::set<std::string> seen;
  std::istringstream lines(text());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) {
      EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
    }
  }
  EXPECT_GT(seen.size(), 90);
}

TEST_F(Metrics, AReasonWithTwoSidesIsOneLabel) {
  known.value.answer.now = {verdict_of(reason::draining_unready)};
  EXPECT_TRUE(has("verdict{reason=\"Draining\"} 1"));
  known.value.answer.now = {verdict_of(reason::state_override_healthy)};
  EXPECT_TRUE(has("verdict{reason=\"StateOverride\"} 1"));
  EXPECT_TRUE(has("healthy 1"));
}

TEST_F(Metrics, AnswersByTheStatusThatLoadBalancersGet) {
  known.counts.count({verdict_of(reason::container_ready)});
  known.counts.count({verdict_of(reason::container_ready), 3s});
  known.counts.count({verdict_of(reason::container_not_ready)});
  known.counts.count({verdict_of(reason::pod_terminating)});
  EXPECT_TRUE(has("responses_total{code=\"200\",held=\"false\"} 1"));
  EXPECT_TRUE(has("responses_total{code=\"200\",held=\"true\"} 1"));
  EXPECT_TRUE(has("responses_total{code=\"500\",held=\"false\"} 2"));
  known.value.statuses = {503, 404};
  EXPECT_TRUE(has("responses_total{code=\"503\",held=\"false\"} 1"));
  EXPECT_TRUE(has("responses_total{code=\"404\",held=\"false\"} 1"));
  EXPECT_THAT(text(), Not(HasSubstr("code=\"500\",held")));
}

TEST_F(Metrics, CountsOfClients) {
  known.counts.count_refusal(404);
  known.counts.evicted = 3;
  known.counts.handshake_failures = 4;
  known.value.clients.connections = 5;
  const auto now = known.value.now.steady;
  auto& recent = known.records.connect(boost::asio::ip::make_address("10.0.0.1"), now - 59s);
  recent.requests = 1;
  recent.last_request = now - 59s;
  auto& gone = known.records.connect(boost::asio::ip::make_address("10.0.0.2"), now - 61s);
  gone.requests = 1;
  gone.last_request = now - 61s;
  for (const std::string line : {"requests_refused_total{code=\"404\"} 1", "connections 5",
                                 "connections_evicted_total 3", "tls_handshake_failures_total 4", "clients 1"}) {
    EXPECT_TRUE(has(line)) << line;
  }
}

TEST_F(Metrics, TheSnapshotIsDatedByTheWallClock) {
  known.value.source.observed = known.value.now.boot - 2'500ms;
  EXPECT_TRUE(has("snapshot_timestamp_seconds 1764439197.5"));
  EXPECT_TRUE(has("snapshot_age_seconds 2.5"));
}

TEST_F(Metrics, TimesOfCallsAreAHistogram) {
  const time_point start{};
  known.calls.note(kube::verb::get, start, start + 1ms, {});
  known.calls.note(kube::verb::list, start, start + 3ms, reason::api_busy);
  known.calls.note(kube::verb::get, start, start + 4s, reason::api_timeout);
  for (const std::string line :
       {"api_requests_total{verb=\"get\",result=\"success\"} 1",
        "api_requests_total{verb=\"list\",result=\"ApiBusy\"} 1", "api_request_duration_seconds_bucket{le=\"0.001\"} 1",
        "api_request_duration_seconds_bucket{le=\"0.0025\"} 1", "api_request_duration_seconds_bucket{le=\"0.005\"} 2",
        "api_request_duration_seconds_bucket{le=\"2.5\"} 2", "api_request_duration_seconds_bucket{le=\"+Inf\"} 3",
        "api_request_duration_seconds_count 3", "api_request_duration_seconds_sum 4.004"}) {
    EXPECT_TRUE(has(line)) << line;
  }
}

TEST_F(Metrics, WatchAndExpiry) {
  known.value.source.watch = {
      .state = watch_state::used, .missed_events = 2, .restarts = {{"completed", 7}, {"lost", 0}}};
  known.value.expiry = {.token = wall_time{1'764'440'000s}, .certificate = wall_time{253'402'300'799s}};
  for (const std::string line :
       {"watch_restarts_total{cause=\"completed\"} 7", "watch_restarts_total{cause=\"lost\"} 0",
        "watch_missed_events_total 2", "token_expiry_timestamp_seconds 1764440000",
        "tls_certificate_expiry_timestamp_seconds 253402300799"}) {
    EXPECT_TRUE(has(line)) << line;
  }
}

TEST_F(Metrics, AnOverrideHasTheSameSeries) {
  known.value.source = {.name = "override", .calls = nullptr};
  EXPECT_TRUE(has("api_requests_total{verb=\"get\",result=\"success\"} 0"));
}

TEST_F(Metrics, TheProcessUnderTheStandardNames) {
  for (const std::string line : {"process_cpu_seconds_total 1.5", "process_resident_memory_bytes 4096",
                                 "process_open_fds 9", "process_max_fds 1024"}) {
    EXPECT_THAT(text(), HasSubstr('\n' + line + '\n'));
  }
}

TEST(ProcessUsage, IsThatOfThisProcess) {
  const auto read = read_process_usage();
  EXPECT_GT(read.cpu_seconds, 0);
  EXPECT_GT(read.resident_bytes, 1'000'000);
  EXPECT_GT(read.virtual_bytes, read.resident_bytes);
  EXPECT_GE(read.open_files, 3);
  EXPECT_GT(read.max_files, read.open_files);
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_LE(read.start_time, now.count() + 1);
  EXPECT_GT(read.start_time, now.count() - 3'600);
}

}  // namespace
}  // namespace sidecar::status
