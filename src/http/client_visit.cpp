#include "sidecar/http/client_visit.hpp"

#include "sidecar/http/client_address.hpp"

namespace sidecar::http {

client_visit::client_visit(server_context& server, const boost::asio::ip::address& client, time_point accepted)
    : server_(server), accepted_(accepted) {
  if (!server.clients) return;
  address_ = client_address(client);
  open_entry();
}

void client_visit::keep(request& asked) noexcept {
  if (!is_recorded()) return;
  asked_.read(asked);
  asked.target = asked_.path.view();
  asked.host = asked_.host.view();
  asked.user_agent = asked_.user_agent.view();
}

void client_visit::count(const request& asked, const health::answer& given) noexcept {
  server_.traffic.count(given);
  record(asked, answer_of(given));
}

void client_visit::count(const request& asked, refusal why) noexcept {
  const auto status = server_.answers.status(why);
  server_.traffic.count_refusal(status);
  record(asked, {.refusal = why, .status = status});
}

void client_visit::count_livez(const request& asked) noexcept { record(asked, {.status = 200}); }

void client_visit::count_agent_check(const health::answer& given) noexcept {
  server_.traffic.count(given);
  progress_ = progress::answered;
  if (is_recorded()) begin_record(answer_of(given)).asked = {.protocol = client_protocol::agent};
}

void client_visit::note_time(time_point answered) noexcept {
  if (progress_ != progress::answered) return;
  progress_ = progress::timed;
  if (!is_recorded()) return;
  auto& own = entry();
  auto& record = own.record;
  if (own.has_asked && answered <= record.last) return;  // another connection was answered later
  if (own.has_asked) record.interval = answered - record.last;
  record.last = answered;
  own.has_asked = true;
}

void client_visit::end(time_point answered) noexcept {
  note_time(answered);
  if (progress_ == progress::mute && is_recorded() && entry_->generation == generation_) ++entry_->record.mute;
}

client_table::entry& client_visit::entry() noexcept {
  if (entry_->generation != generation_) open_entry();
  return *entry_;
}

void client_visit::open_entry() noexcept {
  entry_ = &server_.clients->find_or_add(address_, accepted_);
  generation_ = entry_->generation;
  ++entry_->record.connections;
  if (!entry_->has_asked) entry_->record.last = entry_->connected;
}

client_answer client_visit::answer_of(const health::answer& given) const noexcept {
  return {
      .status = server_.answers.status(given.verdict), .reason = given.verdict.reason, .held = given.held.has_value()};
}

void client_visit::record(const request& asked, client_answer told) noexcept {
  progress_ = progress::answered;
  if (!is_recorded()) return;
  auto& record = begin_record(told).asked;
  record.read(asked);
  record.tls = asked_.tls;
  record.proxy_source = asked_.proxy_source;
}

client_record& client_visit::begin_record(client_answer told) noexcept {
  auto& record = entry().record;
  ++record.requests;
  record.told = told;
  return record;
}

}  // namespace sidecar::http
