#include "support/session.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <ctime>
#include <string_view>
#include <utility>

#include "support/use_result.hpp"

namespace sidecar::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t max_head = std::size_t{1} << 20U;  // as the real server's MaxHeaderBytes
constexpr std::chrono::milliseconds linger{20};
constexpr std::string_view http2_settings{"\0\0\0\4\0\0\0\0\0", 9};
// What Go's server says, word for word.
constexpr std::string_view bad_request =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request";

std::shared_ptr<SSL_CTX> choose_context(server_state& state, const std::optional<fault>& trouble) {
  const std::lock_guard lock{state.mutex};
  if (!state.tls) return nullptr;
  return trouble && trouble->kind == fault_kind::tls ? state.tls->flawed(trouble->flaw) : state.tls->current();
}

// Processor time of this thread, so that a busy machine does not make the work lighter.
void work_for(std::chrono::microseconds time) {
  const auto now = [] {
    std::timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
  };
  const auto end = now() + time;
  while (now() < end) {
  }
}

}  // namespace

session::session(tcp::socket socket, server_state& state, std::uint64_t number)
    : state_{state},
      timer_{socket.get_executor()},
      first_trouble_{state.take({phase::connect})},
      channel_{std::move(socket), choose_context(state, first_trouble_)},
      number_{number} {}

asio::awaitable<void> session::run(std::shared_ptr<session> self) {
  const bool opened = co_await self->open();
  if (opened) co_await self->serve();
  self->account(0);
  self->channel_.close();
}

void session::release() {
  released_ = true;
  timer_.cancel();
}

void session::wake() { timer_.cancel(); }

void session::abort() {
  aborted_ = true;
  timer_.cancel();
  channel_.close();
}

asio::awaitable<bool> session::open() {
  if (first_trouble_ && first_trouble_->kind != fault_kind::tls) {
    const bool goes_on = co_await perform(*first_trouble_);
    if (!goes_on) co_return false;
  }
  bool secure = false;
  {
    const std::lock_guard lock{state_.mutex};
    secure = state_.tls.has_value();
  }
  if (secure) {
    if (const auto trouble = state_.take({phase::handshake})) {
      const auto half = co_await channel_.handshake(true);
      if (half) co_return false;
      const bool goes_on = co_await perform(*trouble);
      if (!goes_on) co_return false;
    }
    const auto done = co_await channel_.handshake(false);
    if (done) co_return false;
    state_.count([](server_counts& counts) { ++counts.handshakes; });
    if (first_trouble_ && first_trouble_->kind == fault_kind::tls && first_trouble_->flaw == tls_flaw::http2_only) {
      const auto sent = co_await channel_.write(http2_settings);
      if (!sent) co_await channel_.wait_until_gone();
      co_return false;
    }
  }
  if (const auto trouble = state_.take({phase::secured})) {
    const bool goes_on = co_await perform(*trouble);
    co_return goes_on;
  }
  co_return true;
}

asio::awaitable<void> session::serve() {
  for (bool goes_on = true; goes_on && !aborted_;) {
    std::size_t head_size = 0;
    const bool read = co_await read_head(head_size);
    if (!read) co_return;
    const std::string head = input_.substr(0, head_size);
    input_.erase(0, head_size);

    auto request = parse_request(head);
    const auto body_size = request ? request->content_length() : std::nullopt;
    if (!body_size) {
      const bool sent = co_await send(std::string{bad_request});
      if (sent) co_await finish(true);
      co_return;
    }
    std::string body;
    const bool came = co_await read_body(*body_size, body);
    if (!came) co_return;
    request->body = body;
    goes_on = co_await answer_request(*request);
    ++served_;
  }
}

