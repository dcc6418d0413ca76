#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/cluster.hpp"
#include "support/counts.hpp"
#include "support/faults.hpp"
#include "support/tokens.hpp"
#include "support/watch_behaviour.hpp"

namespace sidecar::test {

/// One request as it was read, and where it came from.
struct seen_request {
  std::chrono::steady_clock::time_point when;
  std::uint64_t connection = 0;  ///< counted from 1, in the order of acceptance
  std::string method;
  std::string target;
  std::string authorization;  ///< the whole value, empty if there is none
  std::string head;           ///< every byte up to and with the empty line
  std::string server_name;    ///< TLS: SNI, empty if there was none
  std::uint64_t number = 0;   ///< counted from 1, never again
  int status = 0;             ///< of the answer that was decided on when it was read
  bool faulty = false;        ///< whether a fault had a part in it
  /// When the whole of that answer had been written, if it ever was.
  std::optional<std::chrono::steady_clock::time_point> answered = std::nullopt;
};

/// A kube-apiserver to test against, on a thread and a port of its own. What it answers was compared with recordings
/// of a real one; it knows how to GET, list and watch pods and nodes and nothing else.
///
/// A watch is `GET /api/v1/namespaces/NS/pods?watch=1`, or `GET /api/v1/pods?watch=1` of all namespaces, with
/// fieldSelector (metadata.name, spec.nodeName), labelSelector, resourceVersion, allowWatchBookmarks and timeoutSeconds
/// as they are wanted. Every change of a pod below is an event for the watches that are open, and is kept for those
/// that begin at an older version. Three ways to trouble a watch: `inject(fault)` for the watches to come (faults.hpp:
/// `for_watches(...)` for what happens to the request, `watch_error` and its neighbours for what happens in the
/// stream), `behave` for what a real server may do as well, and the calls under "Watches" for those that are open.
///
/// Nodes are asked for in the same ways, `GET /api/v1/nodes/NAME` and `GET /api/v1/nodes?fieldSelector=...`. The nodes
/// of the pods are there by themselves. A test that says nothing of nodes sees nothing of them: `counts().nodes` and
/// `node_requests()` have their requests, and only the calls that name `resource_kind::nodes` trouble their watches.
///
/// Everything here may be called from any thread at any time, and has taken effect when it returns. The answer to a
/// request is decided at the moment the request has been read in full, together with its entry in `requests()`;
/// gates, service time and faults only delay or damage it afterwards.
class api_server {
 public:
  struct options {
    std::string address = "127.0.0.1";  ///< or ::1
    std::uint16_t port = 0;             ///< 0: any that is free; the server keeps it until it is destroyed
    bool tls = true;
    std::size_t requests_remembered = 100000;  ///< the oldest go first
  };

  /// Made running, with its own CA and a good certificate.
  api_server();
  explicit api_server(const options& wanted);
  ~api_server();
  api_server(const api_server&) = delete;
  api_server& operator=(const api_server&) = delete;

  /// Closes every connection and refuses new ones, until `start`. Pods, tokens, faults and counts stay.
  /// A server that starts again knows nothing of the past: see `forget_history`.
  void stop();
  void start();
  std::uint16_t port() const noexcept;
  const std::string& address() const noexcept;

