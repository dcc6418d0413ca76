// What a client may send to the health port, through serve_connection over a socket pair. The endpoint is played by a
// script, and the input says which: its first byte has flags, the second the verdict, the third how the bytes are cut.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fuzz/answers_sent.hpp"
#include "fuzz/first_line.hpp"
#include "fuzz/fuzz.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/http/proxy_header.hpp"
#include "sidecar/http/serve_connection.hpp"
#include "sidecar/net/coro.hpp"
#include "support/certificates.hpp"

namespace sidecar::fuzz {
namespace {

namespace asio = boost::asio;

/// What the endpoint says.
struct script {
  health::answer answer{};
  bool at_once = true;
  bool draining = false;
};

void check_container(std::string_view name) {
  require(name.size() < http::head_bytes && name.find_first_of("/?# ") == std::string_view::npos,
          "only one segment of a path is asked for");
}

class scripted_endpoint final : public http::health_endpoint {
 public:
  std::optional<health::answer> answer_now(std::string_view container) override {
    check_container(container);
    if (!told.at_once) return std::nullopt;
    return told.answer;
  }
  asio::awaitable<health::answer> answer(std::string) override { co_return told.answer; }
  bool is_draining() const override { return told.draining; }

  script told;
};

net::tls_context server_context() {
  const test::certificate_authority authority;
  const auto made = authority.issue();
  return net::make_server_context({.certificate = made.pem, .key = made.key}).value();
}

/// A health port of one kind, for as long as the process runs; connections come and go.
struct port {
  explicit port(http::server_settings settings)
      : drains_by_404(settings.statuses.drain == 404),
        requires_tls(settings.tls != nullptr),
        context(std::make_shared<http::server_context>(io.get_executor(), endpoint, std::move(settings))) {}

  const bool drains_by_404;
  const bool requires_tls;
  scripted_endpoint endpoint;
  asio::io_context io{1};
  std::shared_ptr<http::server_context> context;
};

port& port_of(unsigned kind) {
  static port usual({});
  static port draining_by_404({.statuses = {.drain = 404}});
  static port secured({.tls = [context = server_context()] { return context; }});
  static const std::array all{&usual, &draining_by_404, &secured};
  return *all.at(kind % all.size());
}

/// A connection and its client.
class conversation {
 public:
  conversation(port& at, bool little_room) : port_(at) {
    std::array<int, 2> ends{};
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0, "a socket pair");
    peer_ = ends[0];
    const int least = 1;
    if (little_room) ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    asio::ip::tcp::socket accepted(port_.io);
    accepted.assign(asio::ip::tcp::v4(), ends[1]);
    asio::co_spawn(port_.io, http::serve_connection(std::move(accepted), {}, port_.context), net::rethrow);
  }
  ~conversation() { ::close(peer_); }
  conversation(const conversation&) = delete;
  conversation& operator=(const conversation&) = delete;

  /// False if the connection is over.
  bool say(std::string_view bytes) {
    const auto sent = ::send(peer_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    run(bytes.size());
    return sent == static_cast<ssize_t>(bytes.size());
  }

  void end() {
    ::shutdown(peer_, SHUT_WR);
    run(0);
    require(port_.context->connections.size() == 0, "a connection ends when its client has");
  }

  const std::string& received() const { return received_; }

 private:
  /// Until nothing happens any more without a word from the peer.
  void run(std::size_t said) {
    std::size_t steps = 0;
    do {
      port_.io.restart();
      while (port_.io.poll_one() > 0) require(++steps < 1'000 + 10 * said, "what is said is answered in a few steps");
    } while (receive());
  }

  bool receive() {
    std::array<char, 4'096> buffer;
    const auto count = ::recv(peer_, buffer.data(), buffer.size(), 0);
    if (count <= 0) return false;
    received_.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }

  port& port_;
  int peer_ = -1;
  std::string received_;
};

std::size_t occurrences(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

void check_answer(const answer_sent& one, const port& asked) {
  const auto& told = asked.endpoint.told.answer;
  const auto& verdict = told.verdict;
  require(one.status == 200 || (one.status >= 400 && one.status <= 505), "a status is one of ours");
  require(!one.held || told.held, "a fresh answer is not called held");
  if (one.status == 200) return;
  require(!one.about_the_pod || one.phrase == health::name(verdict.reason), "the reason is the script's");
  require(!one.about_the_pod || verdict.state != health::state::healthy, "and it is none if all is well");
  if (asked.drains_by_404 && one.status == 404) {
    require(one.about_the_pod && health::is_drain(verdict.reason), "what means drain means nothing else");
  }
}

void check(const answers_sent& sent, std::string_view said, const port& asked) {
  for (const auto& one : sent.answers) check_answer(one, asked);
  // Plain text gets no health from a port that requires TLS.
  const bool may_be_healthy = asked.endpoint.told.answer.verdict.state == health::state::healthy && !asked.requires_tls;
  const auto healthy = std::ranges::count(sent.answers, 200U, &answer_sent::status);
  require(may_be_healthy || static_cast<std::size_t>(healthy) <= occurrences(said, "/livez"), "not ready is no 200");
  require(may_be_healthy || !sent.bare_body, "nor a bare body");
}

script script_of(unsigned flags, unsigned verdict) {
  const auto why = static_cast<health::reason>(verdict % health::reason_count);
  script told{
      .answer = {.verdict = health::verdict_of(why)}, .at_once = (flags & 1U) == 0, .draining = (flags & 2U) != 0};
  if ((flags & 4U) != 0) told.answer.held = std::chrono::seconds(verdict);
  return told;
}

/// To many checkers any byte is up: nothing but HTTP gets one.
void check_silence(const answers_sent& sent, std::string_view said) {
  const auto header = http::read_proxy_header(said);
  const bool is_over =
      header.what == http::proxy_header::kind::malformed || header.what == http::proxy_header::kind::need_more;
  const auto owed = is_over ? due::nothing : due_to(said.substr(header.size), http::head_bytes);
  require(owed == due::answer || sent.answers.empty(), "only an HTTP request is answered");
  require(owed != due::nothing || !sent.bare_body, "and not even a bare body goes to what is none");
  require(sent.answers.size() <= lines_with_version(said), "there are no more answers than request lines");
}

/// TLS's own bytes are not read here, but no answer is in plain text among them. The server repeats up to 32 bytes of
/// the client's hello (the session id, RFC 8446, 4.1.3), which may be any text; this field of every answer is longer.
void check(std::string_view received, std::string_view said, const port& asked) {
  const bool speaks_tls = !received.empty() && (received[0] == '\x15' || received[0] == '\x16');
  if (asked.requires_tls && speaks_tls)
    return require(received.find("X-Content-Type-Options: nosniff\r\n") == received.npos, "what is secret stays so");
  const auto sent = read_answers(received);
  check_silence(sent, said);
  check(sent, said, asked);
}

}  // namespace

void try_input(std::string_view input) {
  static const bool quiet = (log::configure(log::level::error, log::format::text), true);
  require(quiet, "the log is quiet");
  choices chosen(input);
  const unsigned flags = chosen.byte();
  const unsigned verdict = chosen.byte();
  const unsigned seed = chosen.byte();
  port& asked = port_of(flags / 16);
  asked.endpoint.told = script_of(flags, verdict);
  conversation talk(asked, (flags & 8U) != 0);
  for (const auto piece : cut(chosen.rest(), seed)) {
    if (!talk.say(piece)) break;
  }
  talk.end();
  check(talk.received(), chosen.rest(), asked);
}

}  // namespace sidecar::fuzz
