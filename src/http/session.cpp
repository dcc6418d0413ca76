#include "sidecar/http/session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstring>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/http/request_reader.hpp"
#include "sidecar/http/route.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// The bytes of the head being read and what came after it: small in the session itself, and as large as a head may be
/// only while a request needs it.
class head_buffer {
 public:
  std::string_view data() const noexcept { return {start() + begin_, end_ - begin_}; }
  bool empty() const noexcept { return begin_ == end_; }

  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (large_ && end_ - begin_ <= small_.size()) {
      std::memcpy(small_.data(), large_.get() + begin_, end_ - begin_);
      large_.reset();
      end_ -= begin_;
      begin_ = 0;
    }
    if (empty()) begin_ = end_ = 0;
  }

  /// Room for more; there always is some while less than `head_bytes` are held.
  asio::mutable_buffer room() {
    if (begin_ > 0) {
      std::memmove(start(), start() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (!large_ && end_ == small_.size()) {
      large_ = std::make_unique_for_overwrite<char[]>(head_bytes);
      std::memcpy(large_.get(), small_.data(), end_);
    }
    return {start() + end_, (large_ ? head_bytes : small_.size()) - end_};
  }

  void commit(std::size_t count) noexcept { end_ += count; }

 private:
  const char* start() const noexcept { return large_ ? large_.get() : small_.data(); }
  char* start() noexcept { return large_ ? large_.get() : small_.data(); }

  std::array<char, 1024> small_;
  std::unique_ptr<char[]> large_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

/// All of a session but its waiting: `advance` says what to wait for, the coroutine waits and hands in what came of it.
/// Kept out of the coroutine, whose frame stays small that way, and nothing here suspends.
class session {
 public:
  enum class step { read, ask, write, end };

  session(asio::ip::tcp::socket socket, session_context& context)
      : context_(context), connection_(std::move(socket), context.open) {
    connection_.enter(phase::silent, context.bounds.head);
  }

  asio::ip::tcp::socket& socket() noexcept { return connection_.socket(); }
  const health_endpoint& endpoint() const noexcept { return context_.endpoint; }

  step advance() {
    for (;;) {
      if (!unsent_.empty() && !send()) return ended_ ? step::end : step::write;
      if (ended_ || after_ == then::close) return step::end;
      if (after_ == then::linger) return linger();

      const auto read = reader_.feed(input_.data());
      switch (read.status) {
        case request_reader::status::complete: {
          // A deadline that passed while the last byte was on its way is met.
          if (connection_.expired()) connection_.enter(phase::answering);
          question_ = read.request;
          const auto destination = route_of(question_.method, question_.target);
          question_.target = {};  // its bytes go now
          input_.consume(read.consumed);
          if (!answer(destination)) {
            connection_.enter(phase::answering);
            return step::ask;
          }
          break;
        }
        case request_reader::status::refused:
          tell_of_foreign_protocol();
          refuse(read.refusal, read.request.method != method::head);
          break;
        case request_reader::status::need_more:
          if (!connection_.expired()) return wait_for_more();
          if (input_.empty()) return step::end;
          refuse(refusal::request_timeout, true);
          break;
      }
    }
  }

  asio::mutable_buffer room() { return input_.room(); }

  void received(const error_code& ec, std::size_t count) {
    if (connection_.doing() == phase::lingering) {
      // Only counted: whatever it is, it is not answered any more.
      lingered_ += count;
      if (ec || lingered_ > context_.bounds.linger_bytes) ended_ = true;
      return;
    }
    input_.commit(count);
    // An end of stream ends the session, not the answers: those to complete requests have been sent by now. Resets are
    // how HAProxy ends every check. Neither is worth a word.
    if (ec && !connection_.expired()) ended_ = true;
  }

  asio::const_buffer unsent() const noexcept { return {unsent_.data(), unsent_.size()}; }

  void sent(const error_code& ec, std::size_t count) noexcept {
    unsent_.remove_prefix(count);
    if (unsent_.empty()) connection_.enter(phase::answering);
    if (ec || connection_.expired()) end();
  }

  void answer_with(const health::answer& answer) {
    const auto connection = settle();
    if (answer.held) {
      held_ = context_.answers.held(answer.verdict.reason, *answer.held, connection, with_body());
      unsent_ = held_;
    } else {
      unsent_ = context_.answers.verdict(answer.verdict.reason, connection, with_body());
    }
  }

 private:
  enum class then : std::uint8_t { next_request, close, linger };

  void end() noexcept {
    unsent_ = {};
    ended_ = true;
  }

  /// Answers `question_` unless the answer must be waited for.
  bool answer(route destination) {
    switch (destination) {
      case route::health:
        if (question_.kubelet_probe) context_.endpoint.on_kubelet_probe();
        if (const auto known = context_.endpoint.at_once({})) {
          answer_with(*known);
          return true;
        }
        return false;
      case route::livez:
        unsent_ = context_.answers.alive(settle(), with_body());
        return true;
      case route::not_found:
        unsent_ = context_.answers.refused(refusal::not_found, settle(), with_body());
        return true;
      case route::method_not_allowed:
        unsent_ = context_.answers.refused(refusal::method_not_allowed, settle(), with_body());
        return true;
    }
    return true;
  }

  bool with_body() const noexcept { return question_.method != method::head; }

  /// Decides what becomes of the connection after the answer to `question_`.
  connection_header settle() {
    connection_.count_answer();
    const bool wanted = question_.keep_alive && !question_.has_body;
    // At the cap nobody keeps a connection: others may need it more.
    const bool allowed =
        connection_.answers() < context_.bounds.requests && !context_.endpoint.draining() && !context_.open.is_full();
    if (wanted && allowed) {
      after_ = then::next_request;
      return question_.http_1_1 ? connection_header::none : connection_header::keep_alive;
    }
    // A client that asked for the end sends no more, and a plain close reaches it as FIN.
    after_ = wanted || question_.has_body || !input_.empty() ? then::linger : then::close;
    return connection_header::close;
  }

  /// Answers what is not a request; where the next one would begin cannot be told.
  void refuse(refusal why, bool with_body) {
    unsent_ = context_.answers.refused(why, connection_header::close, with_body);
    after_ = then::linger;
  }

  /// Usually the one system call an answer costs. False if the peer must take something first, or is gone.
  bool send() {
    error_code ec;
    const auto count = socket().write_some(unsent(), ec);
    if (ec && ec != asio::error::would_block) {
      end();
      return false;
    }
    unsent_.remove_prefix(count);
    if (unsent_.empty()) {
      if (connection_.doing() == phase::writing) connection_.enter(phase::answering);
      return true;
    }
    if (connection_.doing() != phase::writing) connection_.enter(phase::writing, context_.bounds.write);
    return false;
  }

  step linger() {
    if (connection_.doing() != phase::lingering) {
      connection_.enter(phase::lingering, context_.bounds.linger);
      input_.consume(input_.data().size());
      error_code gone;
      socket().shutdown(asio::ip::tcp::socket::shutdown_send, gone);
      if (gone) return step::end;
    }
    return connection_.expired() ? step::end : step::read;
  }

  /// Waits for the next request, or for the rest of this one.
  step wait_for_more() {
    if (connection_.answers() > 0 && input_.empty()) {
      connection_.enter(phase::idle, context_.bounds.idle);
    } else if (connection_.doing() == phase::silent) {
      if (!input_.empty()) connection_.go_on_to(phase::reading_head);
    } else if (connection_.doing() != phase::reading_head) {
      connection_.enter(phase::reading_head, context_.bounds.head);
    }
    return step::read;
  }

  void tell_of_foreign_protocol() {
    const auto spoken = foreign_protocol(input_.data());
    if (spoken.empty() || connection_.answers() > 0) return;
    bool& told = spoken == "TLS" ? context_.told_of_tls : context_.told_of_proxy;
    if (std::exchange(told, true)) return;
    log::warn("a client speaks " + std::string(spoken) + " to the health port, which answers plain HTTP only");
  }

  session_context& context_;
  connection connection_;
  request_reader reader_;
  request question_;
  std::string_view unsent_;
  std::string held_;
  std::size_t lingered_ = 0;
  then after_ = then::next_request;
  bool ended_ = false;
  head_buffer input_;
};

void session_deleter::operator()(session* one) const noexcept { delete one; }

session_ptr make_session(asio::ip::tcp::socket socket, session_context& context) {
  return session_ptr(new session(std::move(socket), context));
}

asio::awaitable<void> run_session(session_ptr self) {
  for (;;) {
    switch (self->advance()) {
      case session::step::read: {
        const auto room = self->room();
        const auto [ec, count] = co_await self->socket().async_read_some(room, net::use_result);
        self->received(ec, count);
        break;
      }
      case session::step::ask: {
        auto asked = self->endpoint().ask({});
        const health::answer answer = co_await std::move(asked);
        self->answer_with(answer);
        break;
      }
      case session::step::write: {
        const auto unsent = self->unsent();
        const auto [ec, count] = co_await self->socket().async_write_some(unsent, net::use_result);
        self->sent(ec, count);
        break;
      }
      case session::step::end:
        co_return;
    }
  }
}

}  // namespace sidecar::http
