#include "sidecar/net/peer_reactor.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <utility>

namespace sidecar::net {

namespace asio = boost::asio;

namespace {

/// In a row, before Asio has its turn: about a millisecond's.
constexpr int most_turns = 256;

constexpr int most_events = 64;

/// So few at once are all there are, most likely: it is for Asio to find out.
constexpr int few = 7;
constexpr int busy_looks = 8;

std::uint32_t events_of(peer_reactor::until wanted) noexcept {
  return wanted == peer_reactor::until::readable ? EPOLLIN : EPOLLOUT;
}

[[noreturn]] void throw_last_error() {
  throw boost::system::system_error(errno, boost::system::system_category(), "epoll");
}

int make_set() {
  const int made = ::epoll_create1(EPOLL_CLOEXEC);
  if (made < 0) throw_last_error();
  return made;
}

class flag_while {
 public:
  explicit flag_while(bool& flag) noexcept : flag_(flag) { flag_ = true; }
  ~flag_while() { flag_ = false; }
  flag_while(const flag_while&) = delete;
  flag_while& operator=(const flag_while&) = delete;

 private:
  bool& flag_;
};

}  // namespace

peer_reactor::peer_reactor(const asio::any_io_executor& executor, turns when)
    : set_(executor, make_set()), when_(when), alive_(std::make_shared<peer_reactor*>(this)) {}

peer_reactor::~peer_reactor() {
  // One by one: a chain that destroys itself does so on the stack.
  while (first_) first_ = std::move(first_->next_);
}

void peer_reactor::wait(int descriptor, until wanted, std::unique_ptr<turn_taker> who) {
  listen_for(descriptor, events_of(wanted));
  places_[static_cast<std::size_t>(descriptor)].who = std::move(who);
  start_if_possible();
}

void peer_reactor::listen_for(int descriptor, std::uint32_t events) {
  if (descriptor < 0) throw boost::system::system_error(EBADF, boost::system::system_category(), "epoll");
  const auto index = static_cast<std::size_t>(descriptor);
  if (index >= places_.size()) places_.resize(index + 1);
  auto& known = places_[index].registered;
  if (known == events) return;
  epoll_event wanted{.events = events, .data = {.fd = descriptor}};
  const int change = known == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  if (::epoll_ctl(set_.native_handle(), change, descriptor, &wanted) != 0) throw_last_error();
  if (known == 0) ++registered_;
  known = events;
}

void peer_reactor::unlist(int descriptor) noexcept {
  auto& known = places_[static_cast<std::size_t>(descriptor)].registered;
  if (known == 0) return;
  known = 0;
  // Where nobody waits for anything, Asio has nothing to wait for either.
  if (--registered_ > 0 || !armed_) return;
  boost::system::error_code ignored;
  set_.cancel(ignored);
}

void peer_reactor::queue(std::unique_ptr<turn_taker> who) noexcept {
  auto* const added = who.get();
  (first_ ? last_->next_ : first_) = std::move(who);
  last_ = added;
  ++queued_;
  start_if_possible();
}

void peer_reactor::wake(int descriptor) noexcept {
  const auto index = static_cast<std::size_t>(descriptor);
  if (index < places_.size() && places_[index].who) queue(std::move(places_[index].who));
}

void peer_reactor::forget(int descriptor) noexcept {
  wake(descriptor);
  if (static_cast<std::size_t>(descriptor) < places_.size()) unlist(descriptor);
}

void peer_reactor::start() {
  if (scheduled_ || running_) return;
  if (queued_ > 0) return schedule();
  if (registered_ > 0) arm();
}

void peer_reactor::start_if_possible() noexcept try { start(); } catch (...) {
  // No memory; whatever happens next, or `start`, makes up for it.
}

/// The wait begins by looking, so nothing is missed that has come before.
void peer_reactor::arm() {
  if (armed_) return;
  set_.async_wait(asio::posix::stream_descriptor::wait_read,
                  [weak = std::weak_ptr(alive_)](const boost::system::error_code&) {
                    const auto alive = weak.lock();
                    if (!alive) return;
                    (*alive)->armed_ = false;
                    (*alive)->found_ready();
                  });
  armed_ = true;
}

void peer_reactor::found_ready() {
  if (when_ == turns::after_others) return schedule();
  run();
}

/// After what Asio has found ready as well, and after another look of its own.
void peer_reactor::schedule() {
  if (scheduled_) return;
  asio::post(set_.get_executor(), [weak = std::weak_ptr(alive_)] {
    if (const auto alive = weak.lock()) (*alive)->run();
  });
  scheduled_ = true;
}

void peer_reactor::run() {
  scheduled_ = false;
  {
    const flag_while now(running_);
    int taken = take_queued();
    for (int found = 1; found > 0 && taken < most_turns; taken += found) {
      found = registered_ > 0 ? take_ready() : 0;
      taken += take_queued();
      if (busy_ == 0) break;
    }
  }
  start();
}

/// Those that are queued meanwhile come the next time.
int peer_reactor::take_queued() {
  int taken = 0;
  for (auto left = queued_; left > 0; --left, ++taken) {
    auto one = std::move(first_);
    first_ = std::move(one->next_);
    --queued_;
    auto& chosen = *one;
    chosen.take_turn(std::move(one));
  }
  return taken;
}

int peer_reactor::take_ready() {
  std::array<epoll_event, most_events> events;
  const int count = ::epoll_wait(set_.native_handle(), events.data(), most_events, 0);
  busy_ = count > few ? busy_looks : std::max(busy_ - 1, 0);
  for (int i = 0; i < count; ++i) ready(events[static_cast<std::size_t>(i)].data.fd);
  return count;
}

/// It may be another descriptor by now, which has the number of the one that was ready: whoever waits looks for itself.
void peer_reactor::ready(int descriptor) {
  auto& at = places_[static_cast<std::size_t>(descriptor)];
  if (auto who = std::move(at.who)) {
    auto& chosen = *who;
    return chosen.take_turn(std::move(who));
  }
  if (at.registered == 0) return;
  // Nobody waits: its session asks for an answer, say, and the peer has gone. It would be ready again and again.
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, descriptor, nullptr);
  unlist(descriptor);
}

}  // namespace sidecar::net
