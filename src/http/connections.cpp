#include "sidecar/http/connections.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

bool in_handshake(const connection& one) { return one.doing() == phase::securing; }

}  // namespace

connection::connection(net::peer_socket&& socket, connections& registry)
    : socket_(std::move(socket)), registry_(&registry) {
  registry.add(*this);
}

connection::~connection() {
  if (registry_ != nullptr) registry_->remove(*this);
}

void connection::enter(phase next, milliseconds at_most) noexcept {
  since_ = steady_clock::now();
  deadline_ = since_ + at_most;
  phase_ = next;
  expired_ = false;
}

void connection::enter(phase next) noexcept {
  deadline_ = steady_clock::time_point::max();
  phase_ = next;
  expired_ = false;
}

connections::connections(net::peer_reactor& reactor, const limits& bounds)
    : reactor_(reactor),
      tick_(reactor.get_executor()),
      emptied_(reactor.get_executor()),
      sweep_every_(bounds.sweep),
      cap_(bounds.connections),
      handshakes_(bounds.handshakes),
      crowded_(bounds.calm) {}

connections::~connections() {
  while (!open_.empty()) {
    auto& one = open_.front();
    open_.pop_front();
    one.registry_ = nullptr;
    one.socket_.close();
  }
}

bool connections::make_room() {
  if (!is_full()) return true;

  auto* const victim = least_missed();
  if ((victim == nullptr || victim->phase_ == phase::answering) && crowded_.begins(steady_clock::now())) {
    log::warn(std::to_string(count_) +
              " connections are open, the limit: new ones are refused, or cut off others that wait for an answer; "
              "somebody holds more than a load balancer needs");
  }
  if (victim == nullptr) return false;
  close(*victim);
  return true;
}

/// None if all wait for their first answer.
connection* connections::least_missed() {
  const auto rank = [](const connection& one) {
    switch (one.phase_) {
      case phase::lingering:
      case phase::writing:
        return 4;
      case phase::idle:
        return 3;
      case phase::silent:
      case phase::securing:
      case phase::reading_head:
        return 2;
      case phase::answering:
        break;
    }
    return one.answers_ > 0 ? 1 : 0;
  };
  // Of two that wait for an answer the first in the list is open for longer.
  const auto goes_before = [](const connection& one, const connection& other) {
    return one.phase_ == phase::answering ? one.answers_ > other.answers_ : one.since_ < other.since_;
  };
  connection* victim = nullptr;
  for (auto& one : open_) {
    if (rank(one) == 0) continue;
    if (victim != nullptr) {
      const auto more = rank(one) - rank(*victim);
      if (more < 0 || (more == 0 && !goes_before(one, *victim))) continue;
    }
    victim = &one;
  }
  return victim;
}

bool connections::handshakes_go_on() {
  if (handshakes_under_way() < handshakes_) return false;
  bool some_do = false;
  for (auto& one : open_) {
    if (!in_handshake(one) || !one.awaits_reply_ || one.socket_.available() == 0) continue;
    one.socket_.wake();
    some_do = true;
  }
  return some_do;
}

void connections::make_room_for_handshake() {
  for (auto count = handshakes_under_way(); count >= handshakes_; --count) {
    close(*std::ranges::find_if(open_, in_handshake));
  }
}

std::size_t connections::handshakes_under_way() const {
  return static_cast<std::size_t>(std::ranges::count_if(open_, in_handshake));
}

void connections::close_idle() {
  for (auto next = open_.begin(); next != open_.end();) {
    auto& one = *next++;
    if (one.phase_ != phase::idle && one.phase_ != phase::silent) continue;
    if (one.socket_.available() == 0) close(one);  // else its question is here, only not read yet
  }
}

asio::awaitable<bool> connections::wait_until_empty(milliseconds at_most) {
  emptied_.expires_after(at_most);
  const auto deadline = emptied_.expiry();
  // A cancelled wait only says that there was a moment without connections.
  while (count_ > 0 && steady_clock::now() < deadline) {
    [[maybe_unused]] const auto result = co_await emptied_.async_wait(net::use_result);
  }
  co_return count_ == 0;
}

void connections::add(connection& one) {
  if (!ticking_) tick();
  open_.push_back(one);
  ++count_;
}

void connections::remove(connection& one) noexcept {
  open_.erase(open_.iterator_to(one));
  one.registry_ = nullptr;
  if (--count_ == 0) emptied_.cancel();
}

/// Its session ends when it has its turn; it stops counting now, since its file is closed now.
void connections::close(connection& one) {
  one.socket_.close();
  remove(one);
}

void connections::tick() {
  tick_.expires_after(sweep_every_);
  tick_.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;  // destroyed: `this` is gone
    ticking_ = false;
    // After those who are about to have their turn: what came in time is answered, though the process was stopped
    // meanwhile.
    asio::post(tick_.get_executor(), [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) look();
    });
    ticking_ = true;
  });
  ticking_ = true;  // only now: where there was no memory for it, the next connection tries again
}

void connections::look() {
  ticking_ = false;
  const auto now = steady_clock::now();
  sweep(now);
  if (!is_full() && crowded_.ends(now)) {
    log::info("fewer connections than the limit are open again", {{"connections", std::to_string(count_)}});
  }
  if (count_ > 0 || crowded_.is_on()) tick();
  reactor_.start();
}

void connections::sweep(steady_clock::time_point now) {
  for (auto& one : open_) {
    if (one.deadline_ > now) continue;
    one.expired_ = true;
    one.socket_.wake();
  }
}

}  // namespace sidecar::http
