// What an API server, or whoever sits in its place, may say to a watch: the same events however the bytes are cut, each
// what a reading of its line as a tree finds, and only what speaks of our pod changes what is remembered.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "fuzz/json_tree.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/resource_version.hpp"
#include "sidecar/kube/watch_event.hpp"
#include "sidecar/kube/watch_line_reader.hpp"
#include "sidecar/watch/known_object.hpp"

namespace sidecar::fuzz {
namespace {

using kube::watch_event;
using kube::watch_line_reader;
using type = watch_event::type;

// Small, so that small inputs reach them.
constexpr kube::response_limits small{.head = 512, .body = 8'192, .total = 16'384, .interim_responses = 3};
constexpr std::size_t largest_read = 4'096;
const kube::pod_name wanted{.namespace_name = "demo", .name = "game-0"};

struct outcome {
  enum class kind { unfinished, failed, complete };

  outcome::kind what = outcome::kind::unfinished;
  bool accepted = false;
  std::vector<std::string> lines{};
  unsigned status = 0;
  std::string refusal{};
};

void take_lines(watch_line_reader& reader, outcome& into) {
  while (const auto line = reader.next_line()) {
    require(!line->empty() && line->find('\n') == line->npos, "a line is one, and not empty");
    require(line->size() <= small.body, "and no longer than the limit");
    into.lines.emplace_back(*line);
  }
}

/// Cut once more where a piece is more than a socket gives at once.
outcome read(std::string_view bytes, unsigned seed) {
  watch_line_reader reader(small);
  outcome made;
  for (auto piece : cut(bytes, seed)) {
    for (; !piece.empty() && made.what == outcome::kind::unfinished;
         piece.remove_prefix(std::min(piece.size(), largest_read))) {
      const auto fed = reader.feed(piece.substr(0, largest_read));
      take_lines(reader, made);
      if (!fed) made.what = outcome::kind::failed;
      if (fed && *fed == watch_line_reader::progress::complete) made.what = outcome::kind::complete;
    }
  }
  made.accepted = reader.is_accepted();
  if (made.what != outcome::kind::complete) {
    const auto refusal = reader.take_unfinished();
    require(!refusal || (!made.accepted && refusal->status != 200), "a watch that breaks off is no refusal");
  }
  if (made.what == outcome::kind::complete && !made.accepted) {
    auto answer = reader.take();
    made.status = answer.status;
    made.refusal = std::move(answer.body);
  }
  return made;
}

/// What is wrong in a head or in a chunk's size that has no end yet shows early or late: Beast waits for the end of one
/// that came in pieces.
void compare(const outcome& left, const outcome& right) {
  require(left.lines == right.lines, "the lines are the same however the bytes are cut");
  const bool is_complete = left.what == outcome::kind::complete;
  require(is_complete == (right.what == outcome::kind::complete), "and so is the outcome");
  if (!is_complete) return;
  require(left.accepted == right.accepted, "and so is whether it is a watch");
  require(left.status == right.status && left.refusal == right.refusal, "and so is a refusal");
}

std::size_t occurrences(const tree& object, std::string_view key) {
  if (object.type != tree::kind::object) return 0;
  return static_cast<std::size_t>(std::ranges::count(object.members, key, &tree::key));
}

bool has_repeats(const tree& line) {
  if (occurrences(line, "type") > 1 || occurrences(line, "object") > 1) return true;
  if (occurrences(line, "object") == 0) return false;
  const auto& object = *std::ranges::find(line.members, "object", &tree::key);
  for (const auto* key : {"kind", "metadata", "reason", "message"})
    if (occurrences(object, key) > 1) return true;
  if (occurrences(object, "metadata") == 0) return false;
  return occurrences(*std::ranges::find(object.members, "metadata", &tree::key), "resourceVersion") > 1;
}

type type_in(const tree& line) {
  const auto name = last_text(line, {"type"});
  if (name == "ADDED" || name == "MODIFIED") return type::changed;
  if (name == "DELETED") return type::deleted;
  if (name == "BOOKMARK") return type::bookmark;
  return name == "ERROR" ? type::error : type::unknown;
}

bool is_our_pod(const tree& line) {
  return last_text(line, {"object", "kind"}) == "Pod" &&
         last_text(line, {"object", "metadata", "name"}) == wanted.name &&
         last_text(line, {"object", "metadata", "namespace"}) == wanted.namespace_name;
}

void check_event(const watch_event& event, const tree& line) {
  require(!has_repeats(line), "a key that matters is there once");
  require(event.what == type_in(line), "the type");
  if (event.what == type::changed || event.what == type::deleted) {
    require(is_our_pod(line), "only our pod changes what is remembered");
  }
  if (event.what == type::unknown || event.what == type::error) {
    require(event.resource_version.empty(), "what means nothing moves nothing");
  } else {
    require(event.resource_version == last_text(line, {"object", "metadata", "resourceVersion"}), "the version");
  }
  const auto why = last_text(line, {"object", "reason"});
  const bool is_expired = event.what == type::error && last_text(line, {"object", "kind"}) == "Status" &&
                          (why == "Expired" || why == "Gone");
  require(event.is_expired == is_expired, "expired");
  require(is_one_printable_line(log::printable(event.detail)), "its detail can be told in one line");
}

/// The pod of a change is the one that stands in the line by itself: its text ends where the document does.
void check_subject(const watch_event& event, std::string_view line) {
  const auto tree = health::read_pod_tree(line);
  require(tree.has_value(), "a change is JSON");
  const auto alone = health::read_pod((*tree)["object"], health::kind_rule::required);
  require(alone.has_value(), "the pod of a change is one");
  require(alone->name == event.subject.name && alone->uid == event.subject.uid, "and the same");
  require(alone->statuses.size() == event.subject.statuses.size(), "with the same statuses");
}

void check_failure(const kube::failure& failure, const std::optional<tree>& line) {
  require(failure.why == health::reason::api_protocol, "what is no event breaks the protocol");
  require(is_one_printable_line(log::printable(failure.detail)), "its detail can be told in one line");
  if (!line || has_repeats(*line) || last_text(*line, {"type"}).empty()) return;
  const auto what = type_in(*line);
  require(what != type::unknown && what != type::error, "these need nothing but their type");
  if (what != type::bookmark) return;
  require(last_text(*line, {"object", "kind"}) != "Pod" ||
              last_text(*line, {"object", "metadata", "resourceVersion"}).empty(),
          "a bookmark that marks something is read");
}

/// Whatever is delivered, what is known never goes back, and nothing but a LIST confirms it.
void check_known(const std::vector<watch_event>& events) {
  const time_point began{};
  health::pod first{};
  first.resource_version = "1000";
  watch::known_pod known;
  known.list({first, began});
  for (const auto& event : events) {
    if (event.what == type::bookmark) continue;
    const auto last = known.snapshot().state;
    const auto order = known.deliver(kube::state_after(event), began + std::chrono::seconds{1});
    require(known.confirmed() == began, "an event does not make it fresher");
    if (order != kube::version_order::newer) continue;
    require(kube::compare_states(known.snapshot().state, last) == kube::version_order::newer,
            "what is known never goes back");
  }
}

void check(const std::vector<std::string>& lines) {
  std::vector<watch_event> events;
  for (const auto& line : lines) {
    const auto whole = read_tree(line);
    const auto read = kube::read_watch_event(line, wanted);
    if (!read) {
      check_failure(read.error(), whole);
      continue;
    }
    const auto& event = *read;
    require(whole.has_value(), "an event is JSON");
    check_event(event, *whole);
    if (event.what == type::changed) check_subject(event, line);
    if (event.what != type::error && event.what != type::unknown) events.push_back(event);
  }
  check_known(events);
}

}  // namespace

void try_input(std::string_view input) {
  choices chosen(input);
  const unsigned seed = chosen.byte();
  const auto whole = read(chosen.rest(), 0);
  compare(whole, read(chosen.rest(), seed));
  require(whole.accepted || whole.lines.empty(), "a refusal has no events");
  check(whole.lines);
}

}  // namespace sidecar::fuzz
