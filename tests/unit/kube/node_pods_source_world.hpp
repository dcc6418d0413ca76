#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "sidecar/kube/node_pods_source.hpp"
#include "unit/kube/api_client_world.hpp"
#include "unit/kube/node_list_text.hpp"

namespace sidecar::kube {

/// A list of our own pod, which is absent: the cluster is at that version.
inline std::string bound_text(const std::string& version) { return node_list_text("", version); }

/// The node source of node-a, and a server that responds what a test scripts.
struct node_world : client_world {
  explicit node_world(const test::api_server::options& options = {}) : client_world(options) {
    settings.node = {.node = "node-a"};
    settings.pod = {"demo", "agent-0"};
  }

  /// The next responses, in order: whole ones, or bodies of a 200.
  void script(std::initializer_list<std::string> responses) {
    for (const auto& one : responses) {
      server.inject(test::times(1, test::raw_answer(one.starts_with("HTTP/") ? one : response_with(one))));
    }
  }

  using result = outcome<node_pods>;

  std::shared_ptr<test::started<result>> begin() {
    if (!source) source = create_node_pods_source(context.get_executor(), settings, require, credentials);
    return test::start(context, source->list_pods());
  }

  result list() { return finish(begin()); }

  /// The pods' names and the version: "web-0 web-1 @243"; or the failure: "ApiBusy: HTTP 429".
  static std::string text_of(const result& found) {
    if (!found) return std::string{health::name(found.error().why)} + ": " + found.error().detail;
    std::string text;
    for (const auto& one : found->pods) text += one.name + ' ';
    return text + '@' + found->version;
  }

  std::string list_text() { return text_of(list()); }

  std::vector<std::string> targets() const {
    std::vector<std::string> all;
    for (const auto& one : server.requests()) all.push_back(one.target);
    return all;
  }

  health::requirement require = health::requirement::containers;
  std::unique_ptr<node_pods_source> source;
};

}  // namespace sidecar::kube
