#include "sidecar/probe/probe_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sidecar/base/version.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/probe/own_port.hpp"

namespace sidecar::probe {
namespace {

std::string shown(const config::parsed<probe_url>& outcome) {
  if (const auto* refused = std::get_if<config::refusal>(&outcome)) return "refused: " + refused->hint;
  const auto& url = std::get<probe_url>(outcome);
  return (url.tls ? "tls " : "plain ") + url.host + ' ' + std::to_string(url.port) + ' ' + url.target;
}

TEST(ProbeUrl, IsReadAsRfc3986HasIt) {
  const struct {
    const char* text;
    const char* expected;
  } rows[] = {
      {"http://10.0.0.1", "plain 10.0.0.1 80 /"},
      {"https://node-a", "tls node-a 443 /"},
      {"http://node-a:31313/healthz", "plain node-a 31313 /healthz"},
      {"HTTP://Node-A:80/HealthZ", "plain node-a 80 /HealthZ"},
      {"http://[::1]:3000/healthz/game?x=%20#", "refused: leave out the fragment (#...): it is never sent"},
      {"http://[::1]:3000/healthz/game?x=%20", "plain ::1 3000 /healthz/game?x=%20"},
      {"http://[FE80::1]", "plain fe80::1 80 /"},
      {"http://node-a?x", "plain node-a 80 /?x"},
      {"http://node-a.:80/a//b", "plain node-a. 80 /a//b"},
  };
  for (const auto& row : rows) EXPECT_EQ(shown(parse_probe_url(row.text)), row.expected) << row.text;
}

TEST(ProbeUrl, IsRefusedWithAHintOtherwise) {
  const struct {
    std::string text;
    const char* hint;
  } rows[] = {
      {"", "write http://"},
      {"node-a:3000", "write http://"},
      {"127.0.0.1:3000/healthz", "write http://"},
      {"ftp://node-a", "write http://"},
      {"http:///healthz", "write http://"},
      {"http://:3000", "write http://"},
      {"http://::1/", "write http://"},
      {"http://::1:3000/", "write http://"},
      {"http://[::1%25eth0]/", "write http://"},
      {"http://[::1/", "write http://"},
      {"http://a_b c/", "write http://"},
      {"http://node-a:0/", "the port is a number"},
      {"http://node-a:65536/", "the port is a number"},
      {"http://node-a:/", "the port is a number"},
      {"http://node-a:3000x/", "the port is a number"},
      {"http://user:secret@node-a/", "leave out the user"},
      {"http://node-a/a b", "escape blanks"},
      {"http://node-a/a\r\nX: y", "escape blanks"},
      {"http://node-a/caf\xc3\xa9", "escape blanks"},
      {std::string("http://node-a/\0", 15), "escape blanks"},
  };
  for (const auto& row : rows) {
    const auto text = shown(parse_probe_url(row.text));
    EXPECT_TRUE(text.starts_with(std::string{"refused: "} + row.hint)) << row.text << ": " << text;
  }
}

TEST(ProbeHeader, IsANameAndAValueOnOneLine) {
  for (const auto* header : {"X-A: b", "Authorization: Bearer a:b", "X-Empty:", "Host: node-a"}) {
    EXPECT_EQ(header_problem(header), "") << header;
  }
  for (const auto* header :
       {"", "X-A", ": b", "X A: b", "X-A : b", "X-A: b\r\nX-B: c", "X-A: b\nX-B: c", "Content-Length: 5",
        "transfer-encoding: chunked", "CONNECTION: keep-alive", "Upgrade: h2c"}) {
    EXPECT_NE(header_problem(header), "") << header;
  }
}

TEST(ProbeRequestText, IsAGetThatEndsTheConnection) {
  const auto agent = "User-Agent: http-healthcheck-sidecar-probe/" + std::string{version} + "\r\n";
  probe_request request{.url = {.tls = false, .host = "::1", .port = 3000, .target = "/healthz"}};
  EXPECT_EQ(render(request), "GET /healthz HTTP/1.1\r\nHost: [::1]:3000\r\n" + agent + "Connection: close\r\n\r\n");
  request.url = {.tls = true, .host = "node-a.", .port = 443, .target = "/"};
  request.headers = {"X-A: b", "X-C: d"};
  EXPECT_EQ(render(request),
            "GET / HTTP/1.1\r\nHost: node-a\r\n" + agent + "X-A: b\r\nX-C: d\r\nConnection: close\r\n\r\n");
  request.headers = {"host: elsewhere", "USER-AGENT: mine"};
  EXPECT_EQ(render(request), "GET / HTTP/1.1\r\nhost: elsewhere\r\nUSER-AGENT: mine\r\nConnection: close\r\n\r\n");
}

config::environment variables(const config::flags& options) {
  config::environment all{{"HOME", "/"}};
  for (const auto& [name, value] : options) all.emplace(config::variable_name(name), value);
  return all;
}

std::string own_address(const config::flags& options) {
  const auto settings = own_settings(variables(options));
  if (const auto* found = std::get_if<config::configuration_errors>(&settings)) return "error: " + found->front();
  const auto own = own_request(std::get<config::config>(settings));
  if (const auto* refused = std::get_if<config::refusal>(&own)) return "refused: " + refused->hint;
  const auto& request = std::get<probe_request>(own);
  std::string text = shown(request.url);
  for (const auto& one : request.addresses) text.append(" ").append(one);
  return text;
}

TEST(OwnPort, IsThatOfTheEnvironmentOnLoopback) {
  EXPECT_EQ(own_address({}), "plain 127.0.0.1 3000 /healthz 127.0.0.1 ::1");
  EXPECT_EQ(own_address({{"LISTEN", ""}}), "plain 127.0.0.1 3000 /healthz 127.0.0.1 ::1");
  EXPECT_EQ(own_address({{"LISTEN", ":8080"}}), "plain 127.0.0.1 8080 /healthz 127.0.0.1 ::1");
  EXPECT_EQ(own_address({{"LISTEN", "0.0.0.0:8080"}}), "plain 127.0.0.1 8080 /healthz 127.0.0.1");
  EXPECT_EQ(own_address({{"LISTEN", "10.1.2.3:80"}}), "plain 10.1.2.3 80 /healthz");
  EXPECT_EQ(own_address({{"LISTEN", "[fd00::1]:80"}}), "plain fd00::1 80 /healthz");
  EXPECT_EQ(own_address({{"TLS_CERT", "/tls/tls.crt"}}), "tls 127.0.0.1 3000 /healthz 127.0.0.1 ::1");
  EXPECT_TRUE(own_address({{"LISTEN", ":0"}}).starts_with("refused: LISTEN leaves the port"));
  EXPECT_TRUE(own_address({{"LISTEN", "3000"}}).starts_with("error: HTTP_HEALTHCHECK_SIDECAR_LISTEN=\"3000\": write"));
  EXPECT_EQ(own_address({{"TYPO", "x"}, {"API_QPS", "x"}}), "plain 127.0.0.1 3000 /healthz 127.0.0.1 ::1")
      << "what serve reads is not probe's";
}

}  // namespace
}  // namespace sidecar::probe
