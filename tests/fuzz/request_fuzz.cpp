// Request heads: the same decision however the bytes are cut, as soon as it can be made, and within the limit.

#include <algorithm>
#include <string>

#include "fuzz/first_line.hpp"
#include "fuzz/fuzz.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/request_reader.hpp"
#include "sidecar/http/route.hpp"

namespace sidecar::fuzz {
namespace {

using http::request_reader;
using status = request_reader::status;

/// What a session does: shows the reader all that is there, each time more has come, and never more than a head may
/// have.
request_reader::outcome read(std::string_view bytes, unsigned seed) {
  request_reader reader;
  request_reader::outcome made;
  std::size_t shown = 0;
  for (const auto piece : cut(bytes.substr(0, http::head_bytes), seed)) {
    shown += piece.size();
    made = reader.feed(bytes.substr(0, shown));
    if (made.status != status::need_more) break;
  }
  return made;
}

void compare(const request_reader::outcome& left, const request_reader::outcome& right) {
  require(left.status == right.status, "the decision is the same however the bytes are cut");
  require(left.consumed == right.consumed, "and so is the head's size");
  require(left.status != status::refused || left.refusal == right.refusal, "and so is the refusal");
  const auto& one = left.request;
  const auto& other = right.request;
  require(one.method == other.method && one.target == other.target, "and so is what is asked");
  require(one.version == other.version, "and so is the version");
  require(one.keep_alive == other.keep_alive && one.has_body == other.has_body, "and so is what follows");
  require(one.host == other.host && one.user_agent == other.user_agent, "and by which names");
}

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_route(const http::request& asked) {
  for (const auto mode : {config::run_mode::sidecar, config::run_mode::node}) {
    const auto wanted = http::route_of(asked.method, asked.target, mode);
    const bool is_node = mode == config::run_mode::node;
    require(wanted.named.find_first_of(is_node ? "?#" : "/?#") == std::string_view::npos, "segments of the path");
    require(std::ranges::count(wanted.named, '/') <= (is_node ? 2 : 0), "as many as it can have");
    require(wanted.named.empty() || wanted.route == http::route::health, "whose health is asked");
    const bool serves = wanted.route == http::route::health || wanted.route == http::route::livez;
    require(!serves || asked.method != http::method::other, "an unknown method gets nothing");
  }
}

void check_complete(const request_reader::outcome& made, std::string_view bytes) {
  require(made.consumed > 0 && made.consumed <= bytes.size(), "a head has a size");
  const auto head = bytes.substr(0, made.consumed);
  require(lies_within(made.request.target, head), "the target lies in the head");
  require(lies_within(made.request.host, head), "and so does the host");
  require(lies_within(made.request.user_agent, head), "and the user agent, which a client may fold");
  if (made.request.is_http_0_9()) {
    require(head.find('\n') == head.size() - 1, "a line without a version is one line");
    require(!made.request.keep_alive && !made.request.has_body, "and is all there is");
  } else {
    require(head.find("\r\n\r\n") == head.size() - 4, "a head ends with the first empty line");
    require(head.find('\0') == head.npos, "and has no NUL");
    require(!made.request.has_body || made.request.method == http::method::other, "a check has no body");
  }
  check_route(made.request);
}

/// Whoever sends no HTTP request gets no byte, and whoever sends one is not left without an answer.
void check_silence(const request_reader::outcome& made, std::string_view bytes) {
  const auto owed = due_to(bytes, http::head_bytes);
  if (made.status == status::not_http) require(owed == due::nothing, "only what is no HTTP request gets no byte");
  if (made.status == status::refused) require(owed == due::answer, "a refusal is for HTTP alone");
  if (made.status != status::complete) return;
  require(owed == (made.request.is_http_0_9() ? due::bare_body : due::answer), "and so is an answer");
}

}  // namespace

void try_input(std::string_view input) {
  choices chosen(input);
  const unsigned seed = chosen.byte();
  const auto bytes = chosen.rest();
  const auto whole = read(bytes, 0);
  compare(whole, read(bytes, seed));
  require(whole.status != status::need_more || bytes.size() < http::head_bytes, "no head is longer than its limit");
  check_silence(whole, bytes);
  if (whole.status == status::complete) check_complete(whole, bytes);
}

}  // namespace sidecar::fuzz
