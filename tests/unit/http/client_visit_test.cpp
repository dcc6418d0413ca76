#include "sidecar/http/client_visit.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "server_fixture.hpp"

namespace sidecar::http {
namespace {

using time_point = client_visit::time_point;

class ClientVisit : public testing::Test {
 protected:
  client_record only() const {
    const auto records = server.clients->records();
    EXPECT_EQ(records.size(), 1U);
    return records.empty() ? client_record{} : records[0];
  }

  static asio::ip::address address(const std::string& text = "192.0.2.1") { return asio::ip::make_address(text); }

  asio::io_context io;
  scripted_endpoint endpoint;
  server_context server{io.get_executor(), endpoint, {.records_clients = true}};
};

TEST_F(ClientVisit, AConnectionIsNoRequest) {
  client_visit first(server, address(), time_point{1s});
  client_visit second(server, address(), time_point{2s});
  EXPECT_FALSE(only().has_request());
  second.count({}, ready, time_point{3s});
  client_visit third(server, address(), time_point{4s});
  EXPECT_EQ(only().last_request, time_point{3s});
  EXPECT_EQ(only().interval, 0s) << "one request has none";
  EXPECT_EQ(only().connections, 3U);
}

TEST_F(ClientVisit, TheIntervalIsTheOneBetweenTheLastTwoRequests) {
  client_visit visit(server, address(), time_point{1s});
  for (const auto now : {2s, 4s, 9s}) {
    visit.count({}, ready, time_point{now});
  }
  EXPECT_EQ(only().interval, 5s);
  EXPECT_EQ(only().last_request, time_point{9s});
  visit.end(time_point{30s});
  EXPECT_EQ(only().last_request, time_point{9s}) << "there was no request since";
  EXPECT_EQ(only().interval, 5s);
}

TEST_F(ClientVisit, TheIntervalReachesFromConnectionToConnection) {
  for (const auto now : {1s, 3s}) {
    client_visit visit(server, address(), time_point{now});
    visit.count({}, ready, time_point{now});
    visit.end(time_point{now});
  }
  EXPECT_EQ(only().interval, 2s);
}

TEST_F(ClientVisit, ALaterAnswerOfAnotherConnectionStays) {
  client_visit slow(server, address(), time_point{1s});
  client_visit quick(server, address(), time_point{2s});
  quick.count({}, ready, time_point{6s});
  slow.count({}, ready, time_point{5s});
  EXPECT_EQ(only().last_request, time_point{6s});
  EXPECT_EQ(only().last_check, time_point{6s});
  EXPECT_EQ(only().interval, 0s);
}

TEST_F(ClientVisit, RequestsOfOneMomentHaveNoInterval) {
  client_visit visit(server, address(), time_point{1s});
  for (int i = 0; i < 3; ++i) visit.count({}, ready, time_point{2s});
  EXPECT_EQ(only().requests, 3U);
  EXPECT_EQ(only().interval, 0s);
}

TEST_F(ClientVisit, AConnectionThatEndsWithoutARequestIsMute) {
  client_visit silent(server, address(), time_point{1s});
  EXPECT_EQ(only().mute, 0U) << "it may still send one";
  silent.end(time_point{2s});
  EXPECT_EQ(only().mute, 1U);
  client_visit refused(server, address(), time_point{3s});
  refused.count({}, refusal::bad_request, time_point{4s});
  refused.end(time_point{4s});
  EXPECT_EQ(only().mute, 1U);
  EXPECT_EQ(only().connections, 2U);
}

TEST_F(ClientVisit, CountsMuteConnectionsSinceTheLastRequest) {
  const auto connect = [&](auto when, bool sends) {
    client_visit visit(server, address(), time_point{when});
    if (sends) visit.count({}, ready, time_point{when});
    visit.end(time_point{when});
  };
  connect(1s, true);
  EXPECT_EQ(only().last_mute, time_point{});
  for (const auto when : {2s, 3s}) connect(when, false);
  EXPECT_EQ(only().mute_in_a_row, 2U);
  EXPECT_EQ(only().last_mute, time_point{3s});
  EXPECT_EQ(only().last_request, time_point{1s});
  connect(4s, true);
  EXPECT_EQ(only().mute_in_a_row, 0U);
  EXPECT_EQ(only().mute, 2U);
  EXPECT_EQ(only().last_mute, time_point{3s});
}

TEST_F(ClientVisit, KeepsTheLastRefusalWhileOtherRequestsSucceed) {
  client_visit visit(server, address(), time_point{1s});
  visit.count({.target = "/wrong"}, refusal::not_found, time_point{2s});
  visit.count({.target = "/healthz"}, ready, time_point{3s});
  EXPECT_FALSE(only().answer.refusal);
  EXPECT_EQ(only().request.path.view(), "/healthz");
  EXPECT_EQ(only().refused.why, refusal::not_found);
  EXPECT_EQ(only().refused.status, 404U);
  EXPECT_EQ(only().refused.path.view(), "/wrong");
  EXPECT_EQ(only().refused.at, time_point{2s});
}

TEST_F(ClientVisit, NotesWhenTheLastHealthCheckCame) {
  client_visit visit(server, address(), time_point{1s});
  visit.count_livez({.target = "/livez"}, time_point{2s});
  EXPECT_EQ(only().last_check, time_point{});
  visit.count({.target = "/healthz"}, not_ready, time_point{3s});
  visit.count_livez({.target = "/livez"}, time_point{4s});
  EXPECT_EQ(only().last_check, time_point{3s});
  visit.count({.target = "/wrong"}, refusal::not_found, time_point{4s});
  EXPECT_EQ(only().last_check, time_point{3s});
  client_visit agent(server, address(), time_point{5s});
  agent.count_agent_check(ready, time_point{5s});
  agent.end(time_point{5s});
  EXPECT_EQ(only().last_check, time_point{5s});
}

TEST_F(ClientVisit, OfAnIpv4ClientOfADualStackSocketTheAddressIsIpv4) {
  client_visit visit(server, address("::ffff:192.0.2.1"), time_point{1s});
  EXPECT_EQ(only().address, address());
}

TEST_F(ClientVisit, ARecordThatWasGivenAwayIsBegunAgain) {
  client_visit kept(server, address(), time_point{1s});
  kept.count({}, ready, time_point{1s});
  client_visit mute(server, address(), time_point{1s});
  for (std::size_t i = 1; i <= client_table::max_clients; ++i) {
    client_visit other(server, address("2001:db8::" + std::to_string(i)), time_point{2s});
    other.count({}, not_ready, time_point{2s});
    other.end(time_point{2s});
  }
  mute.end(time_point{3s});
  for (const auto& one : server.clients->records()) {
    EXPECT_NE(one.address, address());
    EXPECT_EQ(one.mute, 0U) << "it is another address's";
  }

  kept.count({.method = method::get, .target = "/healthz"}, ready, time_point{4s});
  const auto records = server.clients->records();
  EXPECT_EQ(records.size(), client_table::max_clients);
  EXPECT_EQ(records[0].address, address());
  EXPECT_EQ(records[0].requests, 1U);
  EXPECT_EQ(records[0].connections, 1U);
  EXPECT_EQ(records[0].request.path.view(), "/healthz");
  EXPECT_EQ(records[0].last_request, time_point{4s});
  EXPECT_EQ(records[0].interval, 0s);
  for (std::size_t i = 1; i < records.size(); ++i) {
    EXPECT_EQ(records[i].requests, 1U);
    EXPECT_EQ(records[i].answer.status, 500U);
  }
}

TEST_F(ClientVisit, RecordsWhatTheRequestSays) {
  client_visit visit(server, address(), time_point{1s});
  visit.note_tls();
  visit.note_proxy_source("192.0.2.9");
  const request received{.method = method::head,
                         .target = "/healthz",
                         .version = http_version::http_1_1,
                         .host = "a.example",
                         .user_agent = "probe/1"};
  visit.count(received, not_ready, time_point{2s});
  const auto made = only().request;
  EXPECT_EQ(made.method, method::head);
  EXPECT_EQ(made.protocol, client_protocol::http_1_1);
  EXPECT_EQ(made.path.view(), "/healthz");
  EXPECT_EQ(made.host.view(), "a.example");
  EXPECT_EQ(made.user_agent.view(), "probe/1");
  EXPECT_EQ(made.proxy_source.view(), "192.0.2.9");
  EXPECT_TRUE(made.tls);
}

TEST_F(ClientVisit, MarksATextThatItHasCut) {
  client_visit visit(server, address(), time_point{1s});
  const std::string path(35, 'x');
  visit.count({.target = path}, not_ready, time_point{2s});
  EXPECT_TRUE(only().request.path.is_cut());
  visit.count({.target = "/"}, ready, time_point{3s});
  EXPECT_EQ(only().request.path.shown(), "/");
}

TEST_F(ClientVisit, WithoutRecordsItCountsAll) {
  server_context plain{io.get_executor(), endpoint, {}};
  client_visit visit(plain, address(), time_point{1s});
  EXPECT_FALSE(visit.is_recorded());
  const request received{.method = method::get, .target = "/healthz"};
  visit.count(received, ready, time_point{2s});
  visit.count(received, refusal::not_found, time_point{2s});
  visit.count_livez(received, time_point{2s});
  visit.end(time_point{3s});
  EXPECT_EQ(plain.traffic.answered(answer_kind::healthy, false), 1U);
  EXPECT_EQ(plain.traffic.refused(404), 1U);
  EXPECT_EQ(plain.clients, nullptr);
}

}  // namespace
}  // namespace sidecar::http
