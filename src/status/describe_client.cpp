#include "sidecar/status/describe_client.hpp"

#include <chrono>
#include <vector>

#include "sidecar/http/client_remarks.hpp"
#include "sidecar/status/json_time.hpp"

namespace sidecar::status {
namespace {

void write_told(json::writer& out, const http::client_answer& told) {
  if (told.status == 0) return out.null();
  out.open_object();
  out.key("status").number(told.status);
  out.key("reason").text(told.reason ? name(*told.reason) : "");
  out.key("held").boolean(told.held);
  out.close_object();
}

void write_interval(json::writer& out, std::chrono::nanoseconds interval) {
  interval > std::chrono::nanoseconds::zero() ? write_seconds(out, interval) : out.null();
}

void write_client(json::writer& out, const http::client_record& one, const std::vector<http::client_record>& all,
                  const moment& now) {
  const auto& asked = one.asked;
  out.open_object();
  out.key("address").text(one.address.to_string());
  out.key("protocol").text(name(asked.protocol));
  out.key("tls").boolean(asked.tls);
  out.key("method").text(one.requests > 0 ? name(asked.method) : "");
  out.key("path").text(asked.path.view());
  out.key("host").text(asked.host.view());
  out.key("user_agent").text(asked.user_agent.view());
  out.key("proxy_source").text(asked.proxy_source.view());
  out.key("requests").number(one.requests);
  out.key("connections").number(one.connections);
  out.key("mute").number(one.mute);
  write_time(out.key("last"), now.at(one.last));
  write_seconds(out.key("seconds_ago"), now.steady - one.last);
  write_interval(out.key("interval_seconds"), one.interval);
  write_told(out.key("told"), one.told);
  out.key("remarks").open_array();
  for (const auto& remark : http::remarks(one, all)) out.text(remark);
  out.close_array();
  out.close_object();
}

}  // namespace

void write_clients(json::writer& out, const client_facts& clients, const moment& now) {
  const auto records = clients.records ? clients.records->records() : std::vector<http::client_record>{};
  out.open_array();
  for (const auto& one : records) write_client(out, one, records, now);
  out.close_array();
}

}  // namespace sidecar::status
