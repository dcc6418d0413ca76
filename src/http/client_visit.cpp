#include "sidecar/http/client_visit.hpp"

#include <algorithm>

#include "sidecar/http/client_address.hpp"

namespace sidecar::http {

client_visit::client_visit(server_context& server, const boost::asio::ip::address& client, time_point accepted)
    : server_(server), seen_(accepted) {
  if (!server.clients) return;
  address_ = client_address(client);
  entry_ = &server.clients->find_or_add(address_, accepted);
  ++entry_->record.connections;
  if (!entry_->has_asked) entry_->record.last = entry_->seen;
}

void client_visit::read(const request& asked) noexcept {
  if (is_recorded()) asked_.read(asked);
}

void client_visit::count(const health::answer& given) noexcept {
  server_.traffic.count(given);
  if (!is_recorded()) return;
  record({.status = server_.answers.status(given.verdict),
          .reason = given.verdict.reason,
          .held = given.held.has_value()});
}

void client_visit::count(refusal why) noexcept {
  const auto status = server_.answers.status(why);
  server_.traffic.count_refusal(status);
  record({.refusal = why, .status = status});
}

void client_visit::count_livez() noexcept { record({.status = 200}); }

void client_visit::note_time(time_point answered) noexcept {
  if (progress_ != progress::answered) return;
  progress_ = progress::timed;
  seen_ = answered;
  if (!is_recorded()) return;
  auto& own = entry();
  own.seen = std::max(own.seen, answered);
  auto& record = own.record;
  if (own.has_asked && answered <= record.last) return;  // another connection was answered later
  if (own.has_asked) record.interval = answered - record.last;
  record.last = answered;
  own.has_asked = true;
}

void client_visit::end(time_point answered) noexcept {
  note_time(answered);
  if (progress_ == progress::mute && is_recorded() && entry_->record.address == address_) ++entry_->record.mute;
}

client_table::entry& client_visit::entry() noexcept {
  if (entry_->record.address != address_) {
    entry_ = &server_.clients->find_or_add(address_, seen_);
    ++entry_->record.connections;
  }
  return *entry_;
}

void client_visit::record(const client_answer& told) noexcept {
  progress_ = progress::answered;
  if (!is_recorded()) return;
  auto& record = entry().record;
  ++record.requests;
  record.asked = asked_;
  record.told = told;
}

}  // namespace sidecar::http