asio::awaitable<bool> session::read_head(std::size_t& head_size) {
  bool asked = served_ == 0;  // whether phase::next_request has had its turn
  for (;;) {
    if (!asked && !input_.empty()) {
      asked = true;
      if (const auto trouble = state_.take({phase::next_request})) {
        const bool goes_on = co_await perform(*trouble);
        if (!goes_on) co_return false;
      }
    }
    const std::size_t end = input_.find("\r\n\r\n");
    if (end != std::string::npos) {
      head_size = end + 4;
      co_return true;
    }
    if (input_.size() > max_head) co_return false;
    const std::size_t before = input_.size();
    const auto ec = co_await channel_.read_some(input_);
    if (ec) co_return false;
    const std::size_t received = input_.size() - before;
    state_.count([received](server_counts& counts) { counts.application_bytes += received; });
  }
}

/// Of a longer body only the beginning is kept.
asio::awaitable<bool> session::read_body(std::size_t size, std::string& body) {
  while (size != 0) {
    const std::size_t here = std::min(size, input_.size());
    if (body.size() < max_head) body.append(input_, 0, here);
    input_.erase(0, here);
    size -= here;
    if (size == 0) break;
    const auto ec = co_await channel_.read_some(input_);
    if (ec) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> session::answer_request(http_request request) {
  released_ = false;
  decision decided = state_.decide(request, number_, shared_from_this(), channel_.server_name());
  const bool close = request.wants_close() || request.method == "HEAD";
  bool goes_on = co_await reach_answer(decided, request.method == "GET");
  if (goes_on && decided.watch) {
    goes_on = co_await deliver_watch(std::move(decided), close);
  } else if (goes_on) {
    goes_on = co_await deliver(std::move(decided), close);
  }
  state_.close_watch(this);
  co_return goes_on;
}

asio::awaitable<bool> session::reach_answer(const decision& decided, bool get) {
  if (const auto& trouble = decided.trouble) {
    if (is_action(*trouble)) {
      if (trouble->at == phase::request) {
        const bool goes_on = co_await perform(*trouble);
        if (!goes_on) co_return false;
      }
    } else {
      const bool goes_on = co_await wait(trouble->delay);
      if (!goes_on) co_return false;
    }
  }
  if (decided.held) {
    const bool goes_on = co_await wait_at_gate();
    if (!goes_on) co_return false;
  }
  if (get) {
    const bool goes_on = co_await wait(decided.service_time);
    if (!goes_on) co_return false;
    if (decided.service_work.count() != 0) work_for(decided.service_work);
  }
  co_return true;
}

asio::awaitable<bool> session::deliver(decision decided, bool close) {
  fault trouble;
  if (decided.trouble) trouble = *decided.trouble;
  const bool reframed = trouble.kind == fault_kind::reframe;
  const rendered_answer rendered =
      render(decided.reply, close, reframed ? trouble.ending : framing::as_go, reframed ? trouble.chunk_size : 0);

  bool sent = false;
  if (trouble.kind == fault_kind::flood) {
    sent = co_await send_endlessly(trouble);
  } else if (trouble.kind == fault_kind::raw) {
    sent = co_await send(trouble.bytes);
  } else if (trouble.kind == fault_kind::drip) {
    sent = co_await send_in_pieces(rendered.bytes, trouble);
  } else if (is_action(trouble) && trouble.at != phase::request) {
    const std::size_t cut = trouble.at == phase::headers
                                ? rendered.head_size / 2
                                : rendered.head_size + (rendered.bytes.size() - rendered.head_size) / 2;
    sent = co_await send_half(rendered.bytes, cut, trouble);
  } else {
    sent = co_await send(rendered.bytes);
  }
  if (!sent) co_return false;
  state_.count([&decided](server_counts& counts) { ++(decided.of_nodes ? counts.nodes.answers : counts.answers); });
  if (trouble.kind != fault_kind::raw) state_.note_answered(decided.number, decided.of_nodes);

  if (close && trouble.kind != fault_kind::raw) trouble.then = afterwards::close;
  const bool goes_on = co_await end_as(trouble.then, trouble.close_notify);
  co_return goes_on;
}

asio::awaitable<bool> session::send(std::string bytes) {
  const auto ec = co_await channel_.write(bytes);
  account(ec ? 0 : bytes.size());
  co_return !ec;
}

asio::awaitable<bool> session::send_half(std::string bytes, std::size_t cut, fault trouble) {
  const bool half = co_await send(bytes.substr(0, cut));
  if (!half) co_return false;
  const bool goes_on = co_await perform(trouble);
  if (!goes_on) co_return false;
  const bool sent = co_await send(bytes.substr(cut));
  co_return sent;
}

void session::account(std::size_t bytes) {
  const std::uint64_t sent = channel_.sent() - std::exchange(wire_sent_, channel_.sent());
  const std::uint64_t received = channel_.received() - std::exchange(wire_received_, channel_.received());
  const std::lock_guard lock{state_.mutex};
  state_.counts.bytes_sent += bytes;
  state_.counts.wire_sent += sent;
  state_.counts.wire_received += received;
  if (bytes != 0) state_.tenths.at(std::chrono::steady_clock::now()).bytes_sent += bytes;
}

asio::awaitable<bool> session::send_in_pieces(std::string bytes, fault trouble) {
  for (std::size_t at = 0; at < bytes.size(); at += trouble.piece) {
    const bool sent = co_await send(bytes.substr(at, trouble.piece));
    if (!sent) co_return false;
    const bool goes_on = co_await wait(trouble.interval);
    if (!goes_on) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> session::send_endlessly(fault trouble) {
  bool sent = co_await send(trouble.bytes);
  while (sent && !aborted_ && !trouble.repeated.empty()) sent = co_await send(trouble.repeated);
  co_return false;
}

asio::awaitable<bool> session::end_as(afterwards then, bool close_notify) {
  fault ending;
  ending.close_notify = close_notify;
  switch (then) {
    case afterwards::keep_open:
      co_return true;
    case afterwards::close:
      ending.kind = fault_kind::close;
      break;
    case afterwards::reset:
      ending.kind = fault_kind::reset;
      break;
    case afterwards::silence:
      ending.kind = fault_kind::silence;
      break;
  }
  const bool goes_on = co_await perform(ending);
  co_return goes_on;
}

asio::awaitable<bool> session::perform(fault trouble) {
  const bool goes_on = co_await wait(trouble.delay);
  if (!goes_on) co_return false;
  switch (trouble.kind) {
    case fault_kind::silence:
      co_await channel_.wait_until_gone();
      co_return false;
    case fault_kind::reset:
      channel_.reset();
      co_return false;
    case fault_kind::close:
      co_await finish(trouble.close_notify);
      co_return false;
    default:
      co_return true;
  }
}

asio::awaitable<bool> session::wait(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  // A release cancels the timer too, so the clock has the last word.
  while (time.count() != 0 && !aborted_ && std::chrono::steady_clock::now() < end) {
    timer_.expires_at(end);
    [[maybe_unused]] auto [ignored] = co_await timer_.async_wait(use_result);
  }
  co_return !aborted_;
}

asio::awaitable<bool> session::wait_at_gate() {
  while (!released_ && !aborted_) {
    timer_.expires_at(asio::steady_timer::time_point::max());
    [[maybe_unused]] auto [ignored] = co_await timer_.async_wait(use_result);
  }
  co_return !aborted_;
}

asio::awaitable<void> session::finish(bool close_notify) {
  co_await channel_.say_goodbye(close_notify);
  // A close with unread bytes would send RST, and that can overtake what was sent before it.
  const bool goes_on = co_await wait(linger);
  if (!goes_on) co_return;
  boost::system::error_code ec;
  std::string scrap(4096, '\0');
  while (!ec && channel_.socket().available(ec) > 0) {
    channel_.socket().read_some(asio::buffer(scrap), ec);
  }
  channel_.close();
}

}  // namespace sidecar::test
