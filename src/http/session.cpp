#include "sidecar/http/session.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/http/head_buffer.hpp"
#include "sidecar/http/proxy_header.hpp"
#include "sidecar/http/request_line.hpp"
#include "sidecar/http/request_reader.hpp"
#include "sidecar/http/route.hpp"
#include "sidecar/net/client_hello.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/tls_connection.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// Warnings about clients, in all: whoever has many addresses must not fill the log.
constexpr std::size_t most_told = 32;

static_assert(net::longest_client_hello <= head_bytes, "it is read into the room for a head");

/// The session boundary: its connection is closed by then, and the next one has nothing to do with it.
constexpr net::log_exception log_failure{"a connection"};

/// While a question is being asked, so that whoever is answered meanwhile knows that he is asked from within.
class asking_mark {
 public:
  explicit asking_mark(int& asking) noexcept : asking_(asking) { ++asking_; }
  ~asking_mark() { --asking_; }
  asking_mark(const asking_mark&) = delete;
  asking_mark& operator=(const asking_mark&) = delete;

 private:
  int& asking_;
};

}  // namespace

void session_context::tell_once(const std::string& what, const net::peer_socket& client) {
  const auto address = client.remote_endpoint().address().to_string();
  const bool is_new = told.size() < most_told && told.insert(what + ' ' + address).second;
  log::write(is_new ? log::level::warn : log::level::debug, what, {{"client", address}});
}

class session final : public net::turn_taker {
 public:
  session(net::peer_socket&& socket, session_context& context)
      : context_(context), connection_(std::move(socket), context.open) {
    connection_.enter(phase::silent, context.bounds.head);
  }

  void take_turn(std::unique_ptr<net::turn_taker> self) noexcept override try { go_on(std::move(self)); } catch (...) {
    log_failure(std::current_exception());
  }

 private:
  using owner = std::unique_ptr<net::turn_taker>;

  /// What it takes to go on. To read, no more than once in a turn: what else has come is still there in the next.
  enum class step { read, ask, wait_readable, wait_writable, give_way, end };

  /// Then it is the others' turn: a head's room holds over two hundred small requests.
  static constexpr int answers_in_a_row = 8;

  /// To handshakes before its own: enough for all connections there may be with TLS, if their peers are quick. Those
  /// that send a byte at a time would be given turns for ever.
  static constexpr int most_turns_given = 16;

  /// What the bytes that come next belong to.
  enum class stage : std::uint8_t { preface, security, handshake, requests };
  enum class then : std::uint8_t { next_request, close, linger };

  /// As far as it goes without waiting; then `self` waits.
  void go_on(owner self) {
    if (connection_.doing() == phase::writing && connection_.expired()) return;
    // At the cap the next one may cost it its place, unless its question has been read by then.
    const bool hurries = socket().reactor().is_busy() || context_.open.is_full();
    for (bool has_read = std::exchange(too_early_, false) && !hurries;;) {
      switch (advance()) {
        case step::read:
          if (has_read || !receive()) return wait(net::peer_reactor::until::readable, std::move(self));
          has_read = true;
          break;
        case step::ask:
          return ask(std::move(self));
        case step::wait_readable:
          return wait(net::peer_reactor::until::readable, std::move(self));
        case step::wait_writable:
          return wait(net::peer_reactor::until::writable, std::move(self));
        case step::give_way:
          return socket().queue(std::move(self));
        case step::end:
          return;
      }
    }
  }

  void wait(net::peer_reactor::until wanted, owner self) { socket().wait(wanted, std::move(self)); }

  void ask(owner self) {
    const asking_mark asks(context_.asking);
    asio::co_spawn(socket().reactor().get_executor(), answer_later(*this, std::move(self)), log_failure);
  }

  /// `self` owns `one`. What is answered at once goes on in a turn of its own: else it would lead to the next question
  /// from within, as deep as a peer has questions.
  static asio::awaitable<void> answer_later(session& one, owner self) {
    auto asked = one.context_.endpoint.ask(one.container_);
    const health::answer answer = co_await std::move(asked);
    one.answer_with(answer);
    one.too_early_ = true;
    if (one.context_.asking > 0) {
      one.socket().queue(std::move(self));
    } else {
      one.go_on(std::move(self));
    }
  }

