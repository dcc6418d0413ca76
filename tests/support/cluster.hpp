#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/answers.hpp"
#include "support/events.hpp"
#include "support/history.hpp"
#include "support/http_request.hpp"
#include "support/lists.hpp"
#include "support/nodes.hpp"
#include "support/pods.hpp"
#include "support/resource_request.hpp"
#include "support/reviews.hpp"
#include "support/selection.hpp"

namespace sidecar::test {

/// A rule of RBAC: who may do what. An empty name means every pod of the namespace, an empty namespace the whole
/// cluster (a ClusterRoleBinding).
struct access_rule {
  std::string name_space = "demo";
  std::string resource = "pods";
  std::string name = {};
  std::set<std::string> verbs = {"get", "list", "watch"};
};

/// What an API server knows and decides: pods, nodes, tokens, rules. No sockets, no threads, no clock.
///
/// The nodes that pods name are there, without a taint, unless something else is said of them.
class cluster {
 public:
  /// What a watch begins with. `too_late`: the cluster has forgotten what happened since.
  struct watch_start {
    bool too_late = false;
    std::uint64_t oldest = 0;
    std::uint64_t since = 0;  ///< changes up to this version are not for it
    std::vector<watch_event> events;
  };
  /// An answer, or the watch that is to be opened instead.
  struct response {
    answer reply;
    std::optional<watch_request> watch;
  };

  /// Stores the pod under a new resource version. Another uid is another pod: one is deleted, the next added.
  void put_pod(pod document);
  /// Stores bytes that are answered as they are, whatever they are. Where they are a document with a resourceVersion
  /// that is newer than the cluster's, that is the cluster's then.
  void put_document(const std::string& name_space, const std::string& name, std::string bytes);
  /// Changes a pod that is there (std::out_of_range otherwise), under a new resource version.
  void update_pod(const std::string& name_space, const std::string& name, const std::function<void(pod&)>& change);
  bool delete_pod(const std::string& name_space, const std::string& name);
  /// As `put_pod`, `update_pod` and `delete_pod`. A node that was deleted does not come back with its pods.
  void put_node(const node& document);
  void update_node(const std::string& name, const std::function<void(node&)>& change);
  bool delete_node(const std::string& name);
  std::uint64_t resource_version() const noexcept { return version_; }
  /// Other objects change.
  void advance(std::uint64_t by) noexcept { version_ += by; }
  /// Watches from older versions are too late from now on, and every `continue` is.
  void forget_history();
  void keep_history(std::size_t changes);
  void page_size(std::size_t items) noexcept { lists_.page_size(items); }
  /// The changes since this was called last.
  std::vector<object_change> take_changes() { return std::exchange(changes_, {}); }

  void accept_token(const std::string& token, const std::string& user);
  bool revoke_token(const std::string& token);
  void allow(const std::string& user, access_rule rule);
  void deny(const std::string& user);
  /// Puts the verb into all rules of the user, or takes it out of them.
  void grant(const std::string& user, const std::string& verb, bool allowed);
  /// What the user may do with nodes. Until this is said, who has rules may get, list and watch them.
  void allow_nodes(const std::string& user, std::set<std::string> verbs);

  /// 401, 403, 404 or the object, in the order in which the real server decides.
  /// Without `rights`, as if no rule had been loaded yet.
  response respond(const http_request& request, bool rights = true);
  watch_start start(const watch_request& wanted) const;

 private:
  struct entry {
    document_json document;
    std::uint64_t version = 0;  ///< of the cluster, when it was stored
    std::string shown_version;  ///< what the document says of that
  };
  using key = key_order::key;

  bool may(const std::string& user, const std::string& verb, const std::string& name_space, const std::string& resource,
           const std::string& name) const;
  std::set<std::string> node_verbs(const std::string& user) const;
  reviewed_user reviewed_as(const std::string& user, const std::string& token) const;
  std::shared_ptr<const object_state> find(resource_kind kind, const key& where) const;
  void store(resource_kind kind, const key& where, document_json document);
  void keep(resource_kind kind, const key& where, document_json document, std::shared_ptr<const std::string> body);
  void record(resource_kind kind, object_change change);
  bool erase(resource_kind kind, const key& where);
  void add_node_of(const object_state& pod);
  response show(const http_request& request, const resource_request& wanted);
  history& history_of(resource_kind kind) { return histories_[static_cast<std::size_t>(kind)]; }
  const history& history_of(resource_kind kind) const { return histories_[static_cast<std::size_t>(kind)]; }

  std::map<key, entry, key_order> objects_;
  object_states states_;  ///< of the same objects
  object_lists lists_;
  std::array<history, std::size(resource_kinds)> histories_;
  std::vector<object_change> changes_;
  std::set<std::string> nodes_;  ///< every name that there has ever been a node of
  std::map<std::string, std::string, std::less<>> tokens_;
  std::map<std::string, std::vector<access_rule>> rules_;
  std::map<std::string, std::set<std::string>> node_verbs_;
  std::uint64_t version_ = 200;
};

}  // namespace sidecar::test
