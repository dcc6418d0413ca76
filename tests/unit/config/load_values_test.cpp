#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loaded.hpp"

// Every option with values that are accepted, and what they come to, and values that are not, and what is advised.
namespace sidecar::config {
namespace {

using std::string_literals::operator""s;

std::string milliseconds_text(std::chrono::milliseconds duration) { return std::to_string(duration.count()); }
std::string listen_text(const listen_address& one) {
  return one.address + " " + std::to_string(one.port) + (one.defaulted ? " may fall back" : "");
}
std::string names_text(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& one : names) out += out.empty() ? one : " and " + one;
  return out;
}
std::string server_text(const config& c) {
  const api_url& url = c.api_server.value();
  return (url.tls ? "tls " : "plain ") + url.host + " " + std::to_string(url.port);
}

std::string outcome_of(const std::string& name, const config& c) {
  if (name == "MODE") return c.mode == run_mode::node ? "node" : "sidecar";
  if (name == "NODE_NAME") return c.node_name;
  if (name == "TARGET_CONTAINER") return names_text(c.target_containers);
  if (name == "REQUIRE") return c.require == requirement::pod ? "pod" : "containers";
  if (name == "TARGET_POD_OVERRIDE") return c.target_pod_override;
  if (name == "TARGET_NAMESPACE") return c.target_namespace;
  if (name == "STATE_OVERRIDE") return c.state_override;
  if (name == "LISTEN") return listen_text(c.listen);
  if (name == "STATUS_LISTEN") return listen_text(c.status_listen.value());
  if (name == "AGENT_LISTEN") return listen_text(c.agent_listen.value());
  if (name == "DRAIN_STATUS") return std::to_string(c.drain_status);
  if (name == "UNHEALTHY_STATUS") return std::to_string(c.unhealthy_status);
  if (name == "SOURCE") return c.source == source_mode::live ? "live" : "watch";
  if (name == "STALE_GRACE") return milliseconds_text(c.stale_grace);
  if (name == "ANSWER_TIMEOUT") return milliseconds_text(c.answer_timeout);
  if (name == "API_TIMEOUT") return milliseconds_text(c.api_timeout);
  if (name == "API_QPS") return std::to_string(c.api_qps);
  if (name == "DRAIN") return milliseconds_text(c.drain);
  if (name == "API_SERVER") return server_text(c);
  if (name == "SERVICE_ACCOUNT_DIR") return c.service_account_dir;
  if (name == "LOG_LEVEL")
    return c.log_level == log::level::debug ? "debug" : c.log_level == log::level::error ? "error" : "other";
  return c.log_format == log::format::json ? "json" : "other";
}

/// An option, a value, and what it comes to or what is advised instead.
struct value_row {
  std::string option;
  std::string value;
  std::string outcome;
};

const std::vector<value_row> accepted{
    {"MODE", "sidecar", "sidecar"},
    {"TARGET_CONTAINER", "game-1", "game-1"},
    {"TARGET_CONTAINER", "Game", "Game"},
    {"TARGET_CONTAINER", "game,Metrics,a", "game and Metrics and a"},
    {"REQUIRE", "containers", "containers"},
    {"REQUIRE", "pod", "pod"},
    {"TARGET_POD_OVERRIDE", "web-0.example", "web-0.example"},
    {"TARGET_NAMESPACE", "kube-system", "kube-system"},
    {"STATE_OVERRIDE", "maybe \x01", "maybe \x01"},
    {"LISTEN", ":8080", ":: 8080 may fall back"},
    {"LISTEN", "[::]:8080", ":: 8080"},
    {"LISTEN", "0.0.0.0:8080", "0.0.0.0 8080"},
    {"LISTEN", "[fd00::1]:8080", "fd00::1 8080"},
    {"LISTEN", "127.0.0.1:0", "127.0.0.1 0"},
    {"LISTEN", ":65535", ":: 65535 may fall back"},
    {"AGENT_LISTEN", ":3001", ":: 3001 may fall back"},
    {"AGENT_LISTEN", "127.0.0.1:0", "127.0.0.1 0"},
    {"STATUS_LISTEN", "127.0.0.1:3002", "127.0.0.1 3002"},
    {"STATUS_LISTEN", "10.0.0.1:0", "10.0.0.1 0"},
    {"STATUS_LISTEN", "[::]:3002", ":: 3002"},
    {"STATUS_LISTEN", "0.0.0.0:3002", "0.0.0.0 3002"},
    {"UNHEALTHY_STATUS", "400", "400"},
    {"UNHEALTHY_STATUS", "599", "599"},
    {"DRAIN_STATUS", "400", "400"},
    {"DRAIN_STATUS", "599", "599"},
    {"SOURCE", "live", "live"},
    {"SOURCE", "watch", "watch"},
    {"STALE_GRACE", "30s", "30000"},
    {"STALE_GRACE", "900ms", "900"},
    {"STALE_GRACE", "2m", "120000"},
    {"STALE_GRACE", "1h", "3600000"},
    {"STALE_GRACE", "0", "0"},
    {"STALE_GRACE", "0s", "0"},
    {"STALE_GRACE", "0.0", "0"},
    {"STALE_GRACE", "1.5s", "1500"},
    {"STALE_GRACE", "0.5h", "1800000"},
    {"STALE_GRACE", "0.001s", "1"},
    {"STALE_GRACE", "1m30s", "90000"},
    {"API_TIMEOUT", "10ms", "10"},
    {"ANSWER_TIMEOUT", "1m", "60000"},
    {"API_TIMEOUT", "500ms", "500"},
    {"API_QPS", "0", "0.000000"},
    {"API_QPS", "2.5", "2.500000"},
    {"API_QPS", "1000000", "1000000.000000"},
    {"DRAIN", "0", "0"},
    {"API_SERVER", "https://10.0.0.1", "tls 10.0.0.1 443"},
    {"API_SERVER", "https://10.0.0.1:6443", "tls 10.0.0.1 6443"},
    {"API_SERVER", "https://10.0.0.1:6443/", "tls 10.0.0.1 6443"},
    {"API_SERVER", "https://Kubernetes.Default.svc", "tls kubernetes.default.svc 443"},
    {"API_SERVER", "https://API.example.com.:6443", "tls api.example.com. 6443"},
    {"API_SERVER", "https://[FD00::1]", "tls fd00::1 443"},
    {"API_SERVER", "https://[fd00::1]:6443", "tls fd00::1 6443"},
    {"API_SERVER", "http://127.0.0.1:8001", "plain 127.0.0.1 8001"},
    {"API_SERVER", "http://127.9.9.9", "plain 127.9.9.9 80"},
    {"API_SERVER", "http://[::1]:8001", "plain ::1 8001"},
    {"API_SERVER", "http://localhost:8001", "plain localhost 8001"},
    {"SERVICE_ACCOUNT_DIR", "/tmp/a b", "/tmp/a b"},
    {"LOG_LEVEL", "debug", "debug"},
    {"LOG_LEVEL", "error", "error"},
    {"LOG_FORMAT", "json", "json"},
};

TEST(LoadOfValues, AcceptedOnesComeToWhatTheySay) {
  for (const auto& [option, value, outcome] : accepted)
    EXPECT_EQ(outcome_of(option, config_of(in_a_pod({{option, value}}))), outcome) << option << '=' << value;
}

const std::string duration_forms = "write a duration such as 30s, 900ms, 2m, 1h";
const std::string url_forms = "write https://host or https://host:port";

const std::vector<value_row> refused{
    {"TARGET_CONTAINER", "a/b", "as in the pod's spec"},
    {"TARGET_CONTAINER", std::string(64, 'a'), "at most 63"},
    {"TARGET_CONTAINER", "game\n", "as in the pod's spec"},
    {"TARGET_CONTAINER", "game, metrics", "without blanks, as in game,metrics"},
    {"TARGET_CONTAINER", "game,", "as in the pod's spec"},
    {"TARGET_CONTAINER", ",game", "as in the pod's spec"},
    {"TARGET_CONTAINER", "game,,metrics", "as in the pod's spec"},
    {"TARGET_CONTAINER", ",", "as in the pod's spec"},
    {"TARGET_CONTAINER", "game;metrics", "with commas"},
    {"TARGET_CONTAINER", "game,metrics,game", "each container's name once: game is there twice"},
    {"TARGET_CONTAINER", "Game,gaME", "game is there twice"},
    {"MODE", "Node", "write one of sidecar, node (in lower case)"},
    {"NODE_NAME", "Node_A", "as kubectl shows it, such as node-a"},
    {"REQUIRE", "gates", "write one of containers, pod (in lower case)"},
    {"TARGET_POD_OVERRIDE", "../secrets/x", "as kubectl shows it"},
    {"TARGET_POD_OVERRIDE", "Web-0", "lower-case"},
    {"TARGET_NAMESPACE", "../secrets/x", "as kubectl shows it"},
    {"TARGET_NAMESPACE", "a.b", "lower-case letters, digits and '-'"},
    {"LISTEN", "3000", "or :3000 for every address"},
    {"LISTEN", "[::]", "write address:port"},
    {"LISTEN", "0.0.0.0:", "from 0 to 65535"},
    {"LISTEN", ":65536", "from 0 to 65535"},
    {"LISTEN", ":99999999999999999999999", "from 0 to 65535"},
    {"LISTEN", ":+80", "from 0 to 65535"},
    {"LISTEN", ":http", "from 0 to 65535"},
    {"LISTEN", "::1:3000", "put brackets round an IPv6 address"},
    {"LISTEN", "::", "put brackets round an IPv6 address"},
    {"LISTEN", "[fe80::1%eth0]:3000", "without a zone"},
    {"LISTEN", "localhost:3000", "an IP address instead of a name"},
    {"LISTEN", "*:3000", "or :3000 for every address"},
    {"LISTEN", "http://0.0.0.0:3000", "write address:port"},
    {"LISTEN", "10.0.0.256:3000", "write address:port"},
    {"LISTEN", "[::]x:3000", "write address:port"},
    {"LISTEN", "[::", "write address:port"},
    {"LISTEN", "[0.0.0.0]:3000", "write address:port"},
    {"LISTEN", "0.0.0.0\0x:3000"s, "write address:port"},
    {"AGENT_LISTEN", "3001", "for every address"},
    {"AGENT_LISTEN", "localhost:3001", "an IP address instead of a name"},
    {"STATUS_LISTEN", ":3002", "write the address out, in digits"},
    {"STATUS_LISTEN", "3002", "127.0.0.1:3002 for this pod alone, [::]:3002 for every address"},
    {"STATUS_LISTEN", "::1:3002", "IPv6 in brackets"},
    {"STATUS_LISTEN", "localhost:3002", "in digits"},
    {"STATUS_LISTEN", "*:3002", "write the address out"},
    {"STATUS_LISTEN", "127.0.0.1:65536", "from 0 to 65535"},
    {"STATUS_LISTEN", "[::]:http", "from 0 to 65535"},
    {"STATUS_LISTEN", "[fe80::1%eth0]:3002", "without a zone"},
    {"DRAIN_STATUS", "200", "from 400 to 599"},
    {"DRAIN_STATUS", "399", "from 400 to 599"},
    {"DRAIN_STATUS", "600", "from 400 to 599"},
    {"UNHEALTHY_STATUS", "200", "from 400 to 599"},
    {"UNHEALTHY_STATUS", "399", "from 400 to 599"},
    {"UNHEALTHY_STATUS", "600", "from 400 to 599"},
    {"UNHEALTHY_STATUS", " 500", "from 400 to 599"},
    {"UNHEALTHY_STATUS", "99999999999999999999500", "from 400 to 599"},
    {"SOURCE", "poll", "write one of live, watch"},
    {"STALE_GRACE", "30", "add a unit, as in 30s"},
    {"STALE_GRACE", "1.5", "add a unit, as in 1.5s"},
    {"STALE_GRACE", "-5s", duration_forms},
    {"STALE_GRACE", "+5s", duration_forms},
    {"STALE_GRACE", "5 s", duration_forms},
    {"STALE_GRACE", "5s\n", duration_forms},
    {"STALE_GRACE", "5sec", duration_forms},
    {"STALE_GRACE", "5S", duration_forms},
    {"STALE_GRACE", "1d", duration_forms},
    {"STALE_GRACE", "s", duration_forms},
    {"STALE_GRACE", "5.s", duration_forms},
    {"STALE_GRACE", ".5s", duration_forms},
    {"STALE_GRACE", "1.2.3s", duration_forms},
    {"STALE_GRACE", ".", duration_forms},
    {"STALE_GRACE", "0.0.0", duration_forms},
    {"STALE_GRACE", "30s1m", duration_forms},
    {"STALE_GRACE", "1s1s", duration_forms},
    {"STALE_GRACE", "1.0005s", "in whole milliseconds"},
    {"STALE_GRACE", "1e3s", duration_forms},
    {"STALE_GRACE", "3600001ms", "write at most 1h"},
    {"STALE_GRACE", "99999999999999999999999999h", "write at most 1h"},
    {"STALE_GRACE", "9223372036854775807ms", "write at most 1h"},
    {"ANSWER_TIMEOUT", "0", "write at least 10ms"},
    {"ANSWER_TIMEOUT", "1m1ms", "write at most 1m"},
    {"API_TIMEOUT", "0", "write at least 10ms"},
    {"API_TIMEOUT", "2m", "write at most 1m"},
    {"DRAIN", "2h", "write at most 1h"},
    {"API_QPS", "-1", "from 0 to 1000000"},
    {"API_QPS", "1e3", "from 0 to 1000000"},
    {"API_QPS", "nan", "from 0 to 1000000"},
    {"API_QPS", "inf", "from 0 to 1000000"},
    {"API_QPS", "0x10", "from 0 to 1000000"},
    {"API_QPS", "1000001", "from 0 to 1000000"},
    {"API_QPS", std::string(400, '9'), "from 0 to 1000000"},
    {"API_QPS", "0.0001", "write at least 2.23, or 0"},
    {"API_SERVER", "10.0.0.1:6443", url_forms},
    {"API_SERVER", "ftp://10.0.0.1", url_forms},
    {"API_SERVER", "https://", url_forms},
    {"API_SERVER", "https://:6443", url_forms},
    {"API_SERVER", "https://10.0.0.1/api", "leave out the path /api: "},
    {"API_SERVER", "https://rancher.example.com:8443/k8s/clusters/c-m-abcde",
     "leave out the path /k8s/clusters/c-m-abcde: "},
    {"API_SERVER", "https://[fd00::1]:8443/k8s/", "write https://[fd00::1]:8443 if"},
    {"API_SERVER", "https://10.0.0.1/api?x#y", "leave out the path /api?x#y: "},
    {"API_SERVER", "https://10.0.0.1/a:b/c", "leave out the path /a:b/c: "},
    {"API_SERVER", "https://10.0.0.1//", "leave out the path //: "},
    {"API_SERVER", "https://10.0.0.1?x", "leave out the query ?x"},
    {"API_SERVER", "https://10.0.0.1:6443?x=1:2", "leave out the query ?x=1:2"},
    {"API_SERVER", "https://10.0.0.1#x", "leave out the fragment #x"},
    {"API_SERVER", "https://10.0.0.1:x/api", "from 1 to 65535"},
    {"API_SERVER", "https:///api", url_forms},
    {"API_SERVER", "https://user@10.0.0.1", "leave out the user"},
    {"API_SERVER", "https://user:word@10.0.0.1:6443", "leave out the user"},
    {"API_SERVER", "https://10.0.0.1:", "from 1 to 65535"},
    {"API_SERVER", "https://10.0.0.1:6443x", "from 1 to 65535"},
    {"API_SERVER", "https://10.0.0.1:0", "from 1 to 65535"},
    {"API_SERVER", "https://10.0.0.1:65536", "from 1 to 65535"},
    {"API_SERVER", "https://fd00::1", "[::1] in brackets"},
    {"API_SERVER", "https://fd00:0:0:0:0:0:0:1:6443", "[::1] in brackets"},
    {"API_SERVER", "https://10.0.0.256", url_forms},
    {"API_SERVER", "https://10.0.0.1 ", url_forms},
    {"API_SERVER", "https://10.0.0.1\r\nX: y", url_forms},
    {"API_SERVER", "https://-api-.example.com", url_forms},
    {"API_SERVER", "https://api.example.com..", url_forms},
    {"API_SERVER", "https://.", url_forms},
    {"API_SERVER", "https://10.0.0.1.:6443", url_forms},
    {"API_SERVER", "http://localhost.:8001", "write https:// here"},
    {"API_SERVER", "http://10.0.0.1:8001", "write https:// here"},
    {"API_SERVER", "http://127.example.com", "write https:// here"},
    {"API_SERVER", "http://[fd00::1]", "write https:// here"},
    {"SERVICE_ACCOUNT_DIR", "secrets", "write an absolute path"},
    {"SERVICE_ACCOUNT_DIR", "/a\0b"s, "write an absolute path"},
    {"SERVICE_ACCOUNT_DIR", "/" + std::string(4'000, 'a'), "write an absolute path"},
    {"TLS_CERT", "tls.crt", "write an absolute path, such as /tls/tls.crt"},
    {"TLS_KEY", "/tls.key\n", "write an absolute path, such as /tls/tls.key"},
    {"TLS_CLIENT_CA", "ca.crt", "write an absolute path, such as /tls/ca.crt"},
    {"LOG_LEVEL", "INFO", "write one of debug, info, warn, error (in lower case)"},
    {"LOG_LEVEL", "trace", "write one of debug, info, warn, error"},
    {"LOG_FORMAT", "xml", "write one of text, json"},
};

TEST(LoadOfValues, RefusedOnesAreOneMistakeThatSaysWhatToWrite) {
  for (const auto& [option, value, advice] : refused) {
    EXPECT_THAT(errors_of(in_a_pod({{option, value}})),
                testing::ElementsAre(testing::AllOf(testing::StartsWith(prefixed(option) + "=\""),
                                                    testing::HasSubstr("\": "), testing::HasSubstr(advice))));
  }
}

TEST(LoadOfTheCluster, ReadsItsAddressAsKubernetesWritesIt) {
  const struct {
    std::string host, port, outcome;  // empty: a mistake
  } rows[] = {{"10.96.0.1", "443", "tls 10.96.0.1 443"},
              {"fd00::1", "6443", "tls fd00::1 6443"},
              {"[fd00::1]", "443", "tls fd00::1 443"},
              {"api.example.com", "443", "tls api.example.com 443"},
              {"api.example.com.", "443", "tls api.example.com. 443"},
              {"10.96.0.1:443", "443", ""},
              {"x@10.96.0.1", "443", ""},
              {"10.96.0.1/x", "443", ""},
              {"fe80::1%eth0", "443", ""},
              {"[fd00::1", "443", ""},
              {"10.96.0.1", "443x", ""},
              {"10.96.0.1", "tcp://10.96.0.1:443", ""},
              {"10.96.0.1", "0", ""},
              {"10.96.0.1", "65536", ""}};
  for (const auto& [host, port, outcome] : rows) {
    SCOPED_TRACE(host + ' ' + port);
    const environment variables{{"KUBERNETES_SERVICE_HOST", host}, {"KUBERNETES_SERVICE_PORT", port}};
    if (!outcome.empty()) {
      EXPECT_EQ(server_text(config_of(variables)), outcome);
      continue;
    }
    EXPECT_THAT(errors_of(variables), testing::ElementsAre(testing::AllOf(testing::StartsWith("KUBERNETES_SERVICE_"),
                                                                          testing::HasSubstr("write "))));
  }
}

}  // namespace
}  // namespace sidecar::config
