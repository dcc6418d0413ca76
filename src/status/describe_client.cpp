#include "sidecar/status/describe_client.hpp"

#include <chrono>
#include <string_view>
#include <vector>

#include "sidecar/http/client_remarks.hpp"
#include "sidecar/status/json_time.hpp"

namespace sidecar::status {
namespace {

void write_answer(json::writer& out, const http::client_answer& given) {
  if (given.status == 0) return out.null();
  out.open_object();
  out.key("status").number(given.status);
  out.key("reason").text(given.reason ? name(*given.reason) : "");
  out.key("held").boolean(given.held);
  out.close_object();
}

void write_coarse_time(json::writer& out, http::whole_seconds when, const moment& now) {
  when == http::whole_seconds{} ? out.null() : write_time(out, now.at(when));
}

void write_last(json::writer& out, const http::client_record& one, const moment& now) {
  const bool known = one.has_request();
  known ? write_time(out.key("last"), now.at(one.last_request)) : out.key("last").null();
  known ? write_seconds(out.key("seconds_ago"), now.steady - one.last_request) : out.key("seconds_ago").null();
  write_coarse_time(out.key("last_check"), one.last_check, now);
  write_coarse_time(out.key("last_mute"), one.last_mute, now);
}

/// Of an agent check and of a request that could not be parsed, there is none.
std::string_view method_of(const http::client_request& request) {
  using enum http::client_protocol;
  return request.protocol == none || request.protocol == agent ? std::string_view{} : name(request.method);
}

void write_interval(json::writer& out, std::chrono::nanoseconds interval) {
  interval > std::chrono::nanoseconds::zero() ? write_seconds(out, interval) : out.null();
}

void write_client(json::writer& out, const http::client_record& one, const std::vector<http::client_record>& all,
                  const moment& now, config::run_mode mode) {
  const auto& request = one.request;
  out.open_object();
  out.key("address").text(one.address.to_string());
  out.key("protocol").text(name(request.protocol));
  out.key("tls").boolean(request.tls);
  out.key("method").text(method_of(request));
  out.key("path").text(request.path.shown());
  out.key("host").text(request.host.shown());
  out.key("user_agent").text(request.user_agent.shown());
  out.key("proxy_source").text(request.proxy_source.shown());
  out.key("requests").number(one.requests);
  out.key("connections").number(one.connections);
  out.key("mute").number(one.mute);
  write_last(out, one, now);
  write_interval(out.key("interval_seconds"), one.interval);
  write_answer(out.key("answer"), one.answer);
  out.key("remarks").open_array();
  for (const auto& remark : http::remarks(one, all, now.steady, mode)) out.text(remark);
  out.close_array();
  out.close_object();
}

}  // namespace

void write_clients(json::writer& out, const client_facts& clients, const moment& now) {
  const auto records = clients.records ? clients.records->records() : std::vector<http::client_record>{};
  out.open_array();
  for (const auto& one : records) write_client(out, one, records, now, clients.mode);
  out.close_array();
}

}  // namespace sidecar::status
