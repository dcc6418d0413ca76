#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/http_request.hpp"
#include "support/pods.hpp"

namespace sidecar::test {

/// What selectors see of a pod, and the bytes that show it.
struct pod_state {
  std::string name_space;
  std::string name;
  std::string node;  ///< empty: not scheduled
  std::map<std::string, std::string, std::less<>> labels;
  std::shared_ptr<const std::string> body;
  std::string item;  ///< as a list shows it: without kind and apiVersion, which the list says
};

/// Where a pod is kept; `document` may be any JSON.
std::shared_ptr<const pod_state> state_of(const std::pair<std::string, std::string>& where, const pod& document,
                                          std::shared_ptr<const std::string> body);

/// Which pods a LIST or a watch is for. Empty: all.
struct pod_selection {
  /// The label is there, with that value if there is one.
  struct label {
    std::string key;
    std::optional<std::string> value;
  };

  std::string name_space;
  std::string name;
  std::string node;
  std::vector<label> labels = {};

  bool takes(const pod_state& state) const;
  bool takes(const std::shared_ptr<const pod_state>& state) const { return state && takes(*state); }
};

/// fieldSelector (metadata.name, spec.nodeName) and labelSelector of a request. A selector that the stand-in does not
/// know, or the real server does not, is a `mistake`, in words.
struct selection_query {
  pod_selection selection;
  std::string mistake;
};
selection_query parse_selection(const http_request& request, const std::string& name_space);

}  // namespace sidecar::test
