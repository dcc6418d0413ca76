#include "sidecar/status/serve_status.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <string>
#include <utility>

#include "sidecar/http/connection.hpp"
#include "sidecar/http/head_buffer.hpp"
#include "sidecar/http/keep_alive.hpp"
#include "sidecar/http/request_reader.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/status/response.hpp"

namespace sidecar::status {

namespace asio = boost::asio;
using asio::ip::tcp;
using http::next_step;
using http::phase;
using http::request_reader;

namespace {

/// A client while it is served.
struct session {
  server_context& server;
  http::connection& client;
  http::head_buffer input{};
  request_reader reader{};
};

/// A complete head or its error; need_more: the client has disconnected, or sent nothing in time.
asio::awaitable<request_reader::outcome> read_head(session& current) {
  auto read = current.reader.feed(current.input.data());
  const auto& bounds = current.server.bounds;
  if (read.status == request_reader::status::need_more) {
    const bool is_idle = current.client.answers() > 0 && current.input.empty();
    current.client.enter(is_idle ? phase::idle : phase::reading_head, is_idle ? bounds.idle : bounds.head);
  }
  while (read.status == request_reader::status::need_more) {
    const auto room = current.input.room();
    const auto [failed, count] = co_await current.client.stream().read_some(room);
    if (failed) co_return request_reader::outcome{};
    if (current.client.doing() == phase::idle) current.client.enter(phase::reading_head, bounds.head);
    current.input.commit(count);
    read = current.reader.feed(current.input.data());
  }
  co_return read;
}

struct reply {
  std::string bytes;
  next_step next;
};

reply answer(session& current, const request_reader::outcome& read) {
  const auto& query = read.request;
  const bool with_body = query.method != http::method::head;
  if (read.status == request_reader::status::refused) {
    const response made{.status = static_cast<unsigned>(read.refusal), .body = "not accepted: see the status\n"};
    return {render(made, http::connection_header::close, with_body), next_step::linger};
  }
  current.client.count_answer();
  const bool may_stay =
      current.client.answers() < current.server.bounds.requests && !current.server.connections.is_full();
  const auto [header, next] =
      http::decide_keep_alive(query, {.may_stay = may_stay, .more_input = current.input.data().size() > read.consumed});
  reply made{render(current.server.responses.respond(query), header, with_body), next};
  current.input.consume(read.consumed);
  return made;
}

asio::awaitable<next_step> answer_next(session& current) {
  const auto read = co_await read_head(current);
  const bool is_http =
      read.status == request_reader::status::complete || read.status == request_reader::status::refused;
  if (!is_http || read.request.is_http_0_9()) co_return next_step::close;
  current.client.enter(phase::writing, current.server.bounds.write);
  const auto made = answer(current, read);
  const auto failed = co_await current.client.stream().write(asio::buffer(made.bytes));
  if (failed) co_return next_step::close;
  // An answer takes far longer to make than one of the health port, whose clients come first.
  co_await net::yield();
  co_return made.next;
}

}  // namespace

asio::awaitable<void> serve_status(tcp::socket accepted, tcp::endpoint client, std::shared_ptr<server_context> server) {
  http::connection one(std::move(accepted), client, server->connections);
  one.enter(phase::awaiting_first_byte, server->bounds.head);
  session current{*server, one};
  auto next = next_step::proceed;
  while (next == next_step::proceed) next = co_await answer_next(current);
  one.enter(phase::lingering, server->bounds.linger);
  if (next == next_step::linger) co_return co_await one.stream().finish(server->bounds.linger_bytes);
  co_await one.stream().end_output();
}

}  // namespace sidecar::status
