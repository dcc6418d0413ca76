#include "checker.hpp"

namespace sidecar::test {
namespace {

/// Of the body `OK`, as `genhash` tells it.
const std::string digest_of_ok = "e0aa021e21dddbd6d8cecec71e9cf564";

std::string get_of(const std::string& path, const std::string& fields) {
  return "GET " + path + " HTTP/1.1\r\n" + fields + "\r\n";
}

void add_nginx(std::vector<checker>& all) {
  const std::string host = "Host: game\r\n";
  all.push_back(
      {"nginx_plus_http_1_0", "GET / HTTP/1.0\r\n" + host + "Connection: close\r\n\r\n", status_between(200, 399)});
  all.push_back({"nginx_plus_http_1_1", get_of("/healthz", host + "Connection: close\r\n"), status_between(200, 399)});
  all.push_back({"nginx_plus_http_1_1_kept", get_of("/healthz", host), status_between(200, 399), manner::asks_again});
  all.push_back({"nginx_plus_match_body", get_of("/healthz", host + "Connection: close\r\n"), body_has("OK")});
  all.push_back({"nginx_upstream_check", "GET / HTTP/1.0\r\n\r\n", status_between(200, 399)});
}

void add_f5(std::vector<checker>& all) {
  const std::string versioned = "GET /healthz HTTP/1.1\r\nHost: \r\nConnection: Close\r\n\r\n";
  all.push_back({"f5_default", "GET /\r\n", has_any_byte()});
  all.push_back({"f5_default_two_line_ends", "GET /\r\n\r\n", has_any_byte()});
  all.push_back({"f5_default_half_close", "GET /\r\n", has_any_byte(), manner::ends_its_side_first});
  all.push_back({"f5_versionless_path", "GET /healthz\r\n", has_any_byte()});
  all.push_back({"f5_versionless_recv", "GET /healthz\r\n", matches("OK")});
  all.push_back(
      {"f5_versionless_recv_of_a_head", "GET /\r\n", matches("200 OK"), manner::reads_to_the_end, opinion::down});
  all.push_back({"f5_http_1_0_recv", "GET / HTTP/1.0\r\n\r\n", matches("200 OK")});
  all.push_back({"f5_recv", versioned, matches("200 OK")});
  all.push_back({"f5_recv_status_line", versioned, matches("HTTP/1.(0|1) 200 OK")});
  all.push_back({"f5_recv_body", versioned, matches("\r\n\r\nOK")});
  all.push_back({"f5_recv_disable", versioned, unless_drained(matches("HTTP/1.1 200"), matches("HTTP/1.1 404")),
                 manner::reads_to_the_end, opinion::up, opinion::draining});
}

/// Checks that never ask: as F5's documents for Kubernetes write the send string (f5-ci-docs, k8s-bigip-ctlr), as it is
/// typed with too many or too few backslashes, and what else is no HTTP request. With an empty `recv` any byte is up.
void add_no_requests(std::vector<checker>& all) {
  const auto add = [&all](const std::string& name, const std::string& bytes, manner uses = manner::reads_to_the_end) {
    all.push_back({name, bytes, has_any_byte(), uses, opinion::down});
  };
  add("f5_http_get", "HTTP GET /healthz\r\n");
  add("f5_http_get_two_line_ends", "HTTP GET /healthz\r\n\r\n");
  add("f5_http_get_without_line_end", "HTTP GET /healthz", manner::ends_its_side_first);
  add("f5_escaped_twice", "GET / HTTP/1.0\\r\\n\\r\\n", manner::ends_its_side_first);
  add("f5_two_words_for_a_path", "GET /health check\r\n\r\n");
  add("f5_version_without_number", "GET /healthz HTTP\r\n\r\n");
  add("f5_version_number_apart", "GET /healthz HTTP 1.1\r\n\r\n");
  add("f5_method_alone", "GET\r\n");
  add("redis_ping", "PING\r\n");
  add("empty_line", "\r\n\r\n", manner::ends_its_side_first);
  add("garbage", "\x7f\x80\xff\r\n");
}

void add_aws(std::vector<checker>& all) {
  const auto request = get_of("/",
                              "Host: 10.0.1.23:31313\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n"
                              "Accept-Encoding: gzip, compressed\r\n");
  all.push_back({"aws_alb", request, status_is(200)});
  all.push_back({"aws_nlb", request, status_between(200, 399)});
  all.push_back({"aws_gwlb", request, status_between(200, 399)});
  all.push_back({"aws_clb",
                 get_of("/healthz",
                        "Host: 10.0.1.23:31313\r\nConnection: keep-alive\r\n"
                        "User-Agent: ELB-HealthChecker/1.0\r\nAccept: */*\r\n"),
                 status_is(200), manner::closes_after_reading});
}

void add_google(std::vector<checker>& all) {
  const auto request = get_of("/", "Host: 10.0.1.23\r\nUser-Agent: GoogleHC/1.0\r\nConnection: Keep-alive\r\n");
  all.push_back({"google", request, status_is(200), manner::closes_after_reading});
  all.push_back({"google_response", request, body_has("OK"), manner::closes_after_reading});
  all.push_back({"google_proxy_v1", "PROXY TCP4 35.191.0.1 10.0.1.23 41234 31313\r\n" + request, body_has("OK"),
                 manner::closes_after_reading});
}

void add_azure(std::vector<checker>& all) {
  const std::string fields = "Host: 10.0.1.23:31313\r\nUser-Agent: Load Balancer Agent\r\n";
  const auto kept = get_of("/healthz", "Connection: Keep-Alive\r\n" + fields);
  const auto rule = ended_in_order(status_is(200));
  // As behind a Private Link: version 2, PROXY, TCP over IPv4, and a TLV of Azure's.
  const std::string proxied{"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x14\x0a\0\0\4\x0a\0\1\x17\xc0\0\x7a\x51\xee\0\5\1\1\0\0\0",
                            36};
  all.push_back({"azure", kept, rule, manner::closes_after_reading});
  all.push_back({"azure_close", get_of("/healthz", "Connection: Close\r\n" + fields), rule});
  all.push_back({"azure_private_link", proxied + kept, rule, manner::closes_after_reading});
}

void add_keepalived(std::vector<checker>& all) {
  const std::string request = "GET /healthz HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 10.0.1.23:31313\r\n\r\n";
  all.push_back({"keepalived_status_code", request, status_is(200)});
  all.push_back({"keepalived", request, status_between(200, 299)});
  all.push_back({"keepalived_digest", request, body_digest_is(digest_of_ok)});
}

void add_proxies(std::vector<checker>& all) {
  const auto traefik =
      get_of("/healthz", "Host: 10.0.1.23:31313\r\nUser-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n");
  all.push_back({"traefik", traefik, sent_nowhere_else(status_between(200, 399)), manner::asks_again});
  all.push_back({"traefik_status", traefik, sent_nowhere_else(status_is(200)), manner::closes_after_reading});
  const auto envoy = get_of("/healthz", "host: game\r\nuser-agent: Envoy/HC\r\n");
  all.push_back({"envoy", envoy, status_is(200), manner::asks_again});
  all.push_back({"envoy_without_reuse", envoy, status_is(200), manner::closes_after_reading});
  const std::string avi = "GET / HTTP/1.0\r\n\r\n";
  all.push_back({"nsx_alb", avi, status_between(200, 399)});
  all.push_back({"nsx_alb_maintenance_code", avi, unless_drained(status_between(200, 299), status_is(404)),
                 manner::reads_to_the_end, opinion::up, opinion::draining});
  const auto cloudflare =
      get_of("/healthz",
             "Host: lb.example\r\nUser-Agent: Mozilla/5.0 (compatible;Cloudflare-Traffic-Manager/1.0; "
             "+https://www.cloudflare.com/traffic-manager/;)\r\nConnection: close\r\n");
  all.push_back({"cloudflare", cloudflare, status_is(200)});
  all.push_back({"cloudflare_expected_body", cloudflare, body_has_in_any_case("ok")});
}

void add_programs(std::vector<checker>& all) {
  const std::string host = "Host: 127.0.0.1:3000\r\n";
  const auto kubelet = [&](const std::string& path) {
    return get_of(path, host + "User-Agent: kube-probe/1.30\r\nAccept: */*\r\nConnection: close\r\n");
  };
  all.push_back({"kubelet", kubelet("/healthz"), sent_nowhere_else(status_between(200, 399))});
  const auto nagios = get_of("/healthz",
                             "User-Agent: check_http/v2.3.3 (monitoring-plugins 2.3.3)\r\n"
                             "Connection: close\r\n" +
                                 host);
  all.push_back({"nagios_check_http", nagios, status_between(200, 399)});
  all.push_back({"nagios_check_http_string", nagios, matches("OK")});
  const std::string curl = host + "User-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n";
  all.push_back(
      {"curl_fail", "GET /healthz HTTP/1.1\r\n" + curl, status_between(200, 399), manner::closes_after_reading});
  all.push_back(
      {"curl_head", "HEAD /healthz HTTP/1.1\r\n" + curl, status_between(200, 399), manner::closes_after_reading});
  all.push_back({"consul",
                 get_of("/healthz", host + "User-Agent: Consul Health Check\r\nAccept: text/plain, text/*, */*\r\n"
                                           "Accept-Encoding: gzip\r\nConnection: close\r\n"),
                 unless_drained(status_between(200, 299), status_is(429))});
  all.push_back(
      {"netcat", "GET /healthz HTTP/1.0\r\n\r\n", matches("^HTTP/1.1 200 OK\r\n"), manner::ends_its_side_first});
}

}  // namespace

std::vector<checker> other_checkers() {
  std::vector<checker> all;
  for (const auto add : {add_nginx, add_f5, add_no_requests, add_aws, add_google, add_azure, add_keepalived,
                         add_proxies, add_programs}) {
    add(all);
  }
  return all;
}

}  // namespace sidecar::test
