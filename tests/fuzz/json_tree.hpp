#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A JSON document as a whole, with every key and value: what the daemon's readers, which skip most of a document, are
/// compared with.
namespace sidecar::fuzz {

struct tree {
  enum class kind { null, boolean, number, text, list, object };

  tree::kind type = kind::null;
  bool truth = false;
  std::optional<std::int64_t> integer{};  ///< of a number that is one
  std::string text{};
  std::string key{};            ///< in the object it stands in; empty in a list
  std::vector<tree> members{};  ///< in the document's order, repeated keys included
};

/// Nothing for what is no JSON text, and for one that is nested deeper than the daemon reads.
std::optional<tree> read_tree(std::string_view bytes);

/// The text at a path of keys, of each the last of several; empty if there is none.
std::string last_text(const tree& root, std::initializer_list<std::string_view> path);

}  // namespace sidecar::fuzz
