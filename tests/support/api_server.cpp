#include "support/api_server.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <future>
#include <set>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "support/server_state.hpp"
#include "support/session.hpp"
#include "support/use_result.hpp"

namespace sidecar::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

/// Of some object of that kind.
std::string text_of_any(resource_kind kind) {
  if (kind == resource_kind::nodes) return node{}.text();
  return pod{}.text();
}

[[noreturn]] void throw_errno(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

/// The server's place: a port that nobody else gets as long as this lives, whether somebody listens on it or not.
class listening_place {
 public:
  explicit listening_place(const tcp::endpoint& wanted)
      : protocol_{wanted.protocol()},
        // Bound twice: Linux lets go of a port that it chose itself as soon as the socket stops listening.
        endpoint_{wanted.port() == 0 ? any_free(wanted) : wanted},
        handle_{bind_to(endpoint_)} {}
  ~listening_place() { ::close(handle_); }
  listening_place(const listening_place&) = delete;
  listening_place& operator=(const listening_place&) = delete;

  std::uint16_t port() const noexcept { return endpoint_.port(); }

  tcp::acceptor listen(asio::io_context& context) const {
    if (::listen(handle_, SOMAXCONN) != 0) throw_errno("listen");
    const int copy = ::fcntl(handle_, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) throw_errno("fcntl");
    return tcp::acceptor{context, protocol_, copy};
  }

  /// Connections are refused from now on, those that nobody has accepted yet are reset.
  void refuse() const noexcept { ::shutdown(handle_, SHUT_RDWR); }

 private:
  static int bind_to(const tcp::endpoint& endpoint) {
    const int handle = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0) throw_errno("socket");
    const int on = 1;
    ::setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(handle, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return handle;
    const int error = errno;
    ::close(handle);
    throw std::system_error{error, std::generic_category(), "bind"};
  }

  static tcp::endpoint any_free(const tcp::endpoint& wanted) {
    const int handle = bind_to(wanted);
    tcp::endpoint bound;
    auto size = static_cast<socklen_t>(bound.capacity());
    const int outcome = ::getsockname(handle, bound.data(), &size);
    ::close(handle);
    if (outcome != 0) throw_errno("getsockname");
    bound.resize(size);
    return bound;
  }

  tcp protocol_;
  tcp::endpoint endpoint_;
  int handle_;
};

/// The thread and the sockets of a server that runs.
class engine {
 public:
  engine(server_state& state, const listening_place& place) : state_{state}, place_{place} {
    // Signals are for the thread that made the server.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    {
      const std::lock_guard lock{state_.mutex};
      state_.poke = [this] { asio::post(context_, [this] { wake_due(); }); };
    }
    thread_ = std::thread{[this] { run(); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  ~engine() {
    on_thread([this] {
      stopping_ = true;
      close_listener();
      // An aborted session leaves the set when its coroutine ends, not before this returns.
      for (const std::shared_ptr<session>& open : sessions_) open->abort();
      work_.reset();
    });
    thread_.join();
    // What waits at the gate belongs to the io_context and must not outlive it.
    const std::lock_guard lock{state_.mutex};
    state_.gate.clear();
    state_.counts.held = 0;
    state_.poke = nullptr;
    state_.due.clear();
  }
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  void listen() {
    on_thread([this] {
      acceptor_.emplace(place_.listen(context_));
      asio::co_spawn(context_, accept_all(), rethrow);
    });
  }

  void refuse() {
    on_thread([this] { close_listener(); });
  }

  /// Gives the session up on the server's thread, where its end may be this.
  void release(std::shared_ptr<session> held) {
    on_thread([&held] {
      held->release();
      held.reset();
    });
  }

 private:
  template <class Action>
  void on_thread(Action action) {
    std::packaged_task<void()> task{std::move(action)};
    std::future<void> done = task.get_future();
    asio::post(context_, [&task] { task(); });
    done.get();
  }

  void run() {
    // 50 us of timer slack would be felt in a service time of 700 us.
    ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    context_.run();
  }

  void wake_due() {
    std::vector<std::weak_ptr<session>> due;
    {
      const std::lock_guard lock{state_.mutex};
      due.swap(state_.due);
    }
    for (const std::weak_ptr<session>& one : due) {
      if (const std::shared_ptr<session> alive = one.lock()) alive->wake();
    }
  }

  void close_listener() {
    boost::system::error_code ignored;
    if (acceptor_) acceptor_->close(ignored);
    place_.refuse();
  }

  asio::awaitable<void> accept_all() {
    while (acceptor_->is_open()) {
      auto [ec, socket] = co_await acceptor_->async_accept(use_result);
      if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) co_return;
      if (ec) {
        asio::steady_timer pause{context_, std::chrono::milliseconds{10}};
        [[maybe_unused]] auto [ignored] = co_await pause.async_wait(use_result);
        continue;
      }
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay{true}, ignored);
      std::uint64_t number = 0;
      state_.count([this, &number](server_counts& counts) {
        number = ++counts.accepted;
        ++counts.open;
        ++state_.tenths.at(std::chrono::steady_clock::now()).accepted;
      });
      asio::co_spawn(context_, look_after(std::make_shared<session>(std::move(socket), state_, number)), rethrow);
    }
  }

  asio::awaitable<void> look_after(std::shared_ptr<session> one) {
    sessions_.insert(one);
    if (stopping_) one->abort();
    co_await session::run(one);
    sessions_.erase(one);
    state_.count([](server_counts& counts) { --counts.open; });
  }

  server_state& state_;
  const listening_place& place_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::optional<tcp::acceptor> acceptor_;
  std::set<std::shared_ptr<session>> sessions_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

struct api_server::impl {
  explicit impl(const options& wanted)
      : address{wanted.address}, place{tcp::endpoint{asio::ip::make_address(wanted.address), wanted.port}} {
    if (wanted.tls) state.tls.emplace();
    state.requests_remembered = state.events_remembered = wanted.requests_remembered;
  }

  bool refusing() const {
    const std::lock_guard lock{state.mutex};
    for (const server_state::active_fault& entry : state.faults) {
      if (entry.what.kind == fault_kind::refuse) return true;
    }
    return false;
  }

  void let_go(std::vector<std::shared_ptr<session>> released) {
    for (std::shared_ptr<session>& one : released) running->release(std::move(one));
  }

  /// Does it to the holdings and tells the watches.
  template <class Action>
  void change(Action action) {
    const std::lock_guard lock{state.mutex};
    try {
      action(state.holdings);
    } catch (...) {
      state.publish();
      throw;
    }
    state.publish();
  }

  std::string address;
  listening_place place;
  server_state state;
  std::mutex control;  ///< for what concerns `running`; taken before the state's
  std::unique_ptr<engine> running;
  bool has_run = false;
};

api_server::api_server() : api_server{options{}} {}

api_server::api_server(const options& wanted) : impl_{std::make_unique<impl>(wanted)} { start(); }

api_server::~api_server() { stop(); }

void api_server::start() {
  const std::lock_guard control{impl_->control};
  if (impl_->running) return;
  if (std::exchange(impl_->has_run, true)) forget_history();
  impl_->running = std::make_unique<engine>(impl_->state, impl_->place);
  if (!impl_->refusing()) impl_->running->listen();
}

void api_server::stop() {
  const std::lock_guard control{impl_->control};
  if (!impl_->running) return;
  impl_->running.reset();
}

std::uint16_t api_server::port() const noexcept { return impl_->place.port(); }

const std::string& api_server::address() const noexcept { return impl_->address; }

void api_server::put_pod(pod document) {
  impl_->change([&document](cluster& holdings) { holdings.put_pod(std::move(document)); });
}

void api_server::put_pods(std::vector<pod> documents) {
  impl_->change([&documents](cluster& holdings) {
    for (pod& document : documents) holdings.put_pod(std::move(document));
  });
}

void api_server::put_document(const std::string& name_space, const std::string& name, std::string bytes) {
  impl_->change([&](cluster& holdings) { holdings.put_document(name_space, name, std::move(bytes)); });
}

void api_server::update_pod(const std::string& name_space, const std::string& name,
                            const std::function<void(pod&)>& change) {
  impl_->change([&](cluster& holdings) { holdings.update_pod(name_space, name, change); });
}

void api_server::replace_pod(const std::string& uid, const std::string& name_space, const std::string& name) {
  update_pod(name_space, name, [&uid](pod& document) { document.set_uid(uid); });
}

void api_server::put_node(const node& document) {
  impl_->change([&document](cluster& holdings) { holdings.put_node(document); });
}

void api_server::update_node(const std::string& name, const std::function<void(node&)>& change) {
  impl_->change([&](cluster& holdings) { holdings.update_node(name, change); });
}

bool api_server::delete_node(const std::string& name) {
  bool was_there = false;
  impl_->change([&](cluster& holdings) { was_there = holdings.delete_node(name); });
  return was_there;
}

std::uint64_t api_server::resource_version() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.holdings.resource_version();
}

void api_server::advance(std::uint64_t by) {
  impl_->change([by](cluster& holdings) { holdings.advance(by); });
}

void api_server::forget_history() {
  impl_->change([](cluster& holdings) { holdings.forget_history(); });
}

void api_server::set_page_size(std::size_t items) {
  impl_->change([items](cluster& holdings) { holdings.page_size(items); });
}

void api_server::set_ready(const std::string& container, bool ready, const std::string& name_space,
                           const std::string& name) {
  update_pod(name_space, name, [&container, ready](pod& document) { document.set_ready(container, ready); });
}

bool api_server::delete_pod(const std::string& name_space, const std::string& name) {
  bool was_there = false;
  impl_->change([&](cluster& holdings) { was_there = holdings.delete_pod(name_space, name); });
  return was_there;
}

std::string api_server::add_token(const token_claims& claims) {
  std::string token = make_token(claims);
  accept_token(token, user_of(claims));
  return token;
}

void api_server::accept_token(const std::string& token, const std::string& user) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.holdings.accept_token(token, user);
}

