#include "sidecar/doctor/connection_check.hpp"

#include <algorithm>
#include <array>

#include "sidecar/config/parse.hpp"
#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/files_check.hpp"

namespace sidecar::doctor {
namespace {

namespace call_phase = kube::call_phase;
using std::chrono::sys_seconds;

/// Log lines and clocks of a cluster differ by less.
constexpr std::chrono::seconds usual_skew{30};
/// Beyond it tokens and certificates that are new, or about to be renewed, do not verify.
constexpr std::chrono::seconds harmful_skew{300};

bool is_address(const std::string& host) {
  return host.find(':') != host.npos || host.find_first_not_of("0123456789.") == host.npos;
}

std::string address_of(const config::api_url& url) {
  return config::bracketed(url.host) + ':' + std::to_string(url.port);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& one : names) text.append(text.empty() ? "" : ", ").append(one);
  return text.empty() ? "no name" : text;
}

std::string describe(const net::certificate_facts& server) {
  return server.subject + ", for " + joined(server.names) + ", issued by " + server.issuer + ", valid from " +
         time_text(server.not_before) + " to " + time_text(server.not_after);
}

finding check_lookup(const connection_facts& facts) {
  const auto& host = facts.url.host;
  if (facts.reached == call_phase::lookup && facts.problem) {
    return {level::fail, checks::lookup, facts.problem->detail,
            "check the name in API_SERVER, the pod's dnsPolicy and network policies that stop DNS (port 53), or use "
            "the address in KUBERNETES_SERVICE_HOST"};
  }
  return {level::ok, checks::lookup, host + (is_address(host) ? " is an address" : " is known")};
}

finding check_tcp(const connection_facts& facts) {
  const auto address = address_of(facts.url);
  if (facts.reached == call_phase::connect && facts.problem) {
    return {level::fail, checks::tcp, "no connection to " + address + ": " + facts.problem->detail,
            "check API_SERVER or KUBERNETES_SERVICE_HOST and _PORT, network policies and firewalls that stop egress to "
            "it, kube-proxy on this node, and the API server itself"};
  }
  return {level::ok, checks::tcp, address + " accepts connections"};
}

/// What would make the certificate acceptable.
std::string tls_remedy(const connection_facts& facts, sys_seconds now) {
  const auto& server = facts.server;
  if (server.subject.empty()) {
    return "check that a Kubernetes API server listens there, and which proxy or firewall in between ends TLS";
  }
  if (now < server.not_before || now >= server.not_after) {
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
    return {level::fail, checks::tls, std::move(text), tls_remedy(facts, now)};
  }
  auto text = facts.protocol + " in " + std::to_string(facts.took.count()) + " ms; " + describe(facts.server);
  const auto left = facts.server.not_after - now;
  if (left <
      std::min<std::chrono::seconds>(std::chrono::days{7}, (facts.server.not_after - facts.server.not_before) / 5)) {
    return {level::warn, checks::tls, "the API server's certificate expires in " + rough_text(left) + "; " + text,
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
  constexpr std::string_view form = "Sun, 06 Nov 1994 08:49:37 GMT";
  static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != form.size() || !text.ends_with(" GMT") || text[19] != ':' || text[22] != ':') return std::nullopt;
  const auto number = [text](std::size_t begin, std::size_t size) {
    return static_cast<int>(config::parse_digits(text.substr(begin, size)).value_or(99));
  };
  const auto* const month = std::ranges::find(months, text.substr(8, 3));
  if (month == months.end()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{number(12, 4)},
                                         std::chrono::month{static_cast<unsigned>(month - months.begin()) + 1},
                                         std::chrono::day{static_cast<unsigned>(number(5, 2))}};
  const int hour = number(17, 2);
  const int minute = number(20, 2);
  const int second = number(23, 2);
  constexpr int leap_second = 60;
  if (!date.ok() || date.year() < std::chrono::year{1900} || hour > 23 || minute > 59 || second > leap_second)
    return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
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
