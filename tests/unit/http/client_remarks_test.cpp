#include "sidecar/http/client_remarks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::steady_clock::time_point now{10h};

client_time before(std::chrono::seconds time) { return now - time; }

/// A client that does all as it should.
client_record checker(const std::string& address = "192.0.2.1", const std::string& host = "") {
  client_record made;
  made.address = boost::asio::ip::make_address(address);
  made.requests = made.connections = 10;
  made.interval = 1s;
  made.last_request = now - 1s;
  made.request.read({.method = method::get, .target = "/healthz", .version = http_version::http_1_1, .host = host});
  made.answer = {.status = 500, .reason = health::reason::container_not_ready};
  return made;
}

client_record refused_for(refusal why, std::uint16_t status, std::string_view path = "/healthz") {
  auto made = checker();
  made.request.path.assign(path);
  made.answer = {.refusal = why, .status = status};
  return made;
}

/// Joined by "; ".
std::string said(const client_record& client, std::vector<client_record> others = {}) {
  others.push_back(client);
  std::string joined;
  for (const auto& one : remarks(client, others, now)) joined += (joined.empty() ? "" : "; ") + one;
  return joined;
}

TEST(ClientRemarks, SayNothingOfAClientThatDoesAllAsItShould) {
  EXPECT_EQ(said(checker()), "");
  auto healthy = checker();
  healthy.answer = {.status = 200, .reason = health::reason::all_containers_ready, .held = true};
  EXPECT_EQ(said(healthy), "");
  client_record agent;
  agent.requests = agent.connections = 3;
  agent.request.protocol = client_protocol::agent;
  agent.answer = {.status = 200, .reason = health::reason::all_containers_ready};
  EXPECT_EQ(said(agent), "");
  EXPECT_EQ(said(client_record{}), "") << "its first connection may still bring a request";
}

TEST(ClientRemarks, NameEveryRefusalWithItsStatusAndItsRemedy) {
  const struct {
    refusal why;
    std::uint16_t status;
    std::string remark;
  } rows[] = {
      {refusal::not_found, 404, "requests /health_check, which is 404: use /healthz, /health or /"},
      {refusal::not_found, 400, "requests /health_check, which is 400: use /healthz, /health or /"},
      {refusal::method_not_allowed, 405, "uses a method that is not allowed, which is 405: use GET, HEAD or OPTIONS"},
      {refusal::tls_required, 400,
       "speaks plain HTTP to a port that requires TLS, which is 400: let its check use HTTPS"},
      {refusal::bad_request, 400, "sends a malformed request, which is 400"},
      {refusal::request_timeout, 408, "does not complete its request in time, which is 408"},
      {refusal::content_too_large, 413, "sends a body with its request, which is 413: let its check send none"},
      {refusal::head_too_large, 431, "sends a request head of more than 8 KiB, which is 431"},
      {refusal::version_not_supported, 505,
       "uses a version of HTTP that is not spoken here, which is 505: use HTTP/1.1 or HTTP/1.0"},
  };
  for (const auto& row : rows) EXPECT_EQ(said(refused_for(row.why, row.status, "/health_check")), row.remark);
}

TEST(ClientRemarks, ShowWhereAPathWasCut) {
  const auto remark = said(refused_for(refusal::not_found, 404, "/" + std::string(99, 'x')));
  EXPECT_TRUE(remark.starts_with("requests /" + std::string(33, 'x') + "…, which is 404")) << remark;
}

TEST(ClientRemarks, PointOutAClientThatConnectsWithoutARequest) {
  client_record client;
  client.connections = 2;
  client.mute = 1;
  client.mute_in_a_row = 1;
  EXPECT_TRUE(said(client).starts_with("connects without an HTTP request")) << said(client);
}

TEST(ClientRemarks, PointOutAClientThatSendsNoRequestAnyMore) {
  auto client = checker();
  client.mute = 9;
  EXPECT_EQ(said(client), "") << "it has sent one since";
  client.mute_in_a_row = 1;
  EXPECT_EQ(said(client), "") << "one may be a timeout of its own";
  client.mute_in_a_row = 2;
  client.last_mute = before(1s);
  client.last_request = now - 1h;
  EXPECT_TRUE(said(client).starts_with("has sent no request on its last 2 connections")) << said(client);
  EXPECT_NE(said(client).find("a malformed PROXY header"), std::string::npos);
  EXPECT_EQ(remarks(client, {}, now).size(), 1U) << "it has not stopped";
}

TEST(ClientRemarks, PointOutAClientThatHasStopped) {
  const struct {
    std::chrono::seconds interval;
    std::chrono::seconds silence;
    std::string time;  ///< empty: no remark
  } rows[] = {
      {1s, 60s, ""},    {1s, 61s, "61 s"},        {30s, 90s, ""}, {30s, 91s, "91 s"},
      {10s, 2h, "2 h"}, {10s, 119min, "119 min"}, {0s, 120s, ""},
  };
  for (const auto& row : rows) {
    auto client = checker();
    client.interval = row.interval;
    client.last_request = now - row.silence;
    const auto expected = "has sent no request for " + row.time +
                          ": unless that is meant, look whether it still runs and reaches the pod";
    EXPECT_EQ(said(client), row.time.empty() ? "" : expected) << row.interval.count() << ' ' << row.silence.count();
  }
}