bool api_server::revoke_token(const std::string& token) {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.holdings.revoke_token(token);
}

void api_server::allow(const access_rule& rule, const std::string& user) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.holdings.allow(user, rule);
}

void api_server::deny(const std::string& user) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.holdings.deny(user);
}

void api_server::grant(const std::string& verb, bool allowed, const std::string& user) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.holdings.grant(user, verb, allowed);
}

void api_server::allow_nodes(std::set<std::string> verbs, const std::string& user) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.holdings.allow_nodes(user, std::move(verbs));
}

std::string api_server::ca() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.tls ? impl_->state.tls->ca() : std::string{};
}

void api_server::use_certificate(const certificate& next) {
  const std::lock_guard lock{impl_->state.mutex};
  if (!impl_->state.tls) throw std::logic_error{"a server without TLS has no certificate"};
  impl_->state.tls->use(next);
}

std::string api_server::replace_authority() {
  const std::lock_guard lock{impl_->state.mutex};
  if (!impl_->state.tls) throw std::logic_error{"a server without TLS has no certificate"};
  impl_->state.tls->replace_authority();
  return impl_->state.tls->ca();
}

void api_server::inject(const fault& trouble) {
  const std::lock_guard control{impl_->control};
  if (trouble.kind == fault_kind::refuse && (trouble.count != 0 || trouble.lasts.count() != 0)) {
    throw std::invalid_argument{"refuse lasts until the faults are cleared"};
  }
  {
    const std::lock_guard lock{impl_->state.mutex};
    server_state::active_fault entry{trouble, std::nullopt};
    if (trouble.lasts.count() != 0) entry.until = std::chrono::steady_clock::now() + trouble.lasts;
    impl_->state.faults.push_back(std::move(entry));
  }
  if (trouble.kind == fault_kind::refuse && impl_->running) impl_->running->refuse();
}

