#include "sidecar/doctor/connection_check.hpp"

#include <array>
#include <ctime>

#include "sidecar/base/text_list.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/time_text.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::doctor {
namespace {

using kube::call_phase;
using std::chrono::sys_seconds;

/// Log lines and clocks of a cluster differ by less.
constexpr std::chrono::seconds usual_skew{30};
/// Beyond it tokens and certificates that are new, or about to be renewed, do not verify.
constexpr std::chrono::seconds harmful_skew{300};

std::string describe(const net::certificate_facts& server) {
  const std::vector<std::string_view> names(server.names.begin(), server.names.end());
  return server.subject + ", for " + (names.empty() ? "no name" : joined(names)) + ", issued by " + server.issuer +
         ", valid from " + time_text(server.valid.begin) + " to " + time_text(server.valid.end);
}

finding check_lookup(const connection_facts& facts) {
  const auto& host = facts.url.host;
  if (facts.reached == call_phase::lookup && facts.problem) {
    return {level::fail, checks::lookup, facts.problem->detail,
            "check the name in API_SERVER, the pod's dnsPolicy and network policies that stop DNS (port 53), or use "
            "the address in KUBERNETES_SERVICE_HOST"};
  }
  return {level::ok, checks::lookup, host + (config::is_address(host) ? " is an address" : " is known")};
}

finding check_tcp(const connection_facts& facts) {
  const auto address = config::host_and_port(facts.url.host, facts.url.port);
  if (facts.reached == call_phase::connect && facts.problem) {
    return {level::fail, checks::tcp, "no connection to " + address + ": " + facts.problem->detail,
            "check API_SERVER or KUBERNETES_SERVICE_HOST and _PORT, network policies and firewalls that stop egress to "
            "it, kube-proxy on this node, and the API server itself"};
  }
  return {level::ok, checks::tcp, address + " accepts connections"};
}

/// What would make the certificate acceptable.
std::string tls_hint(const connection_facts& facts, sys_seconds now) {
  const auto& server = facts.server;
  if (server.subject.empty()) {
    return "check that a Kubernetes API server listens there, and which proxy or firewall in between ends TLS";
  }
  if (now < server.valid.begin || now >= server.valid.end) {
    return "renew the API server's certificate, or set this node's clock: it is " + time_text(now) + " here";
  }
  if (facts.problem->detail.find("mismatch") != std::string::npos) {
    return "use one of its names in API_SERVER, or have the API server's certificate issued for " + facts.url.host +
           " too (kubeadm: apiServer.certSANs)";
  }
  return "put the cluster's own CA into ca.crt of SERVICE_ACCOUNT_DIR (ConfigMap kube-root-ca.crt), or find out which "
         "proxy in between ends TLS";
}

finding check_tls(const connection_facts& facts, sys_seconds now) {
  if (!facts.url.tls) return {level::ok, checks::tls, "plain HTTP on loopback: no TLS, and no token is sent"};
  if (facts.problem) {
    auto text = facts.problem->detail;
    if (!facts.server.subject.empty()) text += "; it is " + describe(facts.server);
    return {level::fail, checks::tls, std::move(text), tls_hint(facts, now)};
  }
  auto text = facts.protocol + " in " + std::to_string(facts.took.count()) + " ms; " + describe(facts.server);
  if (net::expires_soon(facts.server.valid, now)) {
    return {level::warn, checks::tls,
            "the API server's certificate expires in " + rough_text(facts.server.valid.end - now) + "; " + text,
            "renew the API server's certificate"};
  }
  return {level::ok, checks::tls, std::move(text)};
}

}  // namespace

findings check_connection(const connection_facts& facts, sys_seconds now) {
  findings found{check_lookup(facts)};
  if (has_failed(found)) return found;
  found.push_back(check_tcp(facts));
  if (has_failed(found)) return found;
  found.push_back(check_tls(facts, now));
  return found;
}

std::optional<sys_seconds> parse_http_date(std::string_view text) {
  constexpr std::string_view day_name = "Sun, ";
  constexpr const char* form = "%d %b %Y %H:%M:%S GMT";
  if (text.size() < day_name.size()) return std::nullopt;
  std::tm utc{};
  const std::string date{text.substr(day_name.size())};
  if (::strptime(date.c_str(), form, &utc) == nullptr) return std::nullopt;
  const auto seconds = ::timegm(&utc);
  // strptime takes less than a date, and more: only what is written again as it was read is one.
  std::array<char, 32> again{};
  const auto size = std::strftime(again.data(), again.size(), form, &utc);
  if (std::string_view{again.data(), size} != date) return std::nullopt;
  return sys_seconds{std::chrono::seconds{seconds}};
}

finding check_clock(std::string_view date, sys_seconds now) {
  const auto theirs = parse_http_date(date);
  if (!theirs) return {level::ok, checks::clock, "not compared: the response has no Date"};
  const auto skew = now - *theirs;
  const auto size = std::chrono::abs(skew);
  if (size <= usual_skew) return {level::ok, checks::clock, "within " + rough_text(size) + " of the API server's"};
  return {size < harmful_skew ? level::warn : level::fail, checks::clock,
          "this node's clock is " + rough_text(size) + (skew.count() > 0 ? " ahead of" : " behind") +
              " the API server's: tokens and certificates look expired, or not yet valid",
          "set the node's clock (NTP, chrony); it is " + time_text(now) + " here and " + time_text(*theirs) +
              " at the API server"};
}

}  // namespace sidecar::doctor
