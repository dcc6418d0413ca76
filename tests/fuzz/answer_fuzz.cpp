// What an API server, or whoever sits in its place, may answer: the same outcome however the bytes are cut, within the
// limits, and only what speaks of our pod is a truth.

#include <optional>
#include <string>
#include <variant>

#include "fuzz/fuzz.hpp"
#include "fuzz/json_tree.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/error_text.hpp"
#include "sidecar/kube/response_parser.hpp"

namespace sidecar::fuzz {
namespace {

using kube::api_response;
using kube::response_limits;
using kube::response_parser;

// Small, so that small inputs reach them.
constexpr response_limits small{.head = 512, .body = 8'192, .total = 16'384, .interim_responses = 3};

struct outcome {
  enum class kind { unfinished, failed, complete };

  outcome::kind what = outcome::kind::unfinished;
  std::size_t used = 0;  ///< of the pieces up to the one that completed it
  api_response answer{};
  std::optional<api_response> known{};  ///< of one that did not come to its end
};

outcome read(std::string_view bytes, unsigned seed) {
  response_parser reader(small);
  outcome made;
  for (const auto piece : cut(bytes, seed)) {
    made.used += piece.size();
    const auto fed = reader.feed(piece);
    if (!fed) {
      made.what = outcome::kind::failed;
      break;
    }
    if (*fed == response_parser::progress::complete) {
      return {.what = outcome::kind::complete, .used = made.used, .answer = reader.take()};
    }
  }
  made.known = reader.take_unfinished();
  return made;
}

bool is_complete(const outcome& made) { return made.what == outcome::kind::complete; }

/// One of the two may have seen bytes after the answer, which the other never got. And what is wrong in a head that
/// has no end yet shows early or late: Beast waits for the end of one that came in pieces.
void compare(const outcome& left, const outcome& right) {
  require(is_complete(left) == is_complete(right), "the outcome is the same however the bytes are cut");
  require(left.answer.status == right.answer.status, "and so is the status");
  require(left.answer.body == right.answer.body, "and so is the body");
  require(left.answer.retry_after == right.answer.retry_after, "and so is Retry-After");
  require(left.answer.content_encoding == right.answer.content_encoding, "and so is Content-Encoding");
  if (left.used == right.used) {
    require(left.answer.reusable == right.answer.reusable, "and so is what becomes of the connection");
  }
}

/// What ends early is known by its head, which is the same however it is cut; of its body more or less may have been
/// read.
void compare_known(const outcome& left, const outcome& right) {
  require(left.known.has_value() == right.known.has_value(), "an answer that ends early is known or not");
  if (!left.known) return;
  require(left.known->status == right.known->status, "and so is its status");
  require(left.known->retry_after == right.known->retry_after, "and its Retry-After");
  require(left.known->excess.has_value() == right.known->excess.has_value(), "and whether it is too long");
}

void check_status(const std::string& body) {
  const auto status = kube::parse_status(body);
  const auto whole = read_tree(body);
  if (!status) {
    require(!whole || last_text(*whole, {"kind"}) != "Status", "a Status is read");
    return;
  }
  require(whole.has_value(), "a Status is JSON");
  require(status->reason == last_text(*whole, {"reason"}), "its reason");
  require(status->message == last_text(*whole, {"message"}), "its message");
  require(status->details_name == last_text(*whole, {"details", "name"}), "its details' name");
  require(status->details_kind == last_text(*whole, {"details", "kind"}), "its details' kind");
}

void check_truth(const health::pod_state& truth, const api_response& answer, const kube::pod_name& wanted) {
  if (std::holds_alternative<health::absent_pod>(truth)) {
    require(answer.status == 404, "only a 404 says that there is no pod");
    const auto status = kube::parse_status(answer.body);
    require(status && status->reason == "NotFound" && status->details_name == wanted.name, "and it names the pod");
    return;
  }
  const auto& pod = std::get<health::pod>(truth);
  require(answer.status == 200, "only a 200 brings a pod");
  require(pod.name == wanted.name && pod.namespace_name == wanted.namespace_name, "and it is the one asked for");
}

void check_failure(const kube::failure& failure) {
  require(health::verdict_of(failure.why).state == health::state::unknown, "a failure says nothing about the pod");
  if (failure.retry_after)
    require(failure.retry_after->count() >= 0 && failure.retry_after->count() <= 5, "Retry-After");
  require(is_one_printable_line(log::printable(failure.detail)), "its detail can be told in one line");
}

/// An error counts though it is cut; nothing that is cut says anything about the pod.
void check_known(const api_response& answer) {
  require(answer.status / 100 > 1, "a status is known");
  require(answer.status != 200 || answer.excess, "half a pod is none");
  require(!answer.reusable, "what ends early ends its connection");
  const kube::pod_name wanted{.namespace_name = "demo", .name = "game-0"};
  const auto meant = kube::classify(answer, wanted);
  if (!meant) return check_failure(meant.error());
  require(std::holds_alternative<health::absent_pod>(*meant) && answer.is_whole(), "what is cut is no truth");
  check_truth(*meant, answer, wanted);
}

void check(const api_response& answer) {
  require(answer.is_whole(), "a complete answer is whole");
  require(answer.status / 100 != 1 && answer.status <= 999, "an interim answer is not the final one");
  require(answer.body.size() <= small.body, "the body is within its limit");
  require(answer.retry_after.size() + answer.content_encoding.size() <= small.head, "the fields are within theirs");
  check_status(answer.body);
  const kube::pod_name wanted{.namespace_name = "demo", .name = "game-0"};
  const auto meant = kube::classify(answer, wanted);
  meant ? check_truth(*meant, answer, wanted) : check_failure(meant.error());
}

}  // namespace

void try_input(std::string_view input) {
  choices chosen(input);
  const unsigned seed = chosen.byte();
  const auto whole = read(chosen.rest(), 0);
  const auto in_pieces = read(chosen.rest(), seed);
  compare(whole, in_pieces);
  if (chosen.rest().size() <= small.total) compare_known(whole, in_pieces);
  if (whole.known) check_known(*whole.known);
  if (is_complete(whole)) check(whole.answer);
}

}  // namespace sidecar::fuzz
