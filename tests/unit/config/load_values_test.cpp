#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
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

struct accepted_row {
  std::string name;
  std::string option;
  std::string value;
  std::string outcome;
};
void PrintTo(const accepted_row& one, std::ostream* out) { *out << one.name; }

std::string outcome_of(const std::string& name, const config& c) {
  if (name == "TARGET_CONTAINER") return names_text(c.target_containers);
  if (name == "REQUIRE") return c.require == requirement::pod ? "pod" : "containers";
  if (name == "TARGET_POD_OVERRIDE") return c.target_pod_override;
  if (name == "TARGET_NAMESPACE") return c.target_namespace;
  if (name == "STATE_OVERRIDE") return c.state_override;
  if (name == "LISTEN") return listen_text(c.listen);
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
  if (name == "LOG_LEVEL") return std::to_string(static_cast<int>(c.level));
  return std::to_string(static_cast<int>(c.format));
}

class AcceptedValue : public testing::TestWithParam<accepted_row> {};

TEST_P(AcceptedValue, ComesToWhatItSays) {
  const auto& [name, option, value, outcome] = GetParam();
  EXPECT_EQ(outcome_of(option, config_of(in_a_pod({{option, value}}))), outcome);
}

const std::vector<accepted_row> accepted{
    {"ContainerName", "TARGET_CONTAINER", "game-1", "game-1"},
    {"ContainerNameInOtherCase", "TARGET_CONTAINER", "Game", "Game"},
    {"SeveralContainers", "TARGET_CONTAINER", "game,Metrics,a", "game and Metrics and a"},
    {"RequiredContainers", "REQUIRE", "containers", "containers"},
    {"RequiredPod", "REQUIRE", "pod", "pod"},
    {"PodName", "TARGET_POD_OVERRIDE", "web-0.example", "web-0.example"},
    {"Namespace", "TARGET_NAMESPACE", "kube-system", "kube-system"},
    {"AnyState", "STATE_OVERRIDE", "maybe \x01", "maybe \x01"},
    {"ListenOnEveryAddress", "LISTEN", ":8080", ":: 8080 may fall back"},
    {"ListenOnIpv6Wildcard", "LISTEN", "[::]:8080", ":: 8080"},
    {"ListenOnIpv4Wildcard", "LISTEN", "0.0.0.0:8080", "0.0.0.0 8080"},
    {"ListenOnOneIpv6", "LISTEN", "[fd00::1]:8080", "fd00::1 8080"},
    {"ListenOnAnyPort", "LISTEN", "127.0.0.1:0", "127.0.0.1 0"},
    {"ListenOnTheLastPort", "LISTEN", ":65535", ":: 65535 may fall back"},
    {"AgentOnEveryAddress", "AGENT_LISTEN", ":3001", ":: 3001 may fall back"},
    {"AgentOnOneAddress", "AGENT_LISTEN", "127.0.0.1:0", "127.0.0.1 0"},
    {"LowestStatus", "UNHEALTHY_STATUS", "400", "400"},
    {"HighestStatus", "UNHEALTHY_STATUS", "599", "599"},
    {"LowestDrainStatus", "DRAIN_STATUS", "400", "400"},
    {"HighestDrainStatus", "DRAIN_STATUS", "599", "599"},
    {"LiveSource", "SOURCE", "live", "live"},
    {"WatchSource", "SOURCE", "watch", "watch"},
    {"Seconds", "STALE_GRACE", "30s", "30000"},
    {"Milliseconds", "STALE_GRACE", "900ms", "900"},
    {"Minutes", "STALE_GRACE", "2m", "120000"},
    {"LongestGrace", "STALE_GRACE", "1h", "3600000"},
    {"Zero", "STALE_GRACE", "0", "0"},
    {"ZeroWithUnit", "STALE_GRACE", "0s", "0"},
    {"ZeroWithFraction", "STALE_GRACE", "0.0", "0"},
    {"Decimals", "STALE_GRACE", "1.5s", "1500"},
    {"DecimalHours", "STALE_GRACE", "0.5h", "1800000"},
    {"DecimalsToTheMillisecond", "STALE_GRACE", "0.001s", "1"},
    {"SeveralUnits", "STALE_GRACE", "1m30s", "90000"},
    {"ShortestAnswerTimeout", "API_TIMEOUT", "10ms", "10"},
    {"LongestAnswerTimeout", "ANSWER_TIMEOUT", "1m", "60000"},
    {"ApiTimeoutBelowAnswerTimeout", "API_TIMEOUT", "500ms", "500"},
    {"UnlimitedRate", "API_QPS", "0", "0.000000"},
    {"DecimalRate", "API_QPS", "2.5", "2.500000"},
    {"HighestRate", "API_QPS", "1000000", "1000000.000000"},
    {"NoDrain", "DRAIN", "0", "0"},
    {"HttpsHost", "API_SERVER", "https://10.0.0.1", "tls 10.0.0.1 443"},
    {"HttpsHostAndPort", "API_SERVER", "https://10.0.0.1:6443", "tls 10.0.0.1 6443"},
    {"TrailingSlash", "API_SERVER", "https://10.0.0.1:6443/", "tls 10.0.0.1 6443"},
    {"HttpsName", "API_SERVER", "https://Kubernetes.Default.svc", "tls kubernetes.default.svc 443"},
    {"HttpsAbsoluteName", "API_SERVER", "https://API.example.com.:6443", "tls api.example.com. 6443"},
    {"HttpsIpv6", "API_SERVER", "https://[FD00::1]", "tls fd00::1 443"},
    {"HttpsIpv6AndPort", "API_SERVER", "https://[fd00::1]:6443", "tls fd00::1 6443"},
    {"KubectlProxy", "API_SERVER", "http://127.0.0.1:8001", "plain 127.0.0.1 8001"},
    {"AnyLoopbackAddress", "API_SERVER", "http://127.9.9.9", "plain 127.9.9.9 80"},
    {"LoopbackIpv6", "API_SERVER", "http://[::1]:8001", "plain ::1 8001"},
    {"Localhost", "API_SERVER", "http://localhost:8001", "plain localhost 8001"},
    {"Directory", "SERVICE_ACCOUNT_DIR", "/tmp/a b", "/tmp/a b"},
    {"Debug", "LOG_LEVEL", "debug", "0"},
    {"Error", "LOG_LEVEL", "error", "3"},
    {"Json", "LOG_FORMAT", "json", "1"},
};

