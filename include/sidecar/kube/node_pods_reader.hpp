#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/workload.hpp"
#include "sidecar/kube/element_splitter.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/list_head.hpp"
#include "sidecar/kube/node_scope.hpp"
#include "sidecar/kube/response_reader.hpp"

namespace sidecar::kube {

/// The limits for one list of a node's pods, with all its pages. A node runs 110 pods by default, of 5 to 20 kB.
struct node_pods_limits {
  std::size_t pods = health::max_workload_pods;
  std::size_t kept_pod = health::max_workload_pod;  ///< bytes
  std::size_t item = 2 * 1024 * 1024;               ///< bytes: see response_limits
  std::size_t body = 16 * 1024 * 1024;              ///< bytes after de-chunking
  std::size_t envelope = 64 * 1024;                 ///< bytes of a page apart from its items
};

/// PURE. Why so much is not kept of one pod; empty: it is. `limit`: in bytes.
std::optional<failure> excess_of_kept(const health::workload_pod& one, std::size_t limit = health::max_workload_pod);

/// PURE. Reads the list of a node's pods as it arrives, page by page. Of each pod only its judgement is kept, so that
/// memory does not grow with the list's text. Never throws. A failure (api_protocol) is final, and concerns the list as
/// a whole: a pod that was not read must never look like an absent one.
class node_pods_reader final : public body_reader {
 public:
  node_pods_reader(node_scope scope, health::requirement require, std::string maintenance_label,
                   node_pods_limits limits = {})
      : scope_(std::move(scope)),
        require_(require),
        maintenance_label_(std::move(maintenance_label)),
        limits_(limits),
        splitter_({limits.item, limits.envelope}) {}

  /// More of the page's body.
  std::optional<failure> read(std::string_view bytes) override;

  /// Call at the end of each page's body: the token for the next page; empty: the list is complete.
  outcome<std::string> end_page();

  /// The list's resourceVersion, once a page has ended.
  const std::string& version() const noexcept { return version_; }

  /// The pods of the complete list, by namespace and name; call once. A pod whose label is empty belongs to no workload
  /// and is left out.
  std::vector<health::workload_pod> take() { return std::move(pods_); }

 private:
  std::optional<failure> read_items(std::string_view bytes);
  std::optional<failure> add(std::string_view item);
  std::optional<failure> check_page(const list_head& head) const;
  std::optional<failure> check_pods();
  std::string current_item() const;

  node_scope scope_;
  health::requirement require_;
  std::string maintenance_label_;
  node_pods_limits limits_;
  element_splitter splitter_;  ///< of the current page
  std::size_t bytes_ = 0;      ///< of all pages
  std::size_t items_ = 0;      ///< likewise; beyond the limit only counted
  std::string version_;
  std::vector<health::workload_pod> pods_;
};

}  // namespace sidecar::kube
