#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "support/http_request.hpp"
#include "support/selection.hpp"

namespace sidecar::test {

/// What a request is, as far as faults and counts tell them apart.
enum class asked_for { anything, get, list, watch };

/// A request for a resource of the API, as RBAC sees it.
struct resource_request {
  std::string verb;  ///< empty for a method that is none
  std::string name_space;
  std::string resource;         ///< with the subresource: pods/log
  std::string kind;             ///< without it
  std::string name;             ///< of the path or, for lists and watches, of the field selector
  std::uint64_t not_older = 0;  ///< of a LIST: its resourceVersion, if that is a number
};

/// Nothing for a path outside the API's resources.
std::optional<resource_request> parse_resource(const http_request& request);
/// Of what the stand-in has objects of; nothing for any other request, and for a subresource.
std::optional<resource_kind> resource_of(const std::optional<resource_request>& request) noexcept;
bool is_of_nodes(const std::optional<resource_request>& request) noexcept;
/// `anything` for what is neither a GET, nor a LIST, nor a watch of these.
asked_for kind_of(const std::optional<resource_request>& request) noexcept;

/// What the query of a watch says.
struct watch_request {
  object_selection selection;
  std::optional<std::uint64_t> since;  ///< resourceVersion; nothing for none and for 0: from the pods there are
  bool bookmarks = false;              ///< allowed
  std::uint64_t seconds = 0;           ///< timeoutSeconds; 0: no limit
};

/// Which of the query's values made no sense, or nothing and the request.
struct watch_query {
  std::optional<watch_request> request;
  std::string bad_version;  ///< what it was, if it was no number
  std::string bad_request;  ///< any other mistake, in words
};

watch_query parse_watch(const http_request& request, resource_kind kind, const std::string& name_space);
}  // namespace sidecar::test