void api_server::clear_faults() {
  const std::lock_guard control{impl_->control};
  const bool listens_again = impl_->refusing() && impl_->running;
  {
    const std::lock_guard lock{impl_->state.mutex};
    impl_->state.faults.clear();
  }
  if (listens_again) impl_->running->listen();
}

std::size_t api_server::faults_left() const {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.drop_expired_faults();
  return impl_->state.faults.size();
}

void api_server::set_service_time(std::chrono::microseconds wait) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.service_time = wait;
}

void api_server::set_service_work(std::chrono::microseconds work) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.service_work = work;
}

void api_server::behave(const watch_behaviour& wanted) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.habits = wanted;
  impl_->state.holdings.keep_history(wanted.history);
}

void api_server::send_bookmark(resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  const watch_event bookmark = make_event(bookmark_line(impl_->state.holdings.resource_version(), false, kind));
  const auto now = std::chrono::steady_clock::now();
  impl_->state.for_all_watches(kind, [&bookmark, now](watch_stream& watch) {
    if (watch.wanted().bookmarks) watch.push(bookmark, now);
  });
}

void api_server::send_event(const std::string& bytes, resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  const watch_event event = make_event(bytes);
  const auto now = std::chrono::steady_clock::now();
  impl_->state.for_all_watches(kind, [&event, now](watch_stream& watch) { watch.push(event, now); });
}

