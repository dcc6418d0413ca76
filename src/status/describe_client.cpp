#include "sidecar/status/describe_client.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "sidecar/http/client_remarks.hpp"

namespace sidecar::status {
namespace {

void write_answer(json::writer& out, const http::client_answer& given) {
  if (given.status == 0) return out.null();
  out.object([&] {
    out.member("status", given.status);
    out.member("reason", given.reason ? name(*given.reason) : "");
    out.member("held", given.held);
  });
}

/// Empty for the time of what has not happened.
std::optional<wall_time> event_time(http::client_time when, const moment& now) {
  return when == http::client_time{} ? std::nullopt : std::optional{now.at(when)};
}

void write_last(json::writer& out, const http::client_record& one, const moment& now) {
  const bool known = one.has_request();
  out.member("last", known ? std::optional{now.at(one.last_request)} : std::nullopt);
  out.member("seconds_ago", known ? std::optional{now.steady - one.last_request} : std::nullopt);
  out.member("last_check", event_time(one.last_check, now));
  out.member("last_mute", event_time(one.last_mute, now));
}

/// Of an agent check and of a request that could not be parsed, there is none.
std::string_view method_of(const http::client_request& request) {
  using enum http::client_protocol;
  return request.protocol == none || request.protocol == agent ? std::string_view{} : name(request.method);
}

void write_client(json::writer& out, const http::client_record& one, const std::vector<http::client_record>& all,
                  const moment& now, config::run_mode mode) {
  const auto& request = one.request;
  const bool has_interval = one.interval > std::chrono::nanoseconds::zero();
  out.member("address", one.address.to_string());
  out.member("protocol", name(request.protocol));
  out.member("tls", request.tls);
  out.member("method", method_of(request));
  out.member("path", request.path.shown());
  out.member("host", request.host.shown());
  out.member("user_agent", request.user_agent.shown());
  out.member("proxy_source", request.proxy_source.shown());
  out.member("requests", one.requests);
  out.member("connections", one.connections);
  out.member("mute", one.mute);
  write_last(out, one, now);
  out.member("interval_seconds", has_interval ? std::optional{one.interval} : std::nullopt);
  write_answer(out.key("answer"), one.answer);
  out.key("remarks").array([&] {
    for (const auto& remark : http::remarks(one, all, now.steady, mode)) out.value(remark);
  });
}

}  // namespace

void write_clients(json::writer& out, const client_facts& clients, const moment& now) {
  const auto records = clients.records ? clients.records->records() : std::vector<http::client_record>{};
  out.objects(records, [&](const auto& one) { write_client(out, one, records, now, clients.mode); });
}

}  // namespace sidecar::status