  /// @name What the cluster holds; see `cluster`.
  /// @{
  void put_pod(pod document);
  /// All in one moment.
  void put_pods(std::vector<pod> documents);
  void put_document(const std::string& name_space, const std::string& name, std::string bytes);
  void update_pod(const std::string& name_space, const std::string& name, const std::function<void(pod&)>& change);
  void set_ready(const std::string& container, bool ready, const std::string& name_space = "demo",
                 const std::string& name = "game-0");
  bool delete_pod(const std::string& name_space = "demo", const std::string& name = "game-0");
  /// The same pod under another uid: DELETED, then ADDED.
  void replace_pod(const std::string& uid, const std::string& name_space = "demo", const std::string& name = "game-0");
  /// As with pods. A node that was deleted does not come back with its pods.
  void put_node(const node& document);
  void update_node(const std::string& name, const std::function<void(node&)>& change);
  bool delete_node(const std::string& name = "node-a");
  std::uint64_t resource_version() const;
  /// Other objects of the cluster change: the version rises, no pod does.
  void advance(std::uint64_t by = 1);
  /// Every watch that begins at a version older than now is too late and gets a 410.
  void forget_history();
  /// At most so many pods in one response to a LIST, from now on; the rest is to be asked for with `continue`. 0: all.
  void set_page_size(std::size_t items);
  /// Makes a token for these claims that the server accepts.
  std::string add_token(const token_claims& claims = {});
  void accept_token(const std::string& token, const std::string& user);
  bool revoke_token(const std::string& token);
  void allow(const access_rule& rule = {}, const std::string& user = "system:serviceaccount:demo:sidecar");
  void deny(const std::string& user = "system:serviceaccount:demo:sidecar");
  /// Puts a verb into all rules that the user has, or takes it out. Open watches stay open, as they do in a cluster.
  void grant(const std::string& verb, bool allowed = true,
             const std::string& user = "system:serviceaccount:demo:sidecar");
  /// These and no others of get, list and watch. By itself, who has a rule for pods may do all three with nodes.
  void allow_nodes(std::set<std::string> verbs = {"get", "list", "watch"},
                   const std::string& user = "system:serviceaccount:demo:sidecar");
  /// @}

  /// The CA that vouches for the server's first certificate, in PEM.
  std::string ca() const;
  /// Connections from now on get this one.
  void use_certificate(const certificate& next);
  /// Makes another CA of the same name and a certificate of it, and returns the CA: what a cluster does when its CA
  /// is replaced.
  std::string replace_authority();

  /// @name Trouble
  /// @{
  void inject(const fault& trouble);
  void clear_faults();
  /// Faults that are still to come: those without a count or time limit stay until cleared.
  std::size_t faults_left() const;
  /// How long every answer takes: a timer's wait, or the server's processor time (nothing else is served meanwhile).
  void set_service_time(std::chrono::microseconds wait);
  void set_service_work(std::chrono::microseconds work);
  /// @}

  /// @name Watches
  /// All but `behave` are for the watches of that kind that are open, and are done in order with the changes of the
  /// objects.
  /// @{
  /// For watches that are opened from now on.
  void behave(const watch_behaviour& wanted);
  /// To those that allow them.
  void send_bookmark(resource_kind kind = resource_kind::pods);
  /// These bytes, in a chunk: a line of any kind, half a line, two of them.
  void send_event(const std::string& bytes, resource_kind kind = resource_kind::pods);
  void end_watches(watch_end how = watch_end::clean, resource_kind kind = resource_kind::pods);
  /// From now on nothing more is written to any of these watches, not even its end, but GETs are answered as ever.
  void hold_events(resource_kind kind = resource_kind::pods);
  /// All that was held back goes out.
  void release_events(resource_kind kind = resource_kind::pods);
  /// The next changes are told to no watch that is open; GETs show them.
  void miss_events(unsigned count = 1, resource_kind kind = resource_kind::pods);
  /// Waits until exactly so many are open.
  bool wait_for_watches(std::uint64_t open, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  bool wait_for_node_watches(std::uint64_t open, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// @}

  /// @name The gate
  /// @{
  /// From now on answers wait, in the order of their requests; to requests for nodes only if those are named.
  void hold_answers(resource_kind kind = resource_kind::pods);
  /// Lets the one go that has waited longest; false if none waits.
  bool release_one();
  /// Opens the gate and leaves it open.
  void stop_holding();
  bool wait_until_held(std::uint64_t count, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// @}

  /// @name What was seen
  /// @{
  std::vector<seen_request> requests() const;
  std::vector<seen_request> node_requests() const;
  server_counts counts() const;
  /// The newest events that were written, as many as `requests_remembered`.
  std::vector<written_event> events() const;
  std::vector<traffic> tenths() const;
  /// Empties all of these and sets the counts to 0, but for `open`, `held` and `watching`.
  void forget();
  bool wait_for_requests(std::uint64_t count, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// False if `enough` was not true of the counts within the time. It runs under the server's lock: look, do not call.
  bool wait_for(const std::function<bool(const server_counts&)>& enough,
                std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// @}

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sidecar::test
