#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "support/answers.hpp"
#include "support/http_request.hpp"
#include "support/selection.hpp"

namespace sidecar::test {

/// The order of etcd's keys, `<namespace>/<name>`: demo-2 is before demo.
struct key_order {
  using key = std::pair<std::string, std::string>;
  bool operator()(const key& left, const key& right) const;
};

/// All objects at one version.
using object_states = std::map<key_order::key, std::shared_ptr<const object_state>, key_order>;

/// What the query of a LIST says.
struct list_request {
  object_selection selection;
  std::uint64_t not_older = 0;  ///< resourceVersion, the least that the response may show; 0 for none and for 0
  std::size_t limit = 0;
  std::string continued = {};  ///< the value of `continue`
};

/// The request, or what the server says to a query that makes no sense.
struct list_query {
  std::optional<list_request> request;
  std::optional<answer> refusal;
};
list_query parse_list(const http_request& request, resource_kind kind, const std::string& name_space);

/// PodLists and NodeLists, whole and in pages. The later pages show the version of the first, as the real server's do.
class object_lists {
 public:
  /// Never more than so many items in one response, whatever the request says (0: all). The real server does that
  /// where a proxy or a later version of it chooses to; see `metadata.continue`.
  void page_size(std::size_t items) noexcept { page_size_ = items; }
  /// Every `continue` that has been given out is too old from now on.
  void forget() noexcept { pages_.clear(); }

  answer respond(const list_request& wanted, const object_states& now, std::uint64_t version);

 private:
  struct page {
    std::uint64_t version = 0;
    std::shared_ptr<const object_states> objects;
  };

  answer show(const list_request& wanted, const page& shown, const key_order::key& from);

  std::size_t page_size_ = 0;
  std::deque<page> pages_;  ///< those of which a `continue` has been given out
};

}  // namespace sidecar::test
