#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/answers.hpp"
#include "support/http_request.hpp"
#include "support/pods.hpp"

namespace sidecar::test {

/// A rule of RBAC: who may do what. An empty name means every pod of the namespace.
struct access_rule {
  std::string name_space = "demo";
  std::string resource = "pods";
  std::string name = {};
  std::set<std::string> verbs = {"get"};
};

/// What an API server knows and decides: pods, tokens, rules. No sockets, no threads, no clock.
class cluster {
 public:
  /// Stores the pod under a new resource version.
  void put_pod(pod document);
  /// Stores bytes that are answered as they are, whatever they are.
  void put_document(const std::string& name_space, const std::string& name, std::string bytes);
  /// Changes a pod that is there (std::out_of_range otherwise), under a new resource version.
  void update_pod(const std::string& name_space, const std::string& name, const std::function<void(pod&)>& change);
  bool delete_pod(const std::string& name_space, const std::string& name);
  std::uint64_t resource_version() const noexcept { return version_; }

  void accept_token(const std::string& token, const std::string& user);
  bool revoke_token(const std::string& token);
  void allow(const std::string& user, access_rule rule);
  void deny(const std::string& user);

  /// 401, 403, 404 or the pod, in the order in which the real server decides.
  /// Without `rights`, as if no rule had been loaded yet.
  answer respond(const http_request& request, bool rights = true) const;

 private:
  struct entry {
    pod document;
    std::shared_ptr<const std::string> body;
  };
  using key = std::pair<std::string, std::string>;

  bool may(const std::string& user, const std::string& verb, const std::string& name_space, const std::string& resource,
           const std::string& name) const;
  void store(key where, pod document);

  std::map<key, entry> pods_;
  std::map<std::string, std::string, std::less<>> tokens_;
  std::map<std::string, std::vector<access_rule>> rules_;
  std::uint64_t version_ = 200;
};

}  // namespace sidecar::test
