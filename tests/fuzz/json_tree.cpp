#include "fuzz/json_tree.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "sidecar/base/json.hpp"

namespace sidecar::fuzz {
namespace {

class tree_builder {
 public:
  explicit tree_builder(tree& root) : root_(root) {}

  bool null() { return add({}) != nullptr; }
  bool boolean(bool value) { return add({.type = tree::kind::boolean, .truth = value}) != nullptr; }
  bool number_integer(std::int64_t value) { return number(value); }
  bool number_unsigned(std::uint64_t value) {
    if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return number({});
    return number(static_cast<std::int64_t>(value));
  }
  bool number_float(nlohmann::json::number_float_t, const std::string&) { return number({}); }
  bool string(std::string& value) { return add({.type = tree::kind::text, .text = value}) != nullptr; }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool key(std::string& name) {
    key_ = name;
    return true;
  }
  bool start_object(std::size_t) { return open(tree::kind::object); }
  bool start_array(std::size_t) { return open(tree::kind::list); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

 private:
  bool number(std::optional<std::int64_t> integer) {
    return add({.type = tree::kind::number, .integer = integer}) != nullptr;
  }

  // A pointer to what is open stays good: only what is open innermost gets members.
  tree* add(tree value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    value.key = std::exchange(key_, {});
    return &open_.back()->members.emplace_back(std::move(value));
  }

  bool open(tree::kind type) {
    open_.push_back(add({.type = type}));
    return open_.size() <= json::max_depth;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  tree& root_;
  std::vector<tree*> open_;
  std::string key_;
};

}  // namespace

std::optional<tree> read_tree(std::string_view bytes) {
  // nlohmann takes a NUL for the end of its input; no JSON text has one (RFC 8259).
  if (bytes.empty() || bytes.find('\0') != bytes.npos) return std::nullopt;
  tree root;
  tree_builder builder(root);
  if (!nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &builder)) return std::nullopt;
  return root;
}

std::string last_text(const tree& root, std::initializer_list<std::string_view> path) {
  const tree* here = &root;
  for (const auto key : path) {
    const auto last =
        std::find_if(here->members.rbegin(), here->members.rend(), [key](const tree& one) { return one.key == key; });
    if (here->type != tree::kind::object || last == here->members.rend()) return {};
    here = &*last;
  }
  return here->type == tree::kind::text ? here->text : std::string{};
}

}  // namespace sidecar::fuzz
