#include "sidecar/http/client_remarks.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "sidecar/base/ascii.hpp"

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;

/// Slower checks notice a change too late to be of use.
constexpr std::chrono::nanoseconds max_interval = 60s;

/// This many others with one Host make another Host odd.
constexpr std::size_t min_agreeing_clients = 2;

template <std::size_t Max>
std::string shown(const cut_text<Max>& text) {
  std::string made(text.view());
  if (made.size() == Max) made += "...";
  return made;
}

std::string about_refusal(const client_record& client, refusal why) {
  const auto status = std::to_string(client.told.status);
  switch (why) {
    case refusal::tls_required:
      return "speaks plain HTTP to a port that requires TLS, which is " + status + ": let its check use HTTPS";
    case refusal::bad_request:
      return "sends a malformed request, which is " + status;
    case refusal::not_found:
      return "asks for " + shown(client.asked.path) + ", which is " + status + ": use /healthz, /health or /";
    case refusal::method_not_allowed:
      return "asks with a method that is not allowed, which is " + status + ": use GET, HEAD or OPTIONS";
    case refusal::request_timeout:
      return "does not complete its request in time, which is " + status;
    case refusal::content_too_large:
      return "sends a body with its request, which is " + status + ": let its check send none";
    case refusal::head_too_large:
      return "sends a request head of more than 8 KiB, which is " + status;
    case refusal::version_not_supported:
      return "asks with a version of HTTP that is not spoken here, which is " + status + ": use HTTP/1.1 or HTTP/1.0";
  }
  return {};
}

bool is_mute(const client_record& client) { return client.requests == 0 && client.mute > 0; }

/// A kubelet asks /livez rightly: it asks about this process.
bool learns_nothing(const client_record& client) {
  return client.told.status == 200 && !client.told.reason && !client.asked.user_agent.view().starts_with("kube-probe/");
}

bool same_host(const client_record& left, const client_record& right) {
  return equal_ignoring_case(left.asked.host.view(), right.asked.host.view());
}

/// The client whose Host most others that ask for the same path share; null if theirs is the client's own, or none is
/// shared by more than half of them.
const client_record* majority(const client_record& client, std::span<const client_record> all) {
  std::vector<const client_record*> others;
  for (const auto& one : all) {
    const bool comparable = one.address != client.address && !one.asked.host.empty() && !client.asked.host.empty() &&
                            one.asked.path.view() == client.asked.path.view();
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

}  // namespace

std::vector<std::string> remarks(const client_record& client, std::span<const client_record> all) {
  std::vector<std::string> made;
  if (is_mute(client)) {
    made.emplace_back(
        "connects without an HTTP request, and so learns nothing about the pod (a plain TCP check, bytes that are no "
        "HTTP, or a TLS handshake that fails): let it ask GET /healthz");
  }
  if (client.told.refusal) made.push_back(about_refusal(client, *client.told.refusal));
  if (learns_nothing(client)) {
    made.push_back("asks for " + shown(client.asked.path) +
                   ", which says nothing about the pod: use /healthz, /health or /");
  }
  if (client.interval > max_interval) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(client.interval).count();
    made.push_back("asks every " + std::to_string(seconds) +
                   " s, and so notices a change that late: let it ask every few seconds");
  }
  if (const auto* const most = majority(client, all)) {
    made.push_back("asks with the Host " + shown(client.asked.host) + ", most others that ask for " +
                   shown(client.asked.path) + " with " + shown(most->asked.host));
  }
  return made;
}

}  // namespace sidecar::http
