#include "sidecar/http/session.hpp"

#include <boost/asio/buffer.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/http/proxy_header.hpp"
#include "sidecar/http/request_line.hpp"
#include "sidecar/http/tls_record.hpp"
#include "sidecar/net/handshake_failure.hpp"

namespace sidecar::http {

namespace asio = boost::asio;

asio::awaitable<boost::system::error_code> session::receive() {
  const auto room = input.room();
  const auto [failed, count] = co_await stream().read_some(room);
  input.commit(count);
  arrived = std::chrono::steady_clock::now();
  co_return failed;
}

next_step session::end_silently() {
  warn(std::string{explain_silence(input.data())});
  return next_step::linger;
}

namespace {

void note_proxy_header(session& current, std::string_view header) {
  if (!current.visit.is_recorded() && !log::enabled(log::level::debug)) return;
  const auto source = proxied_source(header);
  current.visit.note_proxy_source(source);
  log::debug("a connection came with a PROXY header", {{"source", source}});
}

asio::awaitable<next_step> skip_proxy_header(session& current) {
  auto header = read_proxy_header(current.input.data());
  while (header.what == proxy_header::kind::need_more) {
    const auto failed = co_await current.receive();
    if (failed) co_return next_step::close;
    current.client.continue_as(phase::reading_head);
    header = read_proxy_header(current.input.data());
  }
  if (header.what == proxy_header::kind::malformed) co_return current.end_silently();
  if (header.what == proxy_header::kind::absent) co_return next_step::proceed;
  note_proxy_header(current, current.input.data().substr(0, header.size));
  current.input.consume(header.size);
  co_return next_step::proceed;
}

asio::awaitable<next_step> begin_tls(session& current) {
  while (current.input.empty() ||
         (looks_like_tls(current.input.data()) && !has_first_tls_record(current.input.data()))) {
    const auto failed = co_await current.receive();
    if (failed) co_return next_step::close;
    current.client.continue_as(phase::reading_head);
  }
  current.plain_on_tls_port = !looks_like_tls(current.input.data());
  if (current.plain_on_tls_port) co_return next_step::proceed;

  handshake_queue::place place(current.server.handshakes, current.client);
  const bool admitted = co_await place.wait_for_admission();
  if (!admitted) co_return next_step::close;
  current.client.continue_as(phase::handshaking);
  const auto received = current.input.data();
  const asio::const_buffer first_flight(received.data(), received.size());
  auto context = current.server.tls();
  const auto failed = co_await current.stream().handshake(std::move(context), first_flight);
  current.input.consume(received.size());  // not earlier: the handshake reads it there
  current.client.continue_as(phase::awaiting_first_byte);
  if (!failed) {
    current.visit.note_tls();
    co_return next_step::proceed;
  }
  ++current.server.traffic.handshake_failures;
  if (!current.stream().is_open()) co_return next_step::close;  // evicted, or out of time
  const auto why = net::describe_handshake_failure(failed, net::verification_failure(current.stream().native_tls()));
  current.stream().drop_tls();
  if (why.empty()) co_return next_step::close;
  current.warn(why);
  co_return next_step::linger;  // so that the alert arrives
}

}  // namespace

asio::awaitable<next_step> begin_session(session& current) {
  auto next = co_await skip_proxy_header(current);
  if (next == next_step::proceed && current.server.tls) next = co_await begin_tls(current);
  co_return next;
}

}  // namespace sidecar::http
