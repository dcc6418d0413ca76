#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/documents.hpp"
#include "support/http_request.hpp"
#include "support/resource_kind.hpp"

namespace sidecar::test {

/// What selectors see of an object, and the bytes that show it.
struct object_state {
  resource_kind kind = resource_kind::pods;
  std::string name_space;
  std::string name;
  std::string node;  ///< of a pod; empty: not scheduled
  std::map<std::string, std::string, std::less<>> labels;
  std::shared_ptr<const std::string> body;
  std::string item;  ///< as a list shows it: without kind and apiVersion, which the list says
};

/// `where` is where it is kept; `document` may be any JSON.
std::shared_ptr<const object_state> state_of(resource_kind kind, const std::pair<std::string, std::string>& where,
                                             const document_json& document, std::shared_ptr<const std::string> body);

/// Which objects a LIST or a watch is for. Empty: all of that kind.
struct object_selection {
  /// The label is there, with that value if there is one.
  struct label {
    std::string key;
    std::optional<std::string> value;
  };

  resource_kind kind = resource_kind::pods;
  std::string name_space = {};
  std::string name = {};
  std::string node = {};
  std::vector<label> labels = {};

  bool takes(const object_state& state) const;
  bool takes(const std::shared_ptr<const object_state>& state) const { return state && takes(*state); }
};

/// fieldSelector (metadata.name, of pods spec.nodeName) and labelSelector of a request. A selector that the stand-in
/// does not know, or the real server does not, is a `mistake`, in words.
struct selection_query {
  object_selection selection;
  std::string mistake;
};
selection_query parse_selection(const http_request& request, resource_kind kind, const std::string& name_space);

}  // namespace sidecar::test
