#include "sidecar/http/client_visit.hpp"

#include <algorithm>

#include "sidecar/net/unmapped.hpp"

namespace sidecar::http {

client_visit::client_visit(server_context& server, const boost::asio::ip::address& client, time_point accepted)
    : server_(server), client_(net::unmapped(client)), accepted_(accepted) {
  if (is_recorded()) server_.clients->connect(client_, accepted_);
}

void client_visit::count(const request& received, const health::answer& given, time_point arrived) noexcept {
  server_.traffic.count(given);
  record(received, answer_of(given), arrived);
}

void client_visit::count(const request& received, refusal why, time_point arrived) noexcept {
  const auto status = server_.answers.status(why);
  server_.traffic.count_refusal(status);
  record(received, {.refusal = why, .status = status}, arrived);
}

void client_visit::count_livez(const request& received, time_point arrived) noexcept {
  record(received, {.status = 200}, arrived);
}

void client_visit::count_agent_check(const health::answer& given, time_point arrived) noexcept {
  server_.traffic.count(given);
  is_mute_ = false;
  if (is_recorded()) begin_record(answer_of(given), arrived).request = {.protocol = client_protocol::agent};
}

void client_visit::end(time_point ended) noexcept {
  auto* const record = is_mute_ && is_recorded() ? server_.clients->find(client_) : nullptr;
  // The record may be of a later connection, after another address had its place.
  if (record == nullptr || record->mute >= record->connections) return;
  ++record->mute;
  ++record->mute_in_a_row;
  record->last_mute = std::max(record->last_mute, ended);
}

client_answer client_visit::answer_of(const health::answer& given) const noexcept {
  return {
      .status = server_.answers.status(given.verdict), .reason = given.verdict.reason, .held = given.held.has_value()};
}

void client_visit::record(const request& received, client_answer given, time_point arrived) noexcept {
  is_mute_ = false;
  if (!is_recorded()) return;
  request_.read(received);
  auto& record = begin_record(given, arrived);
  record.request = request_;
  if (!given.refusal) return;
  auto& refused = record.refused;
  refused.at = std::max(refused.at, arrived);
  refused.why = *given.refusal;
  refused.status = given.status;
  refused.path.assign(received.target);
}

client_record& client_visit::begin_record(client_answer given, time_point arrived) noexcept {
  auto* const known = server_.clients->find(client_);
  auto& record = known != nullptr ? *known : server_.clients->connect(client_, accepted_);  // another took its place
  ++record.requests;
  record.mute_in_a_row = 0;
  record.answer = given;
  if (given.reason) record.last_check = std::max(record.last_check, arrived);
  if (arrived <= record.last_request) return record;  // one of the same read, or of another connection
  if (record.has_request()) record.interval = arrived - record.last_request;
  record.last_request = arrived;
  return record;
}

}  // namespace sidecar::http
