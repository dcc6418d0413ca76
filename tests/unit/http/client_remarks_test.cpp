#include "sidecar/http/client_remarks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;

/// A client that does all as it should.
client_record checker(const std::string& address = "192.0.2.1", const std::string& host = "") {
  client_record made;
  made.address = boost::asio::ip::make_address(address);
  made.requests = made.connections = 10;
  made.interval = 1s;
  made.asked.read({.method = method::get, .target = "/healthz", .http_1_1 = true, .host = host});
  made.told = {.status = 500, .reason = health::reason::container_not_ready};
  return made;
}

client_record refused_for(refusal why, std::uint16_t status, std::string_view path = "/healthz") {
  auto made = checker();
  made.asked.path.assign(path);
  made.told = {.refusal = why, .status = status};
  return made;
}

/// Joined by "; ".
std::string said(const client_record& client, std::vector<client_record> others = {}) {
  others.push_back(client);
  std::string joined;
  for (const auto& one : remarks(client, others)) joined += (joined.empty() ? "" : "; ") + one;
  return joined;
}

TEST(ClientRemarks, SayNothingOfAClientThatDoesAllAsItShould) {
  EXPECT_EQ(said(checker()), "");
  auto healthy = checker();
  healthy.told = {.status = 200, .reason = health::reason::all_containers_ready, .held = true};
  EXPECT_EQ(said(healthy), "");
  client_record agent;
  agent.requests = agent.connections = 3;
  agent.asked.protocol = client_protocol::agent;
  agent.told = {.status = 200, .reason = health::reason::all_containers_ready};
  EXPECT_EQ(said(agent), "");
  EXPECT_EQ(said(client_record{}), "") << "its first connection may still bring a request";
}

TEST(ClientRemarks, NameEveryRefusalWithItsStatusAndItsRemedy) {
  const struct {
    refusal why;
    std::uint16_t status;
    std::string remark;
  } rows[] = {
      {refusal::not_found, 404, "asks for /health_check, which is 404: use /healthz, /health or /"},
      {refusal::not_found, 400, "asks for /health_check, which is 400: use /healthz, /health or /"},
      {refusal::method_not_allowed, 405,
       "asks with a method that is not allowed, which is 405: use GET, HEAD or OPTIONS"},
      {refusal::tls_required, 400,
       "speaks plain HTTP to a port that requires TLS, which is 400: let its check use HTTPS"},
      {refusal::bad_request, 400, "sends a malformed request, which is 400"},
      {refusal::request_timeout, 408, "does not complete its request in time, which is 408"},
      {refusal::content_too_large, 413, "sends a body with its request, which is 413: let its check send none"},
      {refusal::head_too_large, 431, "sends a request head of more than 8 KiB, which is 431"},
      {refusal::version_not_supported, 505,
       "asks with a version of HTTP that is not spoken here, which is 505: use HTTP/1.1 or HTTP/1.0"},
  };
  for (const auto& row : rows) EXPECT_EQ(said(refused_for(row.why, row.status, "/health_check")), row.remark);
}

TEST(ClientRemarks, ShowWhereAPathWasCut) {
  const auto remark = said(refused_for(refusal::not_found, 404, "/" + std::string(99, 'x')));
  EXPECT_TRUE(remark.starts_with("asks for /" + std::string(46, 'x') + "..., which is 404")) << remark;
}

TEST(ClientRemarks, PointOutAClientThatConnectsWithoutARequest) {
  client_record client;
  client.connections = 2;
  client.mute = 1;
  EXPECT_TRUE(said(client).starts_with("connects without an HTTP request")) << said(client);
  auto asks_too = checker();
  asks_too.mute = 1;
  EXPECT_EQ(said(asks_too), "");
}

TEST(ClientRemarks, PointOutAClientThatAsksOnlyWhetherTheSidecarRuns) {
  auto client = checker();
  client.asked.path.assign("/livez");
  client.told = {.status = 200};
  EXPECT_EQ(said(client), "asks for /livez, which says nothing about the pod: use /healthz, /health or /");
  client.asked.user_agent.assign("kube-probe/1.33");
  EXPECT_EQ(said(client), "") << "a kubelet is to ask just that";
}

TEST(ClientRemarks, PointOutAnIntervalOfMoreThanAMinute) {
  auto client = checker();
  for (const auto interval : {0s, 10s, 60s}) {
    client.interval = interval;
    EXPECT_EQ(said(client), "") << interval.count();
  }
  client.interval = 61s;
  EXPECT_EQ(said(client), "asks every 61 s, and so notices a change that late: let it ask every few seconds");
}

TEST(ClientRemarks, PointOutAHostThatMostOthersDoNotSend) {
  const auto odd = checker("192.0.2.1", "odd");
  const auto one = checker("192.0.2.2", "usual");
  const auto two = checker("192.0.2.3", "Usual");
  const auto none = checker("192.0.2.4");
  EXPECT_EQ(said(odd, {one, two}), "asks with the Host odd, most others that ask for /healthz with usual");
  EXPECT_EQ(said(odd, {one, two, none, none}), "asks with the Host odd, most others that ask for /healthz with usual");
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
  one.asked.path.assign("/livez");
  two.asked.path.assign("/livez");
  EXPECT_EQ(said(odd, {one, two}), "");
}

TEST(ClientRemarks, SayEverythingThatIsOdd) {
  auto client = refused_for(refusal::not_found, 404, "/x");
  client.interval = 90s;
  EXPECT_EQ(remarks(client, std::vector{client}).size(), 2U);
}

}  // namespace
}  // namespace sidecar::http
