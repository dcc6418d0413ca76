#include "sidecar/http/client_remarks.hpp"

#include <algorithm>

#include "sidecar/base/ascii.hpp"

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;
using time_point = client_record::time_point;

/// Slower checks notice a change too late to be of use. One that is due every minute comes a little late at times.
constexpr std::chrono::nanoseconds max_interval = 61s;

/// A client has stopped if it misses this many requests, and for this long.
constexpr int max_missed = 3;
constexpr std::chrono::nanoseconds min_silence = 1min;

/// A refusal that other requests have followed is worth a remark for this long.
constexpr std::chrono::nanoseconds refusal_age = 1min;

/// Once a client has sent a request, a single connection without one may be its own doing: a timeout, a restart.
constexpr std::uint32_t min_mute_in_a_row = 2;

/// This many others with one Host make another Host odd.
constexpr std::size_t min_agreeing_clients = 2;

/// In whole units, of which there are two at least: "90 s", "2 min", "48 h".
std::string text_of(std::chrono::nanoseconds time) {
  if (time < 2min) return std::to_string(time / 1s) + " s";
  return time < 2h ? std::to_string(time / 1min) + " min" : std::to_string(time / 1h) + " h";
}

std::string usual_paths(config::run_mode mode) {
  return mode == config::run_mode::node ? "/healthz/NAMESPACE/WORKLOAD" : "/healthz, /health or /";
}

std::string about_refusal(refusal why, unsigned status, const std::string& path, config::run_mode mode) {
  const auto code = std::to_string(status);
  switch (why) {
    case refusal::tls_required:
      return "speaks plain HTTP to a port that requires TLS, which is " + code + ": let its check use HTTPS";
    case refusal::bad_request:
      return "sends a malformed request, which is " + code;
    case refusal::not_found:
      return "requests " + path + ", which is " + code + ": use " + usual_paths(mode);
    case refusal::method_not_allowed:
      return "uses a method that is not allowed, which is " + code + ": use GET, HEAD or OPTIONS";
    case refusal::request_timeout:
      return "does not complete its request in time, which is " + code;
    case refusal::content_too_large:
      return "sends a body with its request, which is " + code + ": let its check send none";
    case refusal::head_too_large:
      return "sends a request head of more than 8 KiB, which is " + code;
    case refusal::version_not_supported:
      return "uses a version of HTTP that is not spoken here, which is " + code + ": use HTTP/1.1 or HTTP/1.0";
  }
  return {};
}

/// Requests that succeed may follow one that does not: a load balancer with two checks, several behind one address.
std::string about_refusals(const client_record& client, time_point now, config::run_mode mode) {
  const auto& last = client.answer;
  if (last.refusal) return about_refusal(*last.refusal, last.status, client.request.path.shown(), mode);
  const auto& earlier = client.refused;
  if (earlier.at == client_time{} || now - earlier.at > refusal_age) return {};
  return "also " + about_refusal(earlier.why, earlier.status, earlier.path.shown(), mode);
}

std::string about_mute(const client_record& client, config::run_mode mode) {
  const bool once_sent = client.requests > 0;
  if (client.mute_in_a_row < (once_sent ? min_mute_in_a_row : 1)) return {};
  const auto what = once_sent ? "has sent no request on its last " + std::to_string(client.mute_in_a_row) +
                                    " connections, and so learns nothing of health"
                              : "connects without an HTTP request, and so learns nothing of health";
  return what +
         " (a plain TCP check, a malformed PROXY header, bytes that are no HTTP, or a TLS handshake that fails): let "
         "it send GET " +
         std::string{mode == config::run_mode::node ? usual_paths(mode) : "/healthz"};
}

/// A single request, as a person sends it, promises no further one.
std::string about_silence(const client_record& client, time_point now) {
  if (!client.has_request() || client.interval <= 0ns) return {};
  const auto bound = std::max(max_missed * client.interval, min_silence);
  const auto silence = now - client.last_request;
  if (silence <= bound || now - client.last_mute <= bound) return {};
  return "has sent no request for " + text_of(silence) +
         ": unless that is meant, look whether it still runs and reaches the pod";
}

/// A kubelet requests /livez rightly: that is about this process.
bool is_from_kubelet(const client_record& client) { return is_kubelet(client.request.user_agent.view()); }
bool is_livez(const client_record& client) { return client.answer.status == 200 && !client.answer.reason; }

std::string about_livez(const client_record& client, config::run_mode mode) {
  if (!is_livez(client) || is_from_kubelet(client)) return {};
  return "requests " + client.request.path.shown() + ", which says nothing about a pod: use " + usual_paths(mode);
}

std::string about_missing_workload(const client_record& client) {
  if (client.answer.reason != health::reason::workload_not_named) return {};
  return "requests " + client.request.path.shown() +
         ", which names no workload of this node: use /healthz/NAMESPACE/WORKLOAD";
}

std::string about_interval(const client_record& client) {
  if (client.interval <= max_interval || (is_livez(client) && is_from_kubelet(client))) return {};
  return "sends a request every " + text_of(client.interval) +
         ", and so notices a change that late: let it send one every few seconds";
}

bool same_host(const client_record& left, const client_record& right) {
  return equal_ignoring_case(left.request.host.view(), right.request.host.view());
}

/// Of two texts that were cut, nothing says whether they are the same.
bool has_comparable_host(const client_record& one) {
  return !one.request.host.empty() && !one.request.host.is_cut() && !one.request.path.is_cut();
}

/// The client whose Host most others that request the same path share; null if theirs is the client's own, or none is
/// shared by more than half of them.
const client_record* majority(const client_record& client, std::span<const client_record> all) {
  if (!has_comparable_host(client)) return nullptr;
  std::vector<const client_record*> others;
  for (const auto& one : all) {
    const bool comparable = one.address != client.address && has_comparable_host(one) &&
                            one.request.path.view() == client.request.path.view();
    if (comparable) others.push_back(&one);
  }
  for (const auto* const candidate : others) {
    const auto agreeing = static_cast<std::size_t>(
        std::ranges::count_if(others, [&](const client_record* one) { return same_host(*one, *candidate); }));
    if (agreeing < min_agreeing_clients || 2 * agreeing <= others.size()) continue;
    return same_host(*candidate, client) ? nullptr : candidate;
  }
  return nullptr;
}

std::string about_host(const client_record& client, std::span<const client_record> all) {
  const auto* const most = majority(client, all);
  if (most == nullptr) return {};
  return "sends the Host " + client.request.host.shown() + ", most others that request " + client.request.path.shown() +
         " send " + most->request.host.shown();
}

}  // namespace

std::vector<std::string> remarks(const client_record& client, std::span<const client_record> all, time_point now,
                                 config::run_mode mode) {
  std::vector<std::string> made{
      about_mute(client, mode),  about_silence(client, now),     about_refusals(client, now, mode),
      about_livez(client, mode), about_missing_workload(client), about_interval(client),
      about_host(client, all)};
  std::erase(made, std::string{});
  return made;
}

}  // namespace sidecar::http
