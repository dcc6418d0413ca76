// What an API server, or whoever sits in its place, may list as the pods of a node: the same however the bytes are cut,
// all or nothing, and what is accepted has exactly the pods that nlohmann finds in the whole documents.

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "fuzz/fuzz.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/node_pods_reader.hpp"
#include "sidecar/kube/response_reader.hpp"

namespace sidecar::fuzz {
namespace {

using document = nlohmann::ordered_json;
using health::workload_pod;
using kube::node_pods_reader;

// Small, so that small inputs reach them.
constexpr kube::response_limits small{.head = 1'024, .body = 8'192, .total = 32'768, .interim_responses = 3};
constexpr kube::node_pods_limits bounds{.pods = 4, .kept_pod = 512, .item = 4'096, .body = 16'384, .envelope = 512};
constexpr std::size_t largest_read = 4'096;
constexpr std::string_view maintenance_label = "health-sidecar/maintenance";
constexpr health::labels_read labels{maintenance_label, config::workload_label};
constexpr char between_pages = '\x1e';

/// Keeps what passes.
class recorder final : public kube::body_reader {
 public:
  explicit recorder(node_pods_reader& into) : into_(into) {}

  std::optional<kube::failure> read(std::string_view bytes) override {
    require(!bytes.empty(), "there is something to read");
    body.append(bytes);
    return into_.read(bytes);
  }

  std::string body;

 private:
  node_pods_reader& into_;
};

struct outcome {
  bool accepted = false;
  std::vector<std::string> bodies{};
  std::string version{};
  std::vector<workload_pod> pods{};
};

/// The response to one request, of which there may be too few bytes or too many; nothing if it is no usable 200.
bool read_page(std::string_view bytes, unsigned seed, recorder& into) {
  kube::response_reader reader(small, &into);
  for (auto piece : cut(bytes, seed)) {
    for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), largest_read))) {
      const auto fed = reader.feed(piece.substr(0, largest_read));
      if (!fed) {
        require(fed.error().why == health::reason::api_protocol, "what is no list breaks the protocol");
        require(is_one_printable_line(log::printable(fed.error().detail)), "its detail can be told in one line");
        return false;
      }
      if (*fed == kube::response_parser::progress::complete) {
        return !kube::unusable(reader.parser().take());
      }
    }
  }
  return false;
}

outcome read(std::string_view bytes, unsigned seed, const kube::node_scope& scope) {
  node_pods_reader reader(scope, health::requirement::containers, std::string{maintenance_label}, bounds);
  outcome made;
  for (;;) {
    const auto end = std::min(bytes.find(between_pages), bytes.size());
    recorder page(reader);
    if (!read_page(bytes.substr(0, end), seed, page)) return made;
    const auto next = reader.end_page();
    if (!next) {
      require(is_one_printable_line(log::printable(next.error().detail)), "its detail can be told in one line");
      return made;
    }
    made.bodies.push_back(std::move(page.body));
    if (next->empty()) break;
    if (end == bytes.size()) return made;
    bytes.remove_prefix(end + 1);
  }
  made.accepted = true;
  made.version = reader.version();
  made.pods = reader.take();
  return made;
}

auto key_of(const workload_pod& one) { return std::tie(one.namespace_name, one.name); }

bool is_same(const workload_pod& left, const workload_pod& right) {
  const auto is_same_container = [](const auto& one, const auto& other) {
    return one.name == other.name && one.judged == other.judged;
  };
  return key_of(left) == key_of(right) && left.workload == right.workload && left.version == right.version &&
         left.judged == right.judged && std::ranges::equal(left.containers, right.containers, is_same_container);
}

void compare(const outcome& left, const outcome& right) {
  require(left.accepted == right.accepted, "a list is accepted or not, however the bytes are cut");
  if (!left.accepted) return;
  require(left.bodies == right.bodies && left.version == right.version, "with the same text");
  require(std::ranges::equal(left.pods, right.pods, is_same), "and the same pods");
}

/// The text at a path of keys; empty if there is none.
std::string text_at(const document& root, std::initializer_list<std::string_view> path) {
  const document* here = &root;
  for (const auto key : path) {
    if (!here->is_object()) return {};
    const auto found = here->find(std::string{key});
    if (found == here->end()) return {};
    here = &*found;
  }
  return here->is_string() ? here->get<std::string>() : std::string{};
}

std::optional<workload_pod> pod_in(const document& item, const kube::node_scope& scope) {
  require(text_at(item, {"spec", "nodeName"}) == scope.node, "each pod is on the node");
  const auto space = text_at(item, {"metadata", "namespace"});
  require(!space.empty() && !text_at(item, {"metadata", "name"}).empty(), "and has a name");
  require(scope.namespace_name.empty() || space == scope.namespace_name, "in the namespace that was asked for");
  const auto workload = text_at(item, {"metadata", "labels", config::workload_label});
  if (workload.empty()) return std::nullopt;
  const auto pod = health::parse_pod_item(item.dump(), labels);
  require(pod.has_value(), "and is one by itself");
  require(pod->workload == workload, "of that workload");
  auto judged = health::judge_workload_pod(*pod, health::requirement::containers);
  require(health::kept_bytes(judged) <= bounds.kept_pod, "that takes no more memory than a pod may");
  return judged;
}

void check(const outcome& made, const kube::node_scope& scope) {
  std::vector<workload_pod> expected;
  std::size_t items = 0;
  std::size_t bytes = 0;
  for (const auto& body : made.bodies) {
    const auto page = document::parse(body, nullptr, false);
    require(page.is_object(), "a page is a JSON object");
    require(text_at(page, {"kind"}) == "PodList" && text_at(page, {"apiVersion"}) == "v1", "and a list of pods");
    require(text_at(page, {"metadata", "resourceVersion"}) == made.version, "all of one version");
    const bool is_last = &body == &made.bodies.back();
    require(text_at(page, {"metadata", "continue"}).empty() == is_last, "and no page is missing");
    require(page.contains("items") && page["items"].is_array(), "with items");
    for (const auto& item : page["items"]) {
      require(item.is_object(), "which are objects");
      if (auto one = pod_in(item, scope)) expected.push_back(std::move(*one));
    }
    items += page["items"].size();
    bytes += body.size();
  }
  require(items <= bounds.pods && bytes <= bounds.body, "no more than is read");
  std::ranges::sort(expected, {}, key_of);
  require(std::ranges::equal(made.pods, expected, is_same), "exactly the pods of the documents");
  require(std::ranges::adjacent_find(made.pods, {}, key_of) == made.pods.end(), "each of them once");
}

}  // namespace

void try_input(std::string_view input) {
  choices chosen(input);
  const unsigned seed = chosen.byte();
  const kube::node_scope scope{"node-a", seed % 2 == 0 ? "" : "demo"};
  const auto whole = read(chosen.rest(), 0, scope);
  compare(whole, read(chosen.rest(), seed, scope));
  if (whole.accepted) check(whole, scope);
}

}  // namespace sidecar::fuzz
