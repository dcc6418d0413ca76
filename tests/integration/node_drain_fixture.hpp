#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "node_fixture.hpp"
#include "support/nodes.hpp"

/// A ready target, demo/game-0 on node-a, whose node is about to leave.
namespace sidecar::test {

/// How the program learns of the target: a sidecar's two sources, or node mode, where the target is a workload's pod.
enum class drain_mode { live, watch, node };
std::string name_of(drain_mode mode);
inline void PrintTo(drain_mode mode, std::ostream* out) { *out << name_of(mode); }

/// Something that is said of a node, and taken back.
struct node_mark {
  std::string name;
  bool is_leaving = false;
  std::function<void(api_server&)> put;
  std::function<void(api_server&)> take;
  friend void PrintTo(const node_mark& mark, std::ostream* out) { *out << mark.name; }
};
/// Those that say that the node is leaving, and those that do not.
const std::vector<node_mark>& node_marks();
std::vector<node_mark> leaving_marks();
/// The label that an operator sets.
const node_mark& operators_label();

/// The program and what a load balancer asks it about.
class asked_target {
 public:
  asked_target(const variables& environment, std::string path)
      : program_{std::make_unique<daemon>(environment)}, path_{std::move(path)} {}

  daemon& program() noexcept { return *program_; }
  const std::string& path() const noexcept { return path_; }
  /// "404 NodeDraining drain": what the answer says, "drain" if its header says so.
  std::string ask() const;
  /// The last answer, if it never is that one.
  std::string ask_until(std::string_view answer, std::chrono::milliseconds at_most = std::chrono::seconds{10}) const;

 private:
  std::unique_ptr<daemon> program_;
  std::string path_;
};

class node_drain_fixture : public node_fixture {
 protected:
  node_drain_fixture();

  /// As for a rolling update's load balancer: 404 is a drain.
  variables drain_options(drain_mode mode, variables options = {}) const;
  asked_target start_in(drain_mode mode, const variables& options = {}) const;
  /// Waits for the watches of pods and nodes too, if it is to have them.
  asked_target start_watching_in(drain_mode mode, const variables& options = {});
  void change_node(const std::function<void(node&)>& change, const std::string& name = "node-a") {
    api.update_node(name, change);
  }
  /// Waits until the watches of nodes have been written so many events more, which `cause` brings about.
  void expect_node_events(std::uint64_t count, const std::function<void()>& cause);
  /// Waits until so many more requests for nodes have come.
  testing::AssertionResult more_node_requests(std::uint64_t count, std::chrono::milliseconds at_most);
};

inline const std::string drains = "404 NodeDraining drain";

}  // namespace sidecar::test
