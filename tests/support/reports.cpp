#include "support/reports.hpp"

#include <chrono>

namespace sidecar::test {
namespace {

using nlohmann::ordered_json;

template <class Duration>
std::int64_t monotonic(std::chrono::steady_clock::time_point when) {
  return std::chrono::duration_cast<Duration>(when.time_since_epoch()).count();
}

ordered_json answered_us(const seen_request& request) {
  return request.answered ? ordered_json(monotonic<std::chrono::microseconds>(*request.answered)) : ordered_json();
}

}  // namespace

ordered_json counts_of(const api_server& server) {
  const server_counts counts = server.counts();
  return {{"count", counts.requests},
          {"answers", counts.answers},
          {"accepted", counts.accepted},
          {"handshakes", counts.handshakes},
          {"open", counts.open},
          {"held", counts.held},
          {"faults", server.faults_left()},
          {"gets", counts.gets},
          {"lists", counts.lists},
          {"watch_requests", counts.watch_requests},
          {"watches", counts.watches},
          {"watching", counts.watching},
          {"events", counts.events},
          {"bytes_received", counts.application_bytes},
          {"bytes_sent", counts.bytes_sent},
          {"wire_received", counts.wire_received},
          {"wire_sent", counts.wire_sent},
          {"node_requests", counts.nodes.requests},
          {"node_gets", counts.nodes.gets},
          {"node_lists", counts.nodes.lists},
          {"node_watch_requests", counts.nodes.watch_requests},
          {"node_watching", counts.nodes.watching},
          {"node_events", counts.nodes.events},
          {"resource_version", server.resource_version()},
          {"monotonic_ns", monotonic<std::chrono::nanoseconds>(std::chrono::steady_clock::now())}};
}

ordered_json requests_of(const api_server& server) {
  ordered_json list = ordered_json::array();
  for (const seen_request& request : server.requests()) {
    list.push_back(ordered_json{{"connection", request.connection},
                                {"method", request.method},
                                {"target", request.target},
                                {"authorized", !request.authorization.empty()},
                                {"monotonic_us", monotonic<std::chrono::microseconds>(request.when)},
                                {"status", request.status},
                                {"faulty", request.faulty},
                                {"answered_us", answered_us(request)}});
  }
  return list;
}

ordered_json events_of(const api_server& server) {
  ordered_json list = ordered_json::array();
  for (const written_event& event : server.events()) {
    list.push_back(ordered_json{{"watch", event.watch},
                                {"connection", event.connection},
                                {"type", event.type},
                                {"resource_version", event.resource_version},
                                {"changed_ns", monotonic<std::chrono::nanoseconds>(event.changed)},
                                {"written_ns", monotonic<std::chrono::nanoseconds>(event.written)}});
  }
  return list;
}

ordered_json traffic_of(const api_server& server) {
  ordered_json list = ordered_json::array();
  for (const traffic& tenth : server.tenths()) {
    list.push_back(ordered_json{{"begin_ns", monotonic<std::chrono::nanoseconds>(tenth.begin)},
                                {"accepted", tenth.accepted},
                                {"requests", tenth.requests},
                                {"gets", tenth.gets},
                                {"watch_requests", tenth.watch_requests},
                                {"events", tenth.events},
                                {"bytes_sent", tenth.bytes_sent}});
  }
  return list;
}

}  // namespace sidecar::test
