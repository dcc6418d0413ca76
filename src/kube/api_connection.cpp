#include "sidecar/kube/api_connection.hpp"

#include <array>
#include <boost/asio/buffer.hpp>

#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/classify.hpp"

namespace sidecar::kube {

namespace asio = boost::asio;
using health::reason;

namespace {

constexpr unsigned unauthorized = 401;

api_connection::exchange responded(api_response response) {
  const auto outcome = response.status == unauthorized ? attempt_outcome::unauthorized : attempt_outcome::responded;
  return {.outcome = outcome, .response = std::move(response)};
}

/// The incomplete response, if its status is meaningful (is_known_by_status), else `otherwise`; an incomplete 404 is a
/// timeout.
api_connection::exchange unfinished(response_parser& parser, const net::deadline& limit,
                                    api_connection::exchange otherwise) {
  auto response = parser.take_unfinished();
  if (!response) return otherwise;
  if (limit.has_passed() && !response->excess && !is_known_by_status(*response)) return otherwise;
  return responded(std::move(*response));
}

}  // namespace

bool api_connection::is_usable(unsigned ca_generation, time_point now) {
  // A connection that was verified against the old bundle must not outlive it.
  if (is_spent() || is_outdated(ca_generation)) return false;
  const bool is_old = now - last_used_ >= settings_.max_idle || now - opened_ >= settings_.max_life;
  if (is_old && !is_new()) return false;
  // Session tickets follow the handshake (RFC 8446, 4.6.1), and are read with the first response.
  return (is_new() && made_.stream->is_tls()) || made_.stream->is_quiet();
}

asio::awaitable<api_connection::exchange> api_connection::round_trip(const std::string& request,
                                                                     const net::deadline& limit, call_phase& where,
                                                                     body_reader* into) {
  where = call_phase::request;
  last_used_ = boottime_clock::now();
  const auto before = std::exchange(state_, state::spent);  // until the response has been read to its end
  const net::deadline::guard expire(limit, [one = made_.stream.get()] { one->expire(); });
  // A failed write is not final: the server may have responded and closed before it read the whole request.
  const auto unwritten = co_await made_.stream->write(asio::buffer(request));
  where = call_phase::response_head;
  auto came = co_await read_response(limit, before, where, into);
  if (!unwritten && came.response && came.response->reusable) state_ = state::kept;
  co_return came;
}

asio::awaitable<api_connection::exchange> api_connection::read_response(const net::deadline& limit, state before,
                                                                        call_phase& where, body_reader* into) {
  response_reader reader(settings_.limits, into);
  auto& parser = reader.parser();
  std::array<char, 16384> buffer;  // the size of a TLS record
  std::optional<net::deadline> explanation;
  std::optional<net::deadline::guard> on_explanation;
  for (bool is_first = true;; is_first = false) {
    auto [failed, count] = co_await made_.stream->read_some(asio::buffer(buffer));
    if (failed) {
      if (limit.has_passed()) co_return unfinished(parser, limit, {attempt_outcome::failed});
      const bool is_stale = is_first && before == state::kept;
      exchange broke{is_stale ? attempt_outcome::broke_unanswered : attempt_outcome::failed};
      broke.problem = {reason::api_unreachable,
                       (is_first ? "before the response: " : "in the middle of the response: ") + failed.message()};
      co_return unfinished(parser, limit, std::move(broke));
    }
    where = call_phase::response_body;
    const auto progress = reader.feed({buffer.data(), count});
    if (!progress) {
      exchange refused{attempt_outcome::failed};
      refused.problem = progress.error();
      co_return unfinished(parser, limit, std::move(refused));
    }
    if (*progress == response_parser::progress::complete) co_return responded(parser.take());
    if (!explanation && is_known_by_status(parser.so_far())) {
      explanation.emplace(made_.stream->executor(), settings_.limits.explanation);
      on_explanation.emplace(*explanation, [one = made_.stream.get()] { one->expire(); });
    }
  }
}

}  // namespace sidecar::kube
