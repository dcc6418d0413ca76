// What a session does while it is a watch.

#include <boost/asio/co_spawn.hpp>
#include <string>
#include <utility>

#include "support/session.hpp"
#include "support/use_result.hpp"

namespace sidecar::test {
namespace {

namespace asio = boost::asio;
constexpr std::size_t max_overheard = 65536;

void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

std::string lines_of(const watch_stream::step& step) {
  std::string lines;
  for (const watch_stream::due_event& due : step.events) lines += *due.event.line;
  return lines;
}

}  // namespace

/// A watch that is being written.
struct session::stream {
  std::shared_ptr<watch_stream> watch;
  fault trouble;
  bool close = false;
  std::string head;  ///< not yet sent
};

asio::awaitable<bool> session::deliver_watch(decision decided, bool close) {
  stream out;
  out.watch = std::move(decided.watch);
  if (decided.trouble) out.trouble = *decided.trouble;
  const odd_watch::frames framing = out.watch->oddity().framing;
  out.close = close || framing == odd_watch::frames::until_close;
  if (framing != odd_watch::frames::content_length) {
    out.head = render_stream_head(out.close, framing == odd_watch::frames::chunks);
  }
  stop_listening_ = peer_gone_ = false;
  listening_ = true;
  asio::co_spawn(timer_.get_executor(), listen(shared_from_this()), rethrow);
  bool goes_on = true;
  if (out.watch->headers_at_once()) goes_on = co_await write_out(out, {});
  if (goes_on) goes_on = co_await write_watch(out);
  co_await stop_listening();
  co_return goes_on;
}

asio::awaitable<bool> session::write_watch(stream& out) {
  while (!aborted_ && !peer_gone_) {
    const watch_stream::step step = state_.next_step(*out.watch);
    if (step.events.empty() && !step.end) {
      co_await wait_until(step.look_again);
      continue;
    }
    if (!step.events.empty()) {
      const bool sent = co_await write_events(out, step);
      if (!sent) co_return false;
    }
    if (step.end) {
      const bool goes_on = co_await end_watch(out, step);
      co_return goes_on;
    }
  }
  co_return false;
}

asio::awaitable<bool> session::write_events(stream& out, const watch_stream::step& step) {
  const odd_watch& odd = out.watch->oddity();
  std::string bytes = lines_of(step);
  if (odd.framing == odd_watch::frames::content_length) out.head = render_stream_head(out.close, false, bytes.size());
  if (odd.framing == odd_watch::frames::chunks) bytes = as_chunks(bytes, odd.chunk_size);
  state_.note_events(*out.watch, number_, step);
  const bool sent = co_await write_out(out, std::move(bytes));
  if (sent) state_.count_events(*out.watch, step.events.size());
  co_return sent;
}

/// The head goes before the first bytes, and what is to go wrong with an answer goes wrong with these.
asio::awaitable<bool> session::write_out(stream& out, std::string bytes) {
  const std::size_t head_size = out.head.size();
  bytes.insert(0, std::exchange(out.head, {}));
  const fault& trouble = out.trouble;
  bool sent = false;
  if (head_size != 0 && is_action(trouble) && trouble.at != phase::request) {
    if (trouble.kind != fault_kind::pause) co_await stop_listening();
    const std::size_t cut = trouble.at == phase::headers ? head_size / 2 : head_size + (bytes.size() - head_size) / 2;
    sent = co_await send_half(std::move(bytes), cut, trouble);
  } else if (trouble.kind == fault_kind::drip) {
    sent = co_await send_in_pieces(std::move(bytes), trouble);
  } else {
    sent = co_await send(std::move(bytes));
  }
  co_return sent;
}

asio::awaitable<bool> session::end_watch(stream& out, const watch_stream::step& step) {
  if (*step.end == watch_end::clean) {
    const bool goes_on = co_await end_cleanly(out);
    co_return goes_on;
  }
  if (step.half) {
    std::string line = *step.half->line;
    if (out.watch->oddity().framing == odd_watch::frames::chunks) line = as_chunks(line);
    line.resize(line.size() / 2);
    const bool sent = co_await write_out(out, std::move(line));
    if (!sent) co_return false;
  }
  co_await stop_listening();
  if (*step.end == watch_end::reset) {
    channel_.reset();
  } else {
    co_await finish(*step.end != watch_end::half_event_truncated);
  }
  co_return false;
}

asio::awaitable<bool> session::end_cleanly(stream& out) {
  const odd_watch::frames framing = out.watch->oddity().framing;
  if (framing == odd_watch::frames::content_length && out.watch->idle()) {
    out.head = render_stream_head(out.close, false, 0);
  }
  const bool sent = co_await write_out(out, framing == odd_watch::frames::chunks ? "0\r\n\r\n" : "");
  if (!sent) co_return false;
  const bool of_nodes = out.watch->kind() == resource_kind::nodes;
  state_.count([of_nodes](server_counts& counts) { ++(of_nodes ? counts.nodes.answers : counts.answers); });
  co_await stop_listening();
  const bool goes_on = co_await end_as(out.close ? afterwards::close : afterwards::keep_open, true);
  co_return goes_on;
}

asio::awaitable<void> session::wait_until(std::chrono::steady_clock::time_point when) {
  timer_.expires_at(when);
  [[maybe_unused]] auto [ignored] = co_await timer_.async_wait(use_result);
}

/// So that a client that goes is noticed while there is nothing to write to it. What it asks meanwhile waits.
asio::awaitable<void> session::listen(std::shared_ptr<session> self) {
  boost::system::error_code ec;
  while (!ec && !self->stop_listening_ && self->input_.size() < max_overheard) {
    ec = co_await self->channel_.overhear(self->input_);
  }
  self->peer_gone_ = ec && !self->stop_listening_;
  self->listening_ = false;
  self->timer_.cancel();
}

asio::awaitable<void> session::stop_listening() {
  stop_listening_ = true;
  boost::system::error_code ignored;
  if (listening_) channel_.socket().cancel(ignored);
  while (listening_) co_await wait_until(std::chrono::steady_clock::time_point::max());
}

}  // namespace sidecar::test