void api_server::end_watches(watch_end how, resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  std::optional<watch_event> half;
  if (how == watch_end::half_event || how == watch_end::half_event_truncated) {
    half = make_event(event_line("MODIFIED", text_of_any(kind)));
  }
  impl_->state.for_all_watches(kind, [how, &half](watch_stream& watch) { watch.end(how, half); });
}

void api_server::hold_events(resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.events_held.insert(kind);
}

void api_server::release_events(resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.events_held.erase(kind);
  impl_->state.for_all_watches(kind, [](watch_stream&) {});
}

void api_server::miss_events(unsigned count, resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.missed_by_all[kind] = count;
}

bool api_server::wait_for_watches(std::uint64_t open, std::chrono::milliseconds timeout) {
  return wait_for([open](const server_counts& counts) { return counts.watching == open; }, timeout);
}

bool api_server::wait_for_node_watches(std::uint64_t open, std::chrono::milliseconds timeout) {
  return wait_for([open](const server_counts& counts) { return counts.nodes.watching == open; }, timeout);
}

void api_server::hold_answers(resource_kind kind) {
  const std::lock_guard lock{impl_->state.mutex};
  (kind == resource_kind::nodes ? impl_->state.holding_nodes : impl_->state.holding) = true;
}

bool api_server::release_one() {
  const std::lock_guard control{impl_->control};
  std::shared_ptr<session> first;
  {
    const std::lock_guard lock{impl_->state.mutex};
    if (impl_->state.gate.empty()) return false;
    first = std::move(impl_->state.gate.front());
    impl_->state.gate.pop_front();
    --impl_->state.counts.held;
  }
  std::vector<std::shared_ptr<session>> released;
  released.push_back(std::move(first));
  impl_->let_go(std::move(released));
  return true;
}

void api_server::stop_holding() {
  const std::lock_guard control{impl_->control};
  std::vector<std::shared_ptr<session>> all;
  {
    const std::lock_guard lock{impl_->state.mutex};
    impl_->state.holding = impl_->state.holding_nodes = false;
    all.assign(impl_->state.gate.begin(), impl_->state.gate.end());
    impl_->state.gate.clear();
    impl_->state.counts.held = 0;
  }
  impl_->let_go(std::move(all));
}

bool api_server::wait_until_held(std::uint64_t count, std::chrono::milliseconds timeout) {
  return wait_for([count](const server_counts& counts) { return counts.held >= count; }, timeout);
}

std::vector<seen_request> api_server::requests() const {
  const std::lock_guard lock{impl_->state.mutex};
  return {impl_->state.requests.begin(), impl_->state.requests.end()};
}

std::vector<seen_request> api_server::node_requests() const {
  const std::lock_guard lock{impl_->state.mutex};
  return {impl_->state.node_requests.begin(), impl_->state.node_requests.end()};
}

std::vector<written_event> api_server::events() const {
  const std::lock_guard lock{impl_->state.mutex};
  return {impl_->state.events.begin(), impl_->state.events.end()};
}

std::vector<traffic> api_server::tenths() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.tenths.all();
}

server_counts api_server::counts() const {
  const std::lock_guard lock{impl_->state.mutex};
  return impl_->state.counts;
}

void api_server::forget() {
  const std::lock_guard lock{impl_->state.mutex};
  impl_->state.requests.clear();
  impl_->state.node_requests.clear();
  impl_->state.events.clear();
  impl_->state.tenths.clear();
  server_counts fresh;
  fresh.open = impl_->state.counts.open;
  fresh.held = impl_->state.counts.held;
  fresh.watching = impl_->state.counts.watching;
  fresh.nodes.watching = impl_->state.counts.nodes.watching;
  impl_->state.counts = fresh;
}

bool api_server::wait_for_requests(std::uint64_t count, std::chrono::milliseconds timeout) {
  return wait_for([count](const server_counts& counts) { return counts.requests >= count; }, timeout);
}

bool api_server::wait_for(const std::function<bool(const server_counts&)>& enough, std::chrono::milliseconds timeout) {
  std::unique_lock lock{impl_->state.mutex};
  return impl_->state.changed.wait_for(lock, timeout, [this, &enough] { return enough(impl_->state.counts); });
}

}  // namespace sidecar::test
