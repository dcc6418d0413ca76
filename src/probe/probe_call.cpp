#include "sidecar/probe/probe_call.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/config/parse.hpp"
#include "sidecar/net/connect_in_turn.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/deadline.hpp"
#include "sidecar/net/resolver_cache.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::probe {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

class probe_call {
 public:
  /// `tls` is null for plain HTTP.
  probe_call(asio::io_context& context, const probe_request& request, net::tls_context tls)
      : context_(context),
        request_(request),
        tls_(std::move(tls)),
        limit_(context.get_executor(), request.timeout),
        names_(std::make_shared<net::resolver_cache>(context.get_executor(), request.url.host, request.url.port)) {}

  asio::awaitable<void> run() {
    outcome_ = co_await query();
    context_.stop();
  }
  const probe_outcome& outcome() const noexcept { return outcome_; }

 private:
  asio::awaitable<probe_outcome> query();
  asio::awaitable<result<net::resolver_cache::addresses>> find_addresses();
  asio::awaitable<probe_outcome> read_response(net::client_stream& stream);
  probe_outcome failure(std::string_view doing, const error_code& problem) const;
  probe_outcome handshake_failure(net::client_stream& stream, const error_code& problem) const;

  asio::io_context& context_;
  const probe_request& request_;
  net::tls_context tls_;
  net::deadline limit_;
  std::shared_ptr<net::resolver_cache> names_;
  probe_outcome outcome_;
};

asio::awaitable<probe_outcome> probe_call::query() {
  auto addresses = co_await find_addresses();
  if (!addresses) co_return failure("looking up " + request_.url.host, addresses.error());
  auto opened = co_await net::connect_in_turn(context_.get_executor(), std::move(*addresses),
                                              net::attempt_timeout(request_.timeout), limit_);
  if (!opened)
    co_return failure("connecting to " + config::host_and_port(request_.url.host, request_.url.port), opened.error());
  auto& stream = **opened;
  const net::deadline::guard expire(limit_, [&stream] { stream.expire(); });
  if (tls_) {
    const std::string name = request_.server_name.empty() ? request_.url.host : request_.server_name;
    const auto failed = co_await stream.handshake(tls_, std::string{config::without_final_dot(name)});
    if (failed) co_return handshake_failure(stream, failed);
  }
  const auto text = render(request_);
  // A failed write is not final: the server may have responded and closed before it read the whole request.
  co_await stream.write(asio::buffer(text));
  co_return co_await read_response(stream);
}

asio::awaitable<result<net::resolver_cache::addresses>> probe_call::find_addresses() {
  std::vector<asio::ip::tcp::endpoint> known;
  for (const auto& one : request_.addresses) known.emplace_back(asio::ip::make_address(one), request_.url.port);
  if (!known.empty()) co_return known;
  co_return co_await net::find_within(names_, limit_);
}

asio::awaitable<probe_outcome> probe_call::read_response(net::client_stream& stream) {
  http::health_response_reader reader;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto [failed, count] = co_await stream.read_some(asio::buffer(buffer));
    if (failed && failed != asio::error::eof) co_return failure("waiting for the response", failed);
    if (failed) {
      const auto ended = reader.finish();
      // Anyone can cut a TLS connection: there a response has to say itself where it ends, as the sidecar's do.
      if (ended && !tls_) co_return judge(reader.response());
      co_return failure("reading the response", ended ? failed : ended.error());
    }
    const auto progress = reader.feed({buffer.data(), count});
    if (!progress) co_return failure("reading the response", progress.error());
    if (*progress == http::health_response_reader::progress::complete) co_return judge(reader.response());
  }
}

probe_outcome probe_call::failure(std::string_view doing, const error_code& problem) const {
  std::string text;
  if (limit_.has_passed()) text.append("no complete response within ").append(config::to_text(request_.timeout) + ", ");
  text.append(doing);
  if (!limit_.has_passed()) text.append(": ").append(problem.message());
  return no_response(text);
}

probe_outcome probe_call::handshake_failure(net::client_stream& stream, const error_code& problem) const {
  const auto refused = net::certificate_refusal(stream.native_tls(), problem);
  if (refused.empty() || limit_.has_passed()) return failure("in the TLS handshake", problem);
  return no_response("the server's certificate was refused: " + refused);
}

}  // namespace

probe_outcome query_once(const probe_request& request) {
  net::tls_context tls;
  if (request.url.tls) {
    auto made = net::make_client_context(request.ca);
    if (!made) return no_response("the CA bundle " + made.error().message());
    tls = std::move(*made);
    if (!request.certificate.empty()) {
      const auto shown = net::show_certificate(*tls, request.certificate, request.key);
      if (!shown) return no_response("the client certificate's file " + shown.error().message());
    }
  }
  auto context = std::make_unique<asio::io_context>(1);
  auto call = std::make_unique<probe_call>(*context, request, std::move(tls));
  asio::co_spawn(*context, call->run(), net::rethrow);
  context->run();
  auto outcome = call->outcome();
  if (net::resolver_cache::pending_lookups() > 0) {
    // Asio's destructor would join the resolver thread, which may block as long as its lookup takes.
    static_cast<void>(call.release());
    static_cast<void>(context.release());
  }
  return outcome;
}

}  // namespace sidecar::probe
