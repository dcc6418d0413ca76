#include "sidecar/http/serve_connection.hpp"

#include <boost/asio/error.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/http/keep_alive.hpp"
#include "sidecar/http/request_reader.hpp"
#include "sidecar/http/route.hpp"
#include "sidecar/http/session.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

/// The maximum number of pipelined requests that are answered before other connections have their turn. A head buffer
/// has room for over 200.
constexpr int max_answers_in_a_row = 8;

/// Sets the phase and the deadline of the next read.
void await_input(session& current) {
  auto& client = current.client;
  const auto& bounds = current.server.bounds;
  if (client.answers() > 0 && current.input.empty()) {
    // A read may have brought no byte of a request: TLS has messages of its own. The deadline stays as it was.
    if (client.doing() != phase::idle) client.enter(phase::idle, bounds.idle);
  } else if (client.doing() == phase::awaiting_first_byte) {
    // The first request has been under its deadline since the accept.
    if (!current.input.empty()) client.continue_as(phase::reading_head);
  } else if (client.doing() != phase::reading_head) {
    client.enter(phase::reading_head, bounds.head);
  }
}

/// For a client whose deadline has passed; need_more: it has sent no request.
request_reader::outcome judge_late(const session& current) {
  using status = request_reader::status;
  if (current.input.empty()) return {};
  if (!current.reader.has_request_line()) return {.status = status::not_http};
  // The head has not been parsed; as to a GET, the answer has a body.
  return {.status = status::refused, .refusal = refusal::request_timeout, .request = {.method = method::get}};
}

/// A complete head or its error; need_more: the client has disconnected without a request.
asio::awaitable<request_reader::outcome> read_head(session& current) {
  auto read = current.reader.feed(current.input.data());
  while (read.status == request_reader::status::need_more) {
    await_input(current);
    const auto failed = co_await current.receive();
    if (failed == asio::error::timed_out) co_return judge_late(current);
    if (failed) co_return request_reader::outcome{};
    current.answers_in_a_row = 0;  // the others had their turn
    read = current.reader.feed(current.input.data());
  }
  co_return read;
}

/// Counts the answer to `answered`, and decides what follows it.
keep_alive_decision keep_alive_after(session& current, const request_reader::outcome& answered) {
  const auto& server = current.server;
  current.client.count_answer();
  const bool may_stay = current.client.answers() < server.bounds.requests && !server.endpoint.is_draining() &&
                        !server.connections.is_full();  // at capacity another client may need the place
  return decide_keep_alive(answered.request, {.may_stay = may_stay,
                                              .is_tls = current.stream().is_tls(),
                                              .more_input = current.input.data().size() > answered.consumed});
}

/// An error answer. An HTTP/0.9 client gets no byte: it may count any byte as up.
void render(session& current, refusal why, connection_header header, const request& refused) {
  auto& output = current.output;
  if (refused.is_http_0_9()) return output.clear();
  output = current.server.answers.render(why, header, refused.method != method::head, std::move(output));
}

/// The answer to a malformed request, or one for another port. The start of the next request is unknown, so it closes.
next_step refuse(session& current, refusal why, const request& refused) {
  current.visit.count(refused, why, current.arrived);
  render(current, why, connection_header::close, refused);
  return next_step::linger;
}

next_step answer_without_query(session& current, route wanted, const request_reader::outcome& read) {
  const auto& query = read.request;
  if (current.plain_on_tls_port && wanted != route::livez) {
    current.warn(
        "a client speaks plain HTTP to the health port, which requires TLS (TLS_CERT); only /livez is answered in "
        "plain HTTP; configure its check with TLS");
    return refuse(current, refusal::tls_required, query);
  }
  const auto [header, next] = keep_alive_after(current, read);
  if (wanted == route::livez) {
    current.visit.count_livez(query, current.arrived);
    auto& output = current.output;
    output = current.server.answers.render_alive(header, query.method != method::head, std::move(output));
    if (query.is_http_0_9()) output.clear();
  } else {
    const auto why = wanted == route::not_found ? refusal::not_found : refusal::method_not_allowed;
    current.visit.count(query, why, current.arrived);
    render(current, why, header, query);
  }
  return next;
}