  net::peer_socket& socket() noexcept { return connection_.socket(); }

  step advance() {
    // Somebody else's file may have the number by now, and TLS knows nothing but the number.
    if (!socket().is_open()) return step::end;
    for (int answered = 0; answered < answers_in_a_row; ++answered) {
      if (!unsent_.empty() && !send()) return ended_ ? step::end : blocked_;
      if (ended_ || after_ == then::close) return end_well();
      if (after_ == then::linger) return linger();
      if (const auto next = stage_ == stage::requests ? next_request() : open()) return *next;
    }
    return step::give_way;
  }

  /// False if there is nothing yet.
  bool receive() {
    error_code failed;
    const auto count = socket().read_some(input_.room(), failed);
    if (failed == asio::error::would_block) return false;
    received(failed, count);
    return true;
  }

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
    if (ec) ended_ = true;
  }

  void answer_with(const health::answer& answer) {
    const auto connection = settle();
    const bool healthy = answer.verdict.state == health::state::healthy;
    if (question_.versionless) {
      unsent_ = healthy ? responses::healthy_body : std::string_view{};
    } else if (answer.held) {
      held_ = context_.answers.held(answer.verdict.reason, *answer.held, connection, with_body());
      unsent_ = held_;
    } else {
      unsent_ = context_.answers.verdict(answer.verdict.reason, connection, with_body());
    }
  }

  /// What TLS needs before it can go on; after it has taken something, room for more.
  static step wait_for(net::tls_connection::outcome what) noexcept {
    return what == net::tls_connection::outcome::want_read ? step::wait_readable : step::wait_writable;
  }

  void end() noexcept {
    unsent_ = {};
    ended_ = true;
  }

  /// With the answer in the same packet, and though the peer may have sent more: closing at once would destroy it then.
  step end_well() noexcept {
    error_code gone;
    if (!ended_) socket().shutdown_send(gone);
    return step::end;
  }

  /// What comes before the first request. What to wait for, or nothing: go on.
  std::optional<step> open() {
    switch (stage_) {
      case stage::preface:
        return read_preface();
      case stage::security:
        return choose_security();
      case stage::handshake:
        return shake_hands();
      case stage::requests:
        break;
    }
    return std::nullopt;
  }

  std::optional<step> read_preface() {
    const auto header = read_proxy_header(input_.data());
    switch (header.what) {
      case proxy_header::kind::need_more:
        return wait_for_opening();
      case proxy_header::kind::malformed:
        close_in_silence();
        return std::nullopt;
      case proxy_header::kind::complete:
        if (log::enabled(log::level::debug)) {
          log::debug("a connection came with a PROXY header",
                     {{"source", proxied_source(input_.data().substr(0, header.size))}});
        }
        input_.consume(header.size);
        break;
      case proxy_header::kind::absent:
        break;
    }
    stage_ = context_.tls ? stage::security : stage::requests;
    return std::nullopt;
  }

  std::optional<step> choose_security() {
    if (input_.empty()) return wait_for_opening();
    if (!looks_like_tls(input_.data())) {
      wants_tls_ = true;
      stage_ = stage::requests;
      return std::nullopt;
    }
    switch (net::read_client_hello(input_.data())) {
      case net::client_hello::incomplete:
        return wait_for_opening();
      case net::client_hello::refused:
        context_.tell_once("a client begins TLS with more than any load balancer sends, and is closed", socket());
        return step::end;
      case net::client_hello::complete:
        break;
    }
    // Of many that begin at once the first ones' replies are here by now, and a turn for each makes room.
    if (gave_way_ < most_turns_given && context_.open.handshakes_go_on()) {
      ++gave_way_;
      connection_.go_on_to(phase::reading_head);  // a hello is here, so it is no idle one
      return step::give_way;
    }
    context_.open.make_room_for_handshake();
    tls_ = std::make_unique<net::tls_connection>(context_.tls(), socket().native_handle(), input_.data());
    input_.consume(input_.data().size());
    connection_.go_on_to(phase::securing);
    stage_ = stage::handshake;
    return std::nullopt;
  }

  std::optional<step> shake_hands() {
    if (connection_.expired()) return step::end;
    const auto what = tls_->handshake();
    switch (what) {
      case net::tls_connection::outcome::done:
        connection_.go_on_to(phase::silent);
        stage_ = stage::requests;
        return std::nullopt;
      case net::tls_connection::outcome::want_read:
      case net::tls_connection::outcome::want_write:
        connection_.await_reply(what == net::tls_connection::outcome::want_read);
        return wait_for(what);
      case net::tls_connection::outcome::closed:
        return step::end;
      case net::tls_connection::outcome::failed:
        context_.tell_once("a client's TLS handshake failed (" + tls_->failure() +
                               "): compare what it trusts and shows with TLS_CERT and TLS_CLIENT_CA",
                           socket());
        tls_.reset();           // its alert is written, and it may hold as much as the peer claimed to send
        after_ = then::linger;  // so that the alert arrives
        return std::nullopt;
    }
    return std::nullopt;
  }

  /// Without a word in the end: what has come is no request yet.
  step wait_for_opening() {
    if (connection_.expired()) return step::end;
    if (!input_.empty()) connection_.go_on_to(phase::reading_head);
    return step::read;
  }

  std::optional<step> next_request() {
    const auto read = reader_.feed(input_.data());
    switch (read.status) {
      case request_reader::status::complete:
        return take_request(read);
      case request_reader::status::refused:
        question_ = read.request;
        refuse(read.refusal, read.request.method != method::head);
        return std::nullopt;
      case request_reader::status::not_http:
        close_in_silence();
        return std::nullopt;
      case request_reader::status::need_more:
        break;
    }
    if (!connection_.expired()) return wait_for_more();
    if (input_.empty()) return step::end;
    if (reader_.has_request_line()) {
      refuse(refusal::request_timeout, true);
    } else {
      close_in_silence();
    }
    return std::nullopt;
  }

  std::optional<step> take_request(const request_reader::outcome& read) {
    connection_.enter(phase::answering);  // a deadline that passed while the last byte was on its way is met
    question_ = read.request;
    const auto wanted = route_of(question_.method, question_.target);
    if (wanted.container.size() + container_.size() > 0) container_.assign(wanted.container);
    question_.target = {};  // its bytes go now
    input_.consume(read.consumed);
    if (answer(wanted.route)) return std::nullopt;
    return step::ask;
  }

  /// Answers `question_` unless the answer must be waited for.
  bool answer(route wanted) {
    if (wants_tls_ && wanted != route::livez) {
      context_.tell_once(
          "a client speaks plain HTTP to the health port, which wants TLS (TLS_CERT); only /livez is answered in plain "
          "text",
          socket());
      refuse(refusal::tls_required, with_body());
      return true;
    }
    switch (wanted) {
      case route::health:
        if (question_.kubelet_probe) context_.endpoint.on_kubelet_probe();
        if (const auto known = context_.endpoint.at_once(container_)) {
          answer_with(*known);
          return true;
        }
        return false;
      case route::livez:
        say(context_.answers.alive(settle(), with_body()));
        return true;
      case route::not_found:
        say(context_.answers.refused(refusal::not_found, settle(), with_body()));
        return true;
      case route::method_not_allowed:
        say(context_.answers.refused(refusal::method_not_allowed, settle(), with_body()));
        return true;
    }
    return true;
  }

  bool with_body() const noexcept { return question_.method != method::head; }

  /// A client that named no version gets nothing of this: it may take any byte for a sign of health.
  void say(std::string_view answer) noexcept {
    if (!question_.versionless) unsent_ = answer;
  }

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
    // A client that asked for the end sends no more, and a plain close reaches it as FIN. Of one without a version, or
    // with TLS, more may come.
    const bool says_no_more = !wanted && !question_.has_body && !question_.versionless && !tls_;
    after_ = says_no_more && input_.empty() ? then::close : then::linger;
    return connection_header::close;
  }

  /// Answers what is not a request; where the next one would begin cannot be told.
  void refuse(refusal why, bool with_body) {
    say(context_.answers.refused(why, connection_header::close, with_body));
    after_ = then::linger;
  }

  /// Not a byte to what is no HTTP request: to many load balancers any would be up. The log says what to correct.
  void close_in_silence() {
    context_.tell_once(std::string{explain_silence(input_.data())}, socket());
    after_ = then::linger;
  }

  /// Usually the one system call an answer costs. False if the peer must take something first, or is gone.
  bool send() {
    const auto count = write_some();
    if (!count) {
      end();
      return false;
    }
    unsent_.remove_prefix(*count);
    if (unsent_.empty()) {
      if (connection_.doing() == phase::writing) connection_.enter(phase::answering);
      return true;
    }
    if (connection_.doing() != phase::writing) connection_.enter(phase::writing, context_.bounds.write);
    return false;
  }

  asio::const_buffer unsent() const noexcept { return {unsent_.data(), unsent_.size()}; }

  /// How much of `unsent_` went; nothing if the peer is gone.
  std::optional<std::size_t> write_some() {
    if (!tls_) {
      error_code ec;
      const auto more = after_ == then::next_request ? net::peer_socket::more::none : net::peer_socket::more::follows;
      const auto count = socket().write_some(unsent(), more, ec);
      if (ec && ec != asio::error::would_block) return std::nullopt;
      return count;
    }
    const auto [what, count] = tls_->write(unsent());
    switch (what) {
      case net::tls_connection::outcome::done:
      case net::tls_connection::outcome::want_read:
      case net::tls_connection::outcome::want_write:
        blocked_ = wait_for(what);
        return count;
      case net::tls_connection::outcome::closed:
      case net::tls_connection::outcome::failed:
        break;
    }
    return std::nullopt;
  }

  step linger() {
    if (connection_.doing() != phase::lingering) {
      connection_.enter(phase::lingering, context_.bounds.linger);
      input_.consume(input_.data().size());
      if (tls_) tls_->end();
      error_code gone;
      socket().shutdown_send(gone);
      if (gone) return step::end;
    }
    return connection_.expired() ? step::end : step::read;
  }

  /// Waits for the next request, or for the rest of this one.
  std::optional<step> wait_for_more() {
    if (connection_.answers() > 0 && input_.empty()) {
      // What TLS reads may be no request, and must not begin the time anew.
      if (connection_.doing() != phase::idle) connection_.enter(phase::idle, context_.bounds.idle);
    } else if (connection_.doing() == phase::silent) {
      if (!input_.empty()) connection_.go_on_to(phase::reading_head);
    } else if (connection_.doing() != phase::reading_head) {
      connection_.enter(phase::reading_head, context_.bounds.head);
    }
    return tls_ ? read_secured() : step::read;
  }

  /// Nothing if there is more input now.
  std::optional<step> read_secured() {
    const auto [what, count] = tls_->read(input_.room());
    switch (what) {
      case net::tls_connection::outcome::done:
        input_.commit(count);
        return std::nullopt;
      case net::tls_connection::outcome::want_read:
      case net::tls_connection::outcome::want_write:
        return wait_for(what);
      case net::tls_connection::outcome::closed:
        tls_->end();  // the peer has said its last word, and waits for ours (RFC 8446, 6.1)
        break;
      case net::tls_connection::outcome::failed:
        break;
    }
    return step::end;
  }

  session_context& context_;
  connection connection_;
  request_reader reader_;
  request question_;
  std::string container_;  ///< that the question is about; empty: the configured target
  std::string_view unsent_;
  std::string held_;
  std::unique_ptr<net::tls_connection> tls_;
  std::size_t lingered_ = 0;
  stage stage_ = stage::preface;
  then after_ = then::next_request;
  step blocked_ = step::wait_writable;  ///< what to wait for until more can be sent
  int gave_way_ = 0;                    ///< to others' handshakes
  bool wants_tls_ = false;              ///< plain text on a port for TLS
  bool ended_ = false;
  bool too_early_ = true;  ///< to look for a question, after an accept or an answer: it takes a moment to come
  head_buffer input_;
};

std::unique_ptr<net::turn_taker> make_session(net::peer_socket&& socket, session_context& context) {
  return std::make_unique<session>(std::move(socket), context);
}

}  // namespace sidecar::http
