#include "crowd.hpp"

#include <algorithm>

namespace sidecar::test {

using clock = std::chrono::steady_clock;

crowd::crowd(const daemon& of, std::size_t clients, std::chrono::milliseconds pause)
    : pause_{pause}, answers_(clients) {
  for (std::size_t i = 0; i < clients; ++i) {
    clients_.emplace_back([this, i, port = of.port()] { ask_on_and_on(i, port); });
  }
}

crowd::~crowd() { stop(); }

bool crowd::wait_for(const std::function<bool(const asked_and_answered&)>& wanted, std::chrono::milliseconds timeout) {
  const auto now = clock::now();
  const auto is_wanted = [&](const std::vector<asked_and_answered>& of) {
    return !of.empty() && of.back().asked >= now && wanted(of.back());
  };
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, timeout, [&] { return std::ranges::any_of(answers_, is_wanted); });
}

const std::vector<std::vector<asked_and_answered>>& crowd::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& client : clients_) client.join();
  clients_.clear();
  return answers_;
}

std::string crowd::bytes() const {
  std::string all;
  for (const auto& one : bytes_) all += one;
  return all;
}

void crowd::ask_on_and_on(std::size_t number, std::uint16_t port) {
  http_client connection{"127.0.0.1", port, std::chrono::seconds{30}};
  while (pause_is_over()) {
    const auto asked = clock::now();
    const auto answer = connection.ask(request("GET /healthz"));
    note(number, {asked, clock::now(), summary(answer)}, answer ? answer->head + answer->body : std::string{});
  }
}

void crowd::note(std::size_t number, asked_and_answered one, std::string bytes) {
  {
    const std::lock_guard lock{mutex_};
    answers_[number].push_back(std::move(one));
    bytes_.insert(std::move(bytes));
  }
  changed_.notify_all();
}

/// False when it was cut short: there is nothing more to ask.
bool crowd::pause_is_over() {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, pause_, [this] { return stopping_; });
}

void truth_log::set_ready(bool ready) {
  const auto before = clock::now();
  api_.set_ready("game", ready);
  changes_.push_back({before, clock::now(), ready});
}

bool truth_log::may_have_been(bool ready, time_point from, time_point to) const {
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    const bool over = i + 1 < changes_.size() && changes_[i + 1].after < from;
    if (changes_[i].ready == ready && changes_[i].before <= to && !over) return true;
  }
  return false;
}

}  // namespace sidecar::test
