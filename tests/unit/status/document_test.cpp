#include "sidecar/status/document.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "some_facts.hpp"

namespace sidecar::status {
namespace {

using health::reason;
using nlohmann::json;
using namespace std::chrono_literals;

class StatusDocument : public testing::Test {
 protected:
  json read() const { return json::parse(render_document(known.value)); }

  some_facts known;
};

TEST_F(StatusDocument, ASidecarThatKnowsNothingYet) {
  const auto shown = read();
  EXPECT_EQ(shown["now"], "2025-11-29T18:00:00.000Z");
  EXPECT_FALSE(shown["ready"]);
  EXPECT_EQ(shown["answer"]["status"], 500);
  EXPECT_EQ(shown["answer"]["healthy"], false);
  EXPECT_EQ(shown["answer"]["reason"], "ApiTimeout");
  EXPECT_FALSE(shown["answer"]["meaning"].get<std::string>().empty());
  EXPECT_EQ(shown["snapshot"]["source"], "live");
  for (const auto* member : {"observed", "age_seconds", "failure"}) EXPECT_TRUE(shown["snapshot"][member].is_null());
  for (const auto* member : {"pod", "watch"}) EXPECT_TRUE(shown[member].is_null()) << member;
  EXPECT_TRUE(shown["api"]["last"].is_null());
  EXPECT_EQ(shown["api"]["requests"], json::array());
  EXPECT_EQ(shown["clients"], json::array());
  EXPECT_EQ(shown["configuration"], (json{{{"name", "LISTEN"}, {"value", "[::]:3000"}}}));
}

TEST_F(StatusDocument, AHeldAnswerAndWhy) {
  known.value.answer = {.now = {verdict_of(reason::container_ready), 12s}, .detail = "HTTP 500", .since = {}};
  known.value.source.observed = known.value.now.boot - 12'300ms;
  known.value.source.failure = reason::api_error;
  const auto shown = read();
  EXPECT_EQ(shown["answer"]["status"], 200);
  EXPECT_EQ(shown["answer"]["held_seconds"], 12);
  EXPECT_EQ(shown["answer"]["detail"], "HTTP 500");
  EXPECT_EQ(shown["snapshot"]["age_seconds"], 12.3);
  EXPECT_EQ(shown["snapshot"]["failure"]["reason"], "ApiError");
}

TEST_F(StatusDocument, ThePodWithItsContainersAndConditions) {
  auto& game = known.pod.emplace<health::pod>();
  game.name = "game-0";
  game.containers = {{"game"}, {"init", health::container::kind::init}, {"new"}};
  game.statuses = {{.name = "game", .ready = true, .started = true, .restarts = 3, .last_termination = "OOMKilled"}};
  game.conditions = {{"Ready", "False", "ContainersNotReady"}};
  known.value.source.pod = &known.pod;
  const auto shown = read();
  EXPECT_TRUE(shown["ready"]);
  EXPECT_EQ(shown["pod"]["name"], "game-0");
  EXPECT_EQ(shown["pod"]["containers"][0], (json{{"name", "game"},
                                                 {"kind", "container"},
                                                 {"ready", true},
                                                 {"started", true},
                                                 {"restarts", 3},
                                                 {"last_termination", "OOMKilled"}}));
  EXPECT_EQ(shown["pod"]["containers"][1]["kind"], "init");
  EXPECT_TRUE(shown["pod"]["containers"][2]["ready"].is_null()) << "without a status";
  EXPECT_EQ(shown["pod"]["conditions"][0],
            (json{{"type", "Ready"}, {"status", "False"}, {"reason", "ContainersNotReady"}}));
}

TEST_F(StatusDocument, TheWorkloadsOfANode) {
  EXPECT_TRUE(read()["workloads"].is_null()) << "of a pod";
  auto& source = known.value.source;
  source.name = "node";
  source.workloads = {{{.namespace_name = "demo",
                        .name = "web",
                        .now = {health::verdict_of(health::reason::pod_ready)},
                        .ready = 2,
                        .pods = 3},
                       {.namespace_name = "demo",
                        .name = "vpn",
                        .now = {health::verdict_of(health::reason::pod_terminating)},
                        .pods = 1}}};
  EXPECT_FALSE(read()["ready"]) << "no LIST yet";
  source.observed = known.value.now.boot;
  const auto shown = read();
  EXPECT_TRUE(shown["ready"]);
  EXPECT_EQ(shown["workloads"][0], (json{{"namespace", "demo"},
                                         {"name", "web"},
                                         {"status", 200},
                                         {"reason", "PodReady"},
                                         {"held", false},
                                         {"ready", 2},
                                         {"pods", 3}}));
  EXPECT_EQ(shown["workloads"][1]["status"], known.value.statuses.drain);
}

TEST_F(StatusDocument, TheNodeAndWhyItIsLeaving) {
  EXPECT_TRUE(read()["node"].is_null()) << "NODE_DRAIN is off";
  known.value.source.node = {.name = "", .drain_cause = {}, .calls = &known.calls};
  EXPECT_TRUE(read()["node"].is_null()) << "its name is not known yet";
  known.value.source.node = {
      .name = "node-a", .drain_cause = {}, .failure = reason::api_forbidden, .calls = &known.calls};
  EXPECT_TRUE(read()["node"]["draining"].is_null());
  EXPECT_EQ(read()["node"]["failure"]["reason"], "ApiForbidden");
  EXPECT_NE(read()["node"]["failure"]["advice"].get<std::string>().find("ClusterRole"), std::string::npos);
  known.value.source.node = {
      .name = "node-a", .drain_cause = "taint gone", .observed = known.value.now.boot - 10s, .calls = &known.calls};
  EXPECT_EQ(read()["node"], (json{{"name", "node-a"},
                                  {"draining", true},
                                  {"cause", "taint gone"},
                                  {"observed", "2025-11-29T17:59:50.000Z"},
                                  {"failure", nullptr}}));
  known.value.source.node->drain_cause = "";
  EXPECT_EQ(read()["node"]["draining"], false);
}

TEST_F(StatusDocument, APodThatDoesNotExistIsKnown) {
  known.pod = health::absent_pod{};
  known.value.source.pod = &known.pod;
  EXPECT_TRUE(read()["pod"].is_null());
  EXPECT_TRUE(read()["ready"]);
}

TEST_F(StatusDocument, WhoChecks) {
  const auto now = known.value.now.steady;
  auto& one = known.records.connect(boost::asio::ip::make_address("fd00::9"), now - 400ms);
  one.requests = 2;
  one.connections = 2;
  one.last_request = now - 400ms;
  one.interval = 1s;
  one.request.read({.method = http::method::get,
                    .target = "/nope",
                    .version = http::http_version::http_1_1,
                    .host = "h",
                    .user_agent = "\"<b>\xff"});
  one.answer = {.refusal = http::refusal::not_found, .status = 404};
  const auto shown = read()["clients"][0];
  EXPECT_EQ(shown["address"], "fd00::9");
  EXPECT_EQ(shown["protocol"], "HTTP/1.1");
  EXPECT_EQ(shown["method"], "GET");
  EXPECT_EQ(shown["path"], "/nope");
  EXPECT_EQ(shown["user_agent"], "\"<b>\xEF\xBF\xBD");
  EXPECT_EQ(shown["seconds_ago"], 0.4);
  EXPECT_EQ(shown["interval_seconds"], 1.0);
  EXPECT_EQ(shown["answer"], (json{{"status", 404}, {"reason", ""}, {"held", false}}));
  EXPECT_EQ(shown["remarks"].size(), 1);
}

TEST_F(StatusDocument, AClientThatHasSentNothing) {
  known.records.connect(boost::asio::ip::make_address("10.0.0.1"), known.value.now.steady);
  const auto shown = read()["clients"][0];
  EXPECT_EQ(shown["protocol"], "none");
  EXPECT_EQ(shown["method"], "");
  for (const auto* const key : {"answer", "interval_seconds", "last", "seconds_ago", "last_check", "last_mute"}) {
    EXPECT_TRUE(shown[key].is_null()) << key;
  }
}

TEST_F(StatusDocument, TheMethodOfAClientsRequest) {
  using enum http::client_protocol;
  const struct {
    http::client_protocol protocol;
    http::method method;
    std::string shown;
  } rows[] = {
      {http_1_1, http::method::head, "HEAD"},
      {http_1_1, http::method::other, "a method that is not allowed"},
      {agent, http::method::other, ""},
      {none, http::method::other, ""},
  };
  auto& one = known.records.connect(boost::asio::ip::make_address("10.0.0.1"), known.value.now.steady);
  one.requests = 1;
  for (const auto& row : rows) {
    one.request.protocol = row.protocol;
    one.request.method = row.method;
    EXPECT_EQ(read()["clients"][0]["method"], row.shown) << name(row.protocol);
  }
}

TEST_F(StatusDocument, WhatWasCutOfAClientsTextsIsMarked) {
  auto& one = known.records.connect(boost::asio::ip::make_address("10.0.0.1"), known.value.now.steady);
  const std::string text(60, 'x');
  one.request.read({.target = text, .host = text, .user_agent = text});
  one.request.proxy_source.assign(text);
  for (const auto* const key : {"path", "host", "user_agent", "proxy_source"}) {
    const auto shown = read()["clients"][0][key].get<std::string>();
    EXPECT_TRUE(shown.ends_with("x…")) << key << ' ' << shown;
  }
}

TEST_F(StatusDocument, WhenAClientLastCheckedAndLastConnectedWithoutARequest) {
  const auto now = known.value.now.steady;
  auto& one = known.records.connect(boost::asio::ip::make_address("10.0.0.1"), now);
  one.last_check = now - 7s;
  one.last_mute = now - 4s;
  const auto shown = read()["clients"][0];
  EXPECT_EQ(shown["last_check"], "2025-11-29T17:59:53.000Z");
  EXPECT_EQ(shown["last_mute"], "2025-11-29T17:59:56.000Z");
}

TEST_F(StatusDocument, CallsWatchAndTransitions) {
  known.calls.note(kube::verb::list, known.value.now.boot - 5s, known.value.now.boot - 4'990ms, reason::api_forbidden);
  known.value.source.watch = {.state = watch_state::used, .missed_events = 1, .restarts = {{"lost", 2}}};
  known.value.past = {{known.value.started, {verdict_of(reason::pod_terminating)}, "why"}};
  known.value.statuses = {500, 404};
  known.value.expiry.token = known.value.started;
  const auto shown = read();
  EXPECT_EQ(
      shown["api"]["last"],
      (json{{"verb", "list"}, {"at", "2025-11-29T17:59:55.000Z"}, {"seconds", 0.01}, {"result", "ApiForbidden"}}));
  EXPECT_EQ(shown["api"]["requests"], (json{{{"verb", "list"}, {"result", "ApiForbidden"}, {"count", 1}}}));
  EXPECT_EQ(shown["watch"]["restarts"], (json{{{"cause", "lost"}, {"count", 2}}}));
  EXPECT_EQ(shown["transitions"][0]["status"], 404);
  EXPECT_EQ(shown["transitions"][0]["detail"], "why");
  EXPECT_EQ(shown["expiry"]["token"], "2025-11-29T17:56:40.000Z");
  EXPECT_TRUE(shown["expiry"]["certificate"].is_null());
}

TEST_F(StatusDocument, AnOverrideHasNoSource) {
  known.value.source = {.name = "override", .calls = nullptr};
  EXPECT_TRUE(read()["api"].is_null());
  EXPECT_TRUE(read()["ready"]);
}

}  // namespace
}  // namespace sidecar::status