next_step answer_health(session& current, const health::answer& answer, const request_reader::outcome& read) {
  const auto& query = read.request;
  current.visit.count(query, answer, current.arrived);
  auto& output = current.output;
  const auto [header, next] = keep_alive_after(current, read);
  if (query.is_http_0_9()) {
    const bool healthy = answer.verdict.state == health::state::healthy;
    output = healthy ? responses::healthy_body : "";
  } else {
    output = current.server.answers.render(answer, header, query.method != method::head, std::move(output));
  }
  return next;
}

/// The kubelet opens a connection for each probe. In node mode the agent's own readiness probe may be /nodez.
void warn_of_kubelet(session& current) {
  if (current.client.answers() > 0 || current.server.mode == config::run_mode::node) return;
  current.server.warnings.add_once(
      "a kubelet probe uses a health path: a liveness probe there restarts the container when the pod is not ready, a "
      "readiness probe of a target container keeps the pod unready forever; point the probe at /livez",
      current.client.client());
}

/// Answers the request that was read. Its texts are views of the input, which stays as it is until the answer is made.
asio::awaitable<next_step> answer_request(session& current, const request_reader::outcome& read) {
  // The request is complete, so its deadline no longer applies.
  current.client.enter(phase::answering);
  const auto& query = read.request;
  auto wanted = route_of(query.method, query.target, current.server.mode);
  // A client without a version, such as a probe that sends fixed bytes, is not asking about one of many workloads.
  if (current.server.mode == config::run_mode::node && query.is_http_0_9()) wanted.named = {};
  if (wanted.route != route::health || current.plain_on_tls_port) {
    co_return answer_without_query(current, wanted.route, read);
  }
  auto& endpoint = current.server.endpoint;
  if (is_kubelet(query.user_agent)) warn_of_kubelet(current);
  auto answer = endpoint.answer_now(wanted.named);
  if (!answer) answer = co_await endpoint.answer(std::string{wanted.named});
  co_return answer_health(current, *answer, read);
}

/// Usually one system call. False if the client has disconnected or does not read in time.
asio::awaitable<bool> send(session& current, std::string_view bytes, next_step next) {
  using enum net::server_stream::following;
  bytes.remove_prefix(current.stream().write_now({bytes.data(), bytes.size()}, next == next_step::close ? end : more));
  if (bytes.empty()) co_return true;
  current.client.enter(phase::writing, current.server.bounds.write);
  const auto failed = co_await current.stream().write({bytes.data(), bytes.size()});
  if (failed) co_return false;
  current.client.enter(phase::answering);
  co_return true;
}

asio::awaitable<next_step> answer_next(session& current) {
  const auto read = co_await read_head(current);
  auto next = next_step::close;
  switch (read.status) {
    case request_reader::status::need_more:
      co_return next_step::close;
    case request_reader::status::not_http:
      co_return current.end_silently();
    case request_reader::status::refused:
      next = refuse(current, read.refusal, read.request);
      break;
    case request_reader::status::complete:
      next = co_await answer_request(current, read);
      current.input.consume(read.consumed);
      break;
  }
  const bool sent = co_await send(current, current.output, next);
  if (!sent) co_return next_step::close;
  if (next == next_step::proceed && ++current.answers_in_a_row == max_answers_in_a_row) {
    current.answers_in_a_row = 0;
    co_await net::yield();
  }
  co_return next;
}

/// Ends the output (TLS too), with a lingering close if needed; then the socket can be closed.
asio::awaitable<void> end(session& current, next_step how) {
  const bool waits = how == next_step::linger || current.stream().is_tls();
  if (waits) current.client.enter(phase::lingering, current.server.bounds.linger);
  current.visit.end(steady_clock::now());
  if (how == next_step::linger) co_return co_await current.stream().finish(current.server.bounds.linger_bytes);
  co_await current.stream().end_output();
}

}  // namespace

asio::awaitable<void> serve_connection(tcp::socket accepted, tcp::endpoint client,
                                       std::shared_ptr<server_context> server) {
  connection one(std::move(accepted), client, server->connections);
  one.enter(phase::awaiting_first_byte, server->bounds.head);
  session current{*server, one};
  auto next = co_await begin_session(current);
  while (next == next_step::proceed) next = co_await answer_next(current);
  co_await end(current, next);
}

}  // namespace sidecar::http
