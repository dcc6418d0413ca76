#include "sidecar/http/response.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace sidecar::http {
namespace {

constexpr std::array headers{connection_header::none, connection_header::keep_alive, connection_header::close};
constexpr std::array refusals{
    refusal::bad_request,       refusal::not_found,      refusal::method_not_allowed, refusal::request_timeout,
    refusal::content_too_large, refusal::head_too_large, refusal::tls_required,       refusal::version_not_supported};

std::vector<health::reason> reasons() {
  std::vector<health::reason> all;
  for (std::size_t at = 0; at < health::reason_count; ++at) all.push_back(static_cast<health::reason>(at));
  return all;
}

std::string verdict_bytes(const responses& answers, health::reason why, connection_header connection, bool with_body) {
  return answers.render(health::answer{health::verdict_of(why)}, connection, with_body);
}

std::string held_bytes(const responses& answers, health::reason why, std::chrono::seconds age,
                       connection_header connection, bool with_body) {
  return answers.render(health::answer{health::verdict_of(why), age}, connection, with_body);
}

/// Everything this object can say with a body.
std::vector<std::string> everything(const responses& answers) {
  std::vector<std::string> all;
  for (const auto connection : headers) {
    for (const auto why : reasons()) {
      all.emplace_back(verdict_bytes(answers, why, connection, true));
      all.emplace_back(held_bytes(answers, why, std::chrono::seconds(7), connection, true));
    }
    for (const auto why : refusals) all.emplace_back(answers.render(why, connection, true));
    all.emplace_back(answers.render_alive(connection, true));
  }
  return all;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Response, HealthyIsExactlyThis) {
  const responses answers({500, 500});
  EXPECT_EQ(verdict_bytes(answers, health::reason::all_containers_ready, connection_header::none, true),
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 2\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "\r\n"
            "OK");
}

TEST(Response, UnhealthyIsExactlyThis) {
  const responses answers({503, 503});
  EXPECT_EQ(verdict_bytes(answers, health::reason::container_not_ready, connection_header::close, true),
            "HTTP/1.1 503 ContainerNotReady\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 29\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Connection: close\r\n"
            "\r\n"
            "UNAVAILABLE ContainerNotReady");
}

TEST(Response, HealthyVerdictsAre200AndAllOthersTheConfiguredStatus) {
  const responses answers({599, 599});
  for (const auto why : reasons()) {
    const bool healthy = health::verdict_of(why).state == health::state::healthy;
    const auto bytes = verdict_bytes(answers, why, connection_header::none, true);
    EXPECT_TRUE(bytes.starts_with(healthy ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 599 ")) << bytes;
  }
}

TEST(Response, WhateverItSaysIsExactNotStoredAndOnlyA200IsOk) {
  for (const auto& bytes : everything(responses({500, 500}))) {
    EXPECT_EQ(has(lower(bytes), "ok"), bytes.starts_with("HTTP/1.1 200 ")) << bytes;
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 2") || bytes.starts_with("HTTP/1.1 4") || bytes.starts_with("HTTP/1.1 5"))
        << "a redirect: " << bytes;
    EXPECT_FALSE(has(lower(bytes), "\r\nserver:")) << bytes;
    EXPECT_TRUE(has(bytes, "\r\nCache-Control: no-store\r\n")) << bytes;
    const auto head = bytes.find("\r\n\r\n") + 4;
    EXPECT_TRUE(has(bytes, "\r\nContent-Length: " + std::to_string(bytes.size() - head) + "\r\n")) << bytes;
  }
}

TEST(Response, HeadGetsTheSameHeadAndNothingAfterIt) {
  const responses answers({500, 500});
  for (const auto connection : headers) {
    for (const auto why : reasons()) {
      const auto full = verdict_bytes(answers, why, connection, true);
      const auto head = verdict_bytes(answers, why, connection, false);
      EXPECT_TRUE(full.starts_with(head));
      EXPECT_TRUE(head.ends_with("\r\n\r\n"));
    }
  }
  EXPECT_TRUE(answers.render(refusal::not_found, connection_header::none, false).ends_with("\r\n\r\n"));
  EXPECT_TRUE(answers.render_alive(connection_header::none, false).ends_with("\r\n\r\n"));
  EXPECT_TRUE(held_bytes(answers, health::reason::draining, {}, connection_header::none, false).ends_with("\r\n\r\n"));
}

TEST(Response, OfAFormerAnswerOnlyTheMemoryStays) {
  const responses answers({500, 500});
  auto former = answers.render(refusal::head_too_large, connection_header::close, true);
  const auto* const memory = former.data();
  const auto next = answers.render_alive(connection_header::none, true, std::move(former));
  EXPECT_EQ(next, answers.render_alive(connection_header::none, true));
  EXPECT_EQ(next.data(), memory);
}

TEST(Response, TheConnectionHeaderIsThereOnlyWhereNeeded) {
  const responses answers({500, 500});
  const auto why = health::reason::draining;
  EXPECT_FALSE(has(verdict_bytes(answers, why, connection_header::none, true), "Connection:"));
  EXPECT_TRUE(has(verdict_bytes(answers, why, connection_header::keep_alive, true), "\r\nConnection: keep-alive\r\n"));
  EXPECT_TRUE(has(verdict_bytes(answers, why, connection_header::close, true), "\r\nConnection: close\r\n"));
}

TEST(Response, AHeldAnswerSaysHowOldItsTruthIs) {
  const responses answers({500, 500});
  const auto bytes =
      held_bytes(answers, health::reason::container_ready, std::chrono::seconds(12), connection_header::none, true);
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(has(bytes, "\r\nX-Health-Held: 12\r\n"));
  EXPECT_FALSE(
      has(verdict_bytes(answers, health::reason::container_ready, connection_header::none, true), "X-Health-Held"));
}

TEST(Response, ADrainSaysSoWhateverItsStatus) {
  for (const unsigned drain_status : {500U, 404U}) {
    const responses answers({500, drain_status});
    for (const auto why : reasons()) {
      const bool is_drain = why == health::reason::draining || why == health::reason::pod_terminating ||
                            why == health::reason::node_draining || why == health::reason::maintenance;
      for (const auto& answer : {verdict_bytes(answers, why, connection_header::close, false),
                                 held_bytes(answers, why, std::chrono::seconds(1), connection_header::none, true)}) {
        EXPECT_EQ(has(answer, "\r\nX-Health-Drain: true\r\n"), is_drain) << answer;
      }
    }
  }
}

TEST(Response, RefusalsCarryTheirStatusAndPhrase) {
  const responses answers({500, 500});
  const auto start = [&](refusal why) {
    const auto bytes = answers.render(why, connection_header::none, true);
    return bytes.substr(0, bytes.find("\r\n"));
  };
  EXPECT_EQ(start(refusal::bad_request), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(start(refusal::not_found), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(start(refusal::method_not_allowed), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_EQ(start(refusal::request_timeout), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(start(refusal::content_too_large), "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(start(refusal::head_too_large), "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(start(refusal::tls_required), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(start(refusal::version_not_supported), "HTTP/1.1 505 HTTP Version Not Supported");
}

TEST(Response, MethodNotAllowedSaysWhichAreAllowed) {
  const responses answers({500, 500});
  EXPECT_TRUE(has(answers.render(refusal::method_not_allowed, connection_header::none, true),
                  "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
  EXPECT_FALSE(has(answers.render(refusal::not_found, connection_header::none, true), "Allow:"));
}

std::string status_of(std::string_view answer) { return std::string(answer.substr(9, 3)); }

TEST(Response, ADrainHasItsOwnStatus) {
  const responses answers({500, 404});
  const auto status = [&](health::reason why) {
    return status_of(verdict_bytes(answers, why, connection_header::close, true)) +
           status_of(held_bytes(answers, why, std::chrono::seconds(1), connection_header::close, true));
  };
  EXPECT_EQ(status(health::reason::pod_terminating), "404404");
  EXPECT_EQ(status(health::reason::draining), "404404");
  EXPECT_EQ(status(health::reason::pod_terminating_unready), "500500");
  EXPECT_EQ(status(health::reason::node_draining), "404404");
  EXPECT_EQ(status(health::reason::node_draining_unready), "500500");
  EXPECT_EQ(status(health::reason::maintenance), "404404");
  EXPECT_EQ(status(health::reason::maintenance_unready), "500500");
  EXPECT_EQ(status(health::reason::draining_unready), "500500");
  EXPECT_EQ(status(health::reason::pod_not_found), "500500");
  EXPECT_EQ(status(health::reason::api_unreachable), "500500");
  EXPECT_EQ(status(health::reason::all_containers_ready), "200200");
}

TEST(Response, NothingButADrainHasADrainsStatus) {
  const auto refused = [](unsigned unhealthy, unsigned drain, refusal why) {
    return status_of(responses({unhealthy, drain}).render(why, connection_header::close, true));
  };
  EXPECT_EQ(refused(500, 500, refusal::not_found), "404");
  EXPECT_EQ(refused(500, 404, refusal::not_found), "400");
  EXPECT_EQ(refused(404, 404, refusal::not_found), "400");
  EXPECT_EQ(refused(500, 404, refusal::bad_request), "400");
  EXPECT_EQ(refused(500, 405, refusal::method_not_allowed), "400");
  EXPECT_EQ(refused(500, 400, refusal::bad_request), "404");
  EXPECT_EQ(refused(500, 400, refusal::tls_required), "404");
  EXPECT_EQ(refused(505, 505, refusal::version_not_supported), "505") << "the same as any other that is not healthy";
}

TEST(ResponseOfANode, SaysHowManyPodsAreReady) {
  const responses answers({500, 404}, config::run_mode::node);
  const struct {
    health::answer given;
    const char* status;
    const char* weight;
  } rows[] = {
      {{health::verdict_of(health::reason::all_containers_ready), {}, 1}, "HTTP/1.1 200 OK", "1"},
      {{health::verdict_of(health::reason::all_containers_ready), {}, 16}, "HTTP/1.1 200 OK", "16"},
      {{health::verdict_of(health::reason::all_containers_ready), {}, 17}, "HTTP/1.1 200 OK", "17"},
      {{health::verdict_of(health::reason::pod_ready), std::chrono::seconds{3}, 2}, "HTTP/1.1 200 OK", "2"},
      {{health::verdict_of(health::reason::no_pod_on_node), {}, 0}, "HTTP/1.1 500 NoPodOnNode", "0"},
      {{health::verdict_of(health::reason::pod_terminating), {}, 0}, "HTTP/1.1 404 PodTerminating", "0"},
      {{health::verdict_of(health::reason::api_timeout)}, "HTTP/1.1 500 ApiTimeout", "0"},
      {{health::verdict_of(health::reason::api_timeout), {}, 0}, "HTTP/1.1 500 ApiTimeout", "0"},
      {{health::verdict_of(health::reason::container_not_ready), std::chrono::seconds{3}, 0},
       "HTTP/1.1 500 ContainerNotReady",
       "0"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.status);
    const auto rendered = answers.render(row.given, connection_header::close, true);
    EXPECT_TRUE(has(rendered, std::string{row.status} + "\r\n"));
    EXPECT_TRUE(has(rendered, std::string{"\r\nX-Load-Balancing-Endpoint-Weight: "} + row.weight + "\r\n"));
  }
  const auto own =
      answers.render(health::answer{health::verdict_of(health::reason::node_known)}, connection_header::none, true);
  EXPECT_FALSE(has(own, "Weight")) << "the agent itself has none";
}

}  // namespace
}  // namespace sidecar::http