INSTANTIATE_TEST_SUITE_P(Rows, AcceptedValue, testing::ValuesIn(accepted),
                         [](const auto& tested) { return tested.param.name; });

struct refused_row {
  std::string name;
  std::string option;
  std::string value;
  std::string advice;
};
void PrintTo(const refused_row& one, std::ostream* out) { *out << one.name; }

class RefusedValue : public testing::TestWithParam<refused_row> {};

TEST_P(RefusedValue, IsOneMistakeThatSaysWhatToWrite) {
  const auto& [name, option, value, advice] = GetParam();
  EXPECT_THAT(errors_of(in_a_pod({{option, value}})),
              testing::ElementsAre(testing::AllOf(testing::StartsWith(prefixed(option) + "=\""),
                                                  testing::HasSubstr("\": "), testing::HasSubstr(advice))));
}

const std::string duration_forms = "write a duration such as 30s, 900ms, 2m, 1h";
const std::string url_forms = "write https://host or https://host:port";

const std::vector<refused_row> refused{
    {"ContainerWithSlash", "TARGET_CONTAINER", "a/b", "as in the pod's spec"},
    {"ContainerTooLong", "TARGET_CONTAINER", std::string(64, 'a'), "at most 63"},
    {"ContainerThatEndsInALineEnd", "TARGET_CONTAINER", "game\n", "as in the pod's spec"},
    {"ContainersWithABlank", "TARGET_CONTAINER", "game, metrics", "without blanks, as in game,metrics"},
    {"ContainersWithoutALast", "TARGET_CONTAINER", "game,", "as in the pod's spec"},
    {"ContainersWithoutAFirst", "TARGET_CONTAINER", ",game", "as in the pod's spec"},
    {"ContainersWithNothingBetween", "TARGET_CONTAINER", "game,,metrics", "as in the pod's spec"},
    {"CommaAlone", "TARGET_CONTAINER", ",", "as in the pod's spec"},
    {"ContainersWithSemicolon", "TARGET_CONTAINER", "game;metrics", "with commas"},
    {"ContainerTwice", "TARGET_CONTAINER", "game,metrics,game", "each container's name once: game is there twice"},
    {"ContainerTwiceInOtherCase", "TARGET_CONTAINER", "Game,gaME", "game is there twice"},
    {"UnknownRequirement", "REQUIRE", "gates", "write one of containers, pod (in lower case)"},
    {"PodThatIsAPath", "TARGET_POD_OVERRIDE", "../secrets/x", "as kubectl shows it"},
    {"PodInUpperCase", "TARGET_POD_OVERRIDE", "Web-0", "lower-case"},
    {"NamespaceThatIsAPath", "TARGET_NAMESPACE", "../secrets/x", "as kubectl shows it"},
    {"NamespaceWithDot", "TARGET_NAMESPACE", "a.b", "lower-case letters, digits and '-'"},
    {"PortAlone", "LISTEN", "3000", "or :3000 for every address"},
    {"NoPort", "LISTEN", "[::]", "write address:port"},
    {"NoPortOfIpv4", "LISTEN", "0.0.0.0:", "from 0 to 65535"},
    {"PortTooHigh", "LISTEN", ":65536", "from 0 to 65535"},
    {"PortFarTooHigh", "LISTEN", ":99999999999999999999999", "from 0 to 65535"},
    {"PortWithSign", "LISTEN", ":+80", "from 0 to 65535"},
    {"PortByName", "LISTEN", ":http", "from 0 to 65535"},
    {"Ipv6WithoutBrackets", "LISTEN", "::1:3000", "put brackets round an IPv6 address"},
    {"Ipv6WithoutPort", "LISTEN", "::", "put brackets round an IPv6 address"},
    {"Ipv6Zone", "LISTEN", "[fe80::1%eth0]:3000", "without a zone"},
    {"ListenOnAName", "LISTEN", "localhost:3000", "an IP address instead of a name"},
    {"ListenOnAStar", "LISTEN", "*:3000", "or :3000 for every address"},
    {"ListenOnAUrl", "LISTEN", "http://0.0.0.0:3000", "write address:port"},
    {"ListenOnBrokenIpv4", "LISTEN", "10.0.0.256:3000", "write address:port"},
    {"JunkBehindBracket", "LISTEN", "[::]x:3000", "write address:port"},
    {"OpenBracket", "LISTEN", "[::", "write address:port"},
    {"Ipv4InBrackets", "LISTEN", "[0.0.0.0]:3000", "write address:port"},
    {"AddressWithNul", "LISTEN", "0.0.0.0\0x:3000"s, "write address:port"},
    {"AgentPortAlone", "AGENT_LISTEN", "3001", "for every address"},
    {"AgentOnAName", "AGENT_LISTEN", "localhost:3001", "an IP address instead of a name"},
    {"DrainStatusThatMeansHealthy", "DRAIN_STATUS", "200", "from 400 to 599"},
    {"DrainStatusThatRedirects", "DRAIN_STATUS", "399", "from 400 to 599"},
    {"DrainStatusTooHigh", "DRAIN_STATUS", "600", "from 400 to 599"},
    {"StatusThatMeansHealthy", "UNHEALTHY_STATUS", "200", "from 400 to 599"},
    {"StatusTooLow", "UNHEALTHY_STATUS", "399", "from 400 to 599"},
    {"StatusTooHigh", "UNHEALTHY_STATUS", "600", "from 400 to 599"},
    {"StatusWithSpace", "UNHEALTHY_STATUS", " 500", "from 400 to 599"},
    {"StatusBeyondAnyNumber", "UNHEALTHY_STATUS", "99999999999999999999500", "from 400 to 599"},
    {"UnknownSource", "SOURCE", "poll", "write one of live, watch"},
    {"NumberWithoutUnit", "STALE_GRACE", "30", "add a unit, as in 30s"},
    {"DecimalWithoutUnit", "STALE_GRACE", "1.5", "add a unit, as in 1.5s"},
    {"NegativeDuration", "STALE_GRACE", "-5s", duration_forms},
    {"SignedDuration", "STALE_GRACE", "+5s", duration_forms},
    {"DurationWithSpace", "STALE_GRACE", "5 s", duration_forms},
    {"DurationWithLineEnd", "STALE_GRACE", "5s\n", duration_forms},
    {"UnknownUnit", "STALE_GRACE", "5sec", duration_forms},
    {"UnitInUpperCase", "STALE_GRACE", "5S", duration_forms},
    {"Days", "STALE_GRACE", "1d", duration_forms},
    {"UnitAlone", "STALE_GRACE", "s", duration_forms},
    {"PointWithoutDigits", "STALE_GRACE", "5.s", duration_forms},
    {"PointFirst", "STALE_GRACE", ".5s", duration_forms},
    {"TwoPoints", "STALE_GRACE", "1.2.3s", duration_forms},
    {"OnlyPoint", "STALE_GRACE", ".", duration_forms},
    {"ZeroesWithTwoPoints", "STALE_GRACE", "0.0.0", duration_forms},
    {"UnitsInTheWrongOrder", "STALE_GRACE", "30s1m", duration_forms},
    {"UnitTwice", "STALE_GRACE", "1s1s", duration_forms},
    {"FinerThanAMillisecond", "STALE_GRACE", "1.0005s", "in whole milliseconds"},
    {"Exponent", "STALE_GRACE", "1e3s", duration_forms},
    {"GraceTooLong", "STALE_GRACE", "3600001ms", "write at most 1h"},
    {"DurationBeyondAnyNumber", "STALE_GRACE", "99999999999999999999999999h", "write at most 1h"},
    {"DurationThatWouldOverflow", "STALE_GRACE", "9223372036854775807ms", "write at most 1h"},
    {"AnswerTimeoutZero", "ANSWER_TIMEOUT", "0", "write at least 10ms"},
    {"AnswerTimeoutTooLong", "ANSWER_TIMEOUT", "1m1ms", "write at most 1m"},
    {"ApiTimeoutZero", "API_TIMEOUT", "0", "write at least 10ms"},
    {"ApiTimeoutTooLong", "API_TIMEOUT", "2m", "write at most 1m"},
    {"DrainTooLong", "DRAIN", "2h", "write at most 1h"},
    {"NegativeRate", "API_QPS", "-1", "from 0 to 1000000"},
    {"RateWithExponent", "API_QPS", "1e3", "from 0 to 1000000"},
    {"RateThatIsNoNumber", "API_QPS", "nan", "from 0 to 1000000"},
    {"InfiniteRate", "API_QPS", "inf", "from 0 to 1000000"},
    {"HexRate", "API_QPS", "0x10", "from 0 to 1000000"},
    {"RateTooHigh", "API_QPS", "1000001", "from 0 to 1000000"},
    {"RateBeyondAnyNumber", "API_QPS", std::string(400, '9'), "from 0 to 1000000"},
    {"RateTooLow", "API_QPS", "0.0001", "write at least 2.23, or 0"},
    {"UrlWithoutScheme", "API_SERVER", "10.0.0.1:6443", url_forms},
    {"UrlOfAnotherScheme", "API_SERVER", "ftp://10.0.0.1", url_forms},
    {"UrlWithoutHost", "API_SERVER", "https://", url_forms},
    {"UrlWithPortAlone", "API_SERVER", "https://:6443", url_forms},
    {"UrlWithPath", "API_SERVER", "https://10.0.0.1/api", "leave out the path /api: "},
    {"UrlWithPortAndPath", "API_SERVER", "https://rancher.example.com:8443/k8s/clusters/c-m-abcde",
     "leave out the path /k8s/clusters/c-m-abcde: "},
    {"UrlWithPathSaysWhatIsLeft", "API_SERVER", "https://[fd00::1]:8443/k8s/", "write https://[fd00::1]:8443 if"},
    {"UrlWithPathAndQuery", "API_SERVER", "https://10.0.0.1/api?x#y", "leave out the path /api?x#y: "},
    {"UrlWithPathOfColons", "API_SERVER", "https://10.0.0.1/a:b/c", "leave out the path /a:b/c: "},
    {"UrlWithTwoSlashes", "API_SERVER", "https://10.0.0.1//", "leave out the path //: "},
    {"UrlWithQuery", "API_SERVER", "https://10.0.0.1?x", "leave out the query ?x"},
    {"UrlWithPortAndQuery", "API_SERVER", "https://10.0.0.1:6443?x=1:2", "leave out the query ?x=1:2"},
    {"UrlWithFragment", "API_SERVER", "https://10.0.0.1#x", "leave out the fragment #x"},
    {"UrlWithPathAndBrokenPort", "API_SERVER", "https://10.0.0.1:x/api", "from 1 to 65535"},
    {"UrlWithPathAlone", "API_SERVER", "https:///api", url_forms},
    {"UrlWithUser", "API_SERVER", "https://user@10.0.0.1", "leave out the user"},
    {"UrlWithUserAndPassword", "API_SERVER", "https://user:word@10.0.0.1:6443", "leave out the user"},
    {"UrlWithEmptyPort", "API_SERVER", "https://10.0.0.1:", "from 1 to 65535"},
    {"UrlWithPortJunk", "API_SERVER", "https://10.0.0.1:6443x", "from 1 to 65535"},
    {"UrlWithPortZero", "API_SERVER", "https://10.0.0.1:0", "from 1 to 65535"},
    {"UrlWithPortTooHigh", "API_SERVER", "https://10.0.0.1:65536", "from 1 to 65535"},
    {"UrlWithBareIpv6", "API_SERVER", "https://fd00::1", "[::1] in brackets"},
    {"UrlWithBareIpv6AndPort", "API_SERVER", "https://fd00:0:0:0:0:0:0:1:6443", "[::1] in brackets"},
    {"UrlWithBrokenIpv4", "API_SERVER", "https://10.0.0.256", url_forms},
    {"UrlWithSpace", "API_SERVER", "https://10.0.0.1 ", url_forms},
    {"UrlWithLineEnds", "API_SERVER", "https://10.0.0.1\r\nX: y", url_forms},
    {"UrlWithBrokenName", "API_SERVER", "https://-api-.example.com", url_forms},
    {"UrlWithNameThatEndsInTwoDots", "API_SERVER", "https://api.example.com..", url_forms},
    {"UrlWithADotAlone", "API_SERVER", "https://.", url_forms},
    {"UrlWithAddressThatEndsInADot", "API_SERVER", "https://10.0.0.1.:6443", url_forms},
    {"PlainHttpToAnAbsoluteName", "API_SERVER", "http://localhost.:8001", "write https:// here"},
    {"PlainHttpToAnAddress", "API_SERVER", "http://10.0.0.1:8001", "write https:// here"},
    {"PlainHttpToAName", "API_SERVER", "http://127.example.com", "write https:// here"},
    {"PlainHttpToIpv6", "API_SERVER", "http://[fd00::1]", "write https:// here"},
    {"RelativeDirectory", "SERVICE_ACCOUNT_DIR", "secrets", "write an absolute path"},
    {"DirectoryWithNul", "SERVICE_ACCOUNT_DIR", "/a\0b"s, "write an absolute path"},
    {"DirectoryTooLong", "SERVICE_ACCOUNT_DIR", "/" + std::string(4'000, 'a'), "write an absolute path"},
    {"RelativeCertificate", "TLS_CERT", "tls.crt", "write an absolute path, such as /tls/tls.crt"},
    {"KeyWithLineEnd", "TLS_KEY", "/tls.key\n", "write an absolute path, such as /tls/tls.key"},
    {"RelativeClientCa", "TLS_CLIENT_CA", "ca.crt", "write an absolute path, such as /tls/ca.crt"},
    {"LevelInUpperCase", "LOG_LEVEL", "INFO", "write one of debug, info, warn, error (in lower case)"},
    {"UnknownLevel", "LOG_LEVEL", "trace", "write one of debug, info, warn, error"},
    {"UnknownFormat", "LOG_FORMAT", "xml", "write one of text, json"},
};

INSTANTIATE_TEST_SUITE_P(Rows, RefusedValue, testing::ValuesIn(refused),
                         [](const auto& tested) { return tested.param.name; });

struct cluster_row {
  std::string name;
  std::string host;
  std::string port;
  std::string outcome;  // empty: a mistake
};
void PrintTo(const cluster_row& one, std::ostream* out) { *out << one.name; }

class ClusterAddress : public testing::TestWithParam<cluster_row> {};

TEST_P(ClusterAddress, IsReadAsKubernetesWritesIt) {
  const environment variables{{"KUBERNETES_SERVICE_HOST", GetParam().host},
                              {"KUBERNETES_SERVICE_PORT", GetParam().port}};
  if (GetParam().outcome.empty()) {
    EXPECT_THAT(errors_of(variables), testing::ElementsAre(testing::AllOf(testing::StartsWith("KUBERNETES_SERVICE_"),
                                                                          testing::HasSubstr("write "))));
  } else {
    EXPECT_EQ(server_text(config_of(variables)), GetParam().outcome);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ClusterAddress,
    testing::Values(
        cluster_row{"Ipv4", "10.96.0.1", "443", "tls 10.96.0.1 443"},
        cluster_row{"Ipv6", "fd00::1", "6443", "tls fd00::1 6443"},
        cluster_row{"Ipv6InBrackets", "[fd00::1]", "443", "tls fd00::1 443"},
        cluster_row{"Name", "api.example.com", "443", "tls api.example.com 443"},
        cluster_row{"AbsoluteName", "api.example.com.", "443", "tls api.example.com. 443"},
        cluster_row{"HostWithPort", "10.96.0.1:443", "443", ""}, cluster_row{"HostWithUser", "x@10.96.0.1", "443", ""},
        cluster_row{"HostWithPath", "10.96.0.1/x", "443", ""}, cluster_row{"HostWithZone", "fe80::1%eth0", "443", ""},
        cluster_row{"HostWithOpenBracket", "[fd00::1", "443", ""}, cluster_row{"PortJunk", "10.96.0.1", "443x", ""},
        cluster_row{"PortOfALink", "10.96.0.1", "tcp://10.96.0.1:443", ""},
        cluster_row{"PortZero", "10.96.0.1", "0", ""}, cluster_row{"PortTooHigh", "10.96.0.1", "65536", ""}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sidecar::config
