#include "sidecar/http/agent.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <exception>
#include <utility>

#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr net::log_exception log_failure{"an agent's connection"};

class agent_session final : public net::turn_taker {
 public:
  agent_session(net::peer_socket&& socket, session_context& context)
      : context_(context), connection_(std::move(socket), context.open) {
    connection_.enter(phase::answering);
  }

  void take_turn(std::unique_ptr<net::turn_taker> self) noexcept override try { go_on(std::move(self)); } catch (...) {
    log_failure(std::current_exception());
  }

 private:
  using owner = std::unique_ptr<net::turn_taker>;

  void go_on(owner self) {
    if (connection_.doing() == phase::lingering) return linger(std::move(self));
    if (const auto known = context_.endpoint.at_once({})) return tell(*known, std::move(self));
    asio::co_spawn(socket().reactor().get_executor(), answer_later(*this, std::move(self)), log_failure);
  }

  net::peer_socket& socket() noexcept { return connection_.socket(); }

  /// `self` owns `one`.
  static asio::awaitable<void> answer_later(agent_session& one, owner self) {
    auto asked = one.context_.endpoint.ask({});
    const health::answer answer = co_await std::move(asked);
    one.tell(answer, std::move(self));
  }

  void tell(const health::answer& answer, owner self) {
    const auto line = agent_line(answer);
    error_code failed;
    // A new connection's buffer takes so little in one piece.
    socket().write_some(asio::buffer(line), net::peer_socket::more::follows, failed);
    connection_.count_answer();
    if (!failed) socket().shutdown_send(failed);
    if (failed) return;
    connection_.enter(phase::lingering, context_.bounds.linger);
    linger(std::move(self));
  }

  /// Reads what the peer sends, to no end but that closing with unread bytes would send RST, which destroys the line on
  /// its way.
  void linger(owner self) {
    if (!socket().is_open() || connection_.expired()) return;
    std::array<char, 1024> ignored;
    error_code failed;
    lingered_ += socket().read_some(asio::buffer(ignored), failed);
    if (failed && failed != asio::error::would_block) return;
    if (lingered_ <= context_.bounds.linger_bytes) {
      socket().wait(net::peer_reactor::until::readable, std::move(self));
    }
  }

  session_context& context_;
  connection connection_;
  std::size_t lingered_ = 0;
};

}  // namespace

std::string agent_line(const health::answer& answer) {
  switch (answer.verdict.state) {
    case health::state::healthy:
      return "up ready\n";
    case health::state::unhealthy:
      if (is_drain(answer.verdict.reason)) return "up drain\n";
      return "down #" + std::string(name(answer.verdict.reason)) + '\n';
    case health::state::unknown:
      break;
  }
  return "\n";
}

std::unique_ptr<net::turn_taker> make_agent_session(net::peer_socket&& socket, session_context& context) {
  return std::make_unique<agent_session>(std::move(socket), context);
}

}  // namespace sidecar::http