TEST(ClientRemarks, PointOutARefusalThatOtherRequestsFollowed) {
  auto client = checker();
  client.refused = {.at = before(60s), .why = refusal::not_found, .status = 404};
  client.refused.path.assign("/wrong");
  EXPECT_EQ(said(client), "also requests /wrong, which is 404: use /healthz, /health or /");
  client.refused.at = before(61s);
  EXPECT_EQ(said(client), "");
  client.refused.at = before(1s);
  client.answer = {.refusal = refusal::not_found, .status = 404};
  client.request.path.assign("/last");
  EXPECT_EQ(said(client), "requests /last, which is 404: use /healthz, /health or /") << "it is said once";
}

TEST(ClientRemarks, PointOutAClientThatOnlyChecksWhetherTheSidecarRuns) {
  auto client = checker();
  client.request.path.assign("/livez");
  client.answer = {.status = 200};
  EXPECT_EQ(said(client), "requests /livez, which says nothing about a pod: use /healthz, /health or /");
  client.request.user_agent.assign("kube-probe/1.33");
  EXPECT_EQ(said(client), "") << "a kubelet is to do just that";
}

TEST(ClientRemarks, NameThePathsOfANode) {
  auto client = checker();
  client.request.path.assign("/wrong");
  client.answer = {.refusal = refusal::not_found, .status = 404};
  EXPECT_EQ(remarks(client, {}, now, config::run_mode::node),
            std::vector<std::string>{"requests /wrong, which is 404: use /healthz/NAMESPACE/WORKLOAD"});
}

TEST(ClientRemarks, PointOutAPathThatNamesNoWorkload) {
  auto client = checker();
  client.request.path.assign("/healthz");
  client.answer = {.status = 500, .reason = health::reason::workload_not_named};
  EXPECT_EQ(said(client), "requests /healthz, which names no workload of this node: use /healthz/NAMESPACE/WORKLOAD");
}

TEST(ClientRemarks, PointOutAnIntervalOfMoreThanAMinute) {
  auto client = checker();
  for (const auto interval : {0s, 10s, 60s, 61s}) {
    client.interval = interval;
    EXPECT_EQ(said(client), "") << interval.count();
  }
  client.interval = 62s;
  EXPECT_EQ(said(client),
            "sends a request every 62 s, and so notices a change that late: let it send one every few seconds");
  client.interval = 300s;
  EXPECT_TRUE(said(client).starts_with("sends a request every 5 min")) << said(client);
  client.request.read(
      {.method = method::get, .target = "/livez", .version = http_version::http_1_1, .user_agent = "kube-probe/1.33"});
  client.answer = {.status = 200};
  EXPECT_EQ(said(client), "") << "a kubelet learns nothing about the pod by it";
}

TEST(ClientRemarks, PointOutAHostThatMostOthersDoNotSend) {
  const auto odd = checker("192.0.2.1", "odd");
  const auto one = checker("192.0.2.2", "usual");
  const auto two = checker("192.0.2.3", "Usual");
  const auto none = checker("192.0.2.4");
  EXPECT_EQ(said(odd, {one, two}), "sends the Host odd, most others that request /healthz send usual");
  EXPECT_EQ(said(odd, {one, two, none, none}), "sends the Host odd, most others that request /healthz send usual");
  EXPECT_EQ(said(one, {odd, two}), "") << "one other of two is no majority";
  EXPECT_EQ(said(one, {odd, two, checker("192.0.2.5", "USUAL")}), "") << "it has the usual one itself";
  EXPECT_EQ(said(odd, {one}), "") << "one other makes no rule";
  EXPECT_EQ(said(none, {one, two}), "") << "HTTP/1.0 needs no Host";
  EXPECT_EQ(said(odd, {one, two, checker("192.0.2.5", "b"), checker("192.0.2.6", "b")}), "") << "there is no majority";
}

TEST(ClientRemarks, CompareTheHostsOfOnePathOnly) {
  const auto odd = checker("192.0.2.1", "odd");
  auto one = checker("192.0.2.2", "usual");
  auto two = checker("192.0.2.3", "usual");
  one.request.path.assign("/livez");
  two.request.path.assign("/livez");
  EXPECT_EQ(said(odd, {one, two}), "");
}

TEST(ClientRemarks, CompareNothingThatWasCut) {
  const std::string host(60, 'h');
  const auto odd = checker("192.0.2.1", host + "odd");
  EXPECT_EQ(said(odd, {checker("192.0.2.2", "usual"), checker("192.0.2.3", "usual")}), "");
  EXPECT_EQ(said(checker("192.0.2.1", "odd"), {checker("192.0.2.2", host), checker("192.0.2.3", host)}), "");
  std::vector<client_record> others{checker("192.0.2.2", "usual"), checker("192.0.2.3", "usual"),
                                    checker("192.0.2.4", "odd")};
  for (auto& one : others) one.request.path.assign("/healthz/" + host + one.address.to_string());
  EXPECT_EQ(said(others[2], {others[0], others[1]}), "");
}

TEST(ClientRemarks, SayEverythingThatIsOdd) {
  auto client = refused_for(refusal::not_found, 404, "/x");
  client.interval = 90s;
  EXPECT_EQ(remarks(client, std::vector{client}, now).size(), 2U);
}

}  // namespace
}  // namespace sidecar::http
