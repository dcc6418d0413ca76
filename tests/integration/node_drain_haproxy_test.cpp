#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "load_balancer.hpp"
#include "node_drain_fixture.hpp"
#include "workload.hpp"

/// The real HAProxy and a node that is leaving: no new sessions, the old ones go on, and all is as before if the node
/// stays after all.
namespace sidecar::test {
namespace {

using testing::Combine;
using testing::Values;

/// A player's TCP session through HAProxy.
class session {
 public:
  session(const std::filesystem::path& directory, const std::string& backend)
      : handle_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = (directory / ("players-" + backend)).string();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    constexpr timeval timeout{20, 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (::connect(handle_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(handle_);
      throw std::runtime_error{"HAProxy does not listen at " + path};
    }
  }
  ~session() { ::close(handle_); }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// The workload's name, as it answers; "cut" if the session is over.
  std::string play() {
    constexpr std::string_view request = "GET / HTTP/1.1\r\n\r\n";
    if (::send(handle_, request.data(), request.size(), MSG_NOSIGNAL) < 0) return "cut";
    std::array<char, 4096> answer{};
    const auto size = ::recv(handle_, answer.data(), answer.size(), 0);
    if (size <= 0) return "cut";
    const std::string_view text{answer.data(), static_cast<std::size_t>(size)};
    const auto end = text.find("\r\n\r\n");
    return std::string{end == text.npos ? text : text.substr(end + 4)};
  }

 private:
  int handle_;
};

struct way_to_check {
  std::string name;
  bool by_agent = false;
  std::string drained;  ///< what HAProxy makes of it
  friend void PrintTo(const way_to_check& way, std::ostream* out) { *out << way.name; }
};

const way_to_check http_check{"HttpCheck", false, "NOLB"};
const way_to_check agent_check{"AgentCheck", true, "DRAIN"};

node_mark mark_of(const std::string& name) {
  for (const auto& mark : leaving_marks()) {
    if (mark.name == name) return mark;
  }
  throw std::runtime_error{"no such mark: " + name};
}

class LeavingNodeBehindHaProxy : public node_drain_fixture,
                                 public testing::WithParamInterface<std::tuple<way_to_check, std::string>> {
 protected:
  using states = std::map<std::string, std::string>;

  LeavingNodeBehindHaProxy() {
    put("shop", "web-0", "web");
    put("shop", "web-1", "web");
    put("shop", "db-0", "db");
  }

  static const way_to_check& way() { return std::get<0>(GetParam()); }

  /// Checked as `asked` on the program's ports, played on a port of its own.
  checked_backend backend(const std::string& name, const daemon& program, const std::string& path,
                          const std::string& asked) {
    workloads_.push_back(std::make_unique<workload>(name, "127.0.0.1", 0));
    checked_backend made{.name = name, .port = program.port(), .played_port = workloads_.back()->port()};
    if (way().by_agent) {
      made.lines.clear();
      made.server = "agent-check agent-inter 100ms agent-port " + std::to_string(program.agent_port());
      if (!asked.empty()) made.server += " agent-send " + asked + "\\n";
    } else {
      made.lines = {"option httpchk GET " + path, "http-check disable-on-404"};
    }
    return made;
  }

  states states_when(load_balancer& balancer, const std::string& wanted) {
    const auto is_wanted = [&](const variables& row) { return state_of(row) == wanted; };
    states seen;
    for (const auto& row : balancer.servers_when([&](auto& rows) { return std::ranges::all_of(rows, is_wanted); })) {
      seen[row.at("backend")] = state_of(row);
    }
    return seen;
  }

  states all(const std::string& state) const {
    states wanted;
    for (const auto& [name, ignored] : sessions_) wanted[name] = state;
    return wanted;
  }

  void begin_sessions(const std::vector<checked_backend>& backends) {
    for (const auto& one : backends) {
      sessions_[one.name] = std::make_unique<session>(directory.path(), one.name);
    }
  }

  void expect_sessions_go_on(const char* when) {
    for (const auto& [name, old] : sessions_) EXPECT_EQ(old->play(), name) << when;
  }

  void expect_new_sessions(bool are_served, const char* when) {
    for (const auto& [name, old] : sessions_) {
      session next{directory.path(), name};
      EXPECT_EQ(next.play(), are_served ? name : "cut") << when;
    }
  }

  void expect_drain_and_return(load_balancer& balancer, const std::vector<checked_backend>& backends) {
    const auto mark = mark_of(std::get<1>(GetParam()));
    begin_sessions(backends);
    ASSERT_EQ(states_when(balancer, "UP"), all("UP"));
    expect_sessions_go_on("before");
    mark.put(api);
    ASSERT_EQ(states_when(balancer, way().drained), all(way().drained));
    expect_sessions_go_on("while the node is leaving");
    expect_new_sessions(false, "while the node is leaving");
    mark.take(api);
    ASSERT_EQ(states_when(balancer, "UP"), all("UP"));
    expect_sessions_go_on("after it stays");
    expect_new_sessions(true, "after it stays");
    for (const auto& row : balancer.servers()) EXPECT_EQ(row.at("chkdown"), "0") << row.at("backend");
  }

 private:
  std::vector<std::unique_ptr<workload>> workloads_;
  std::map<std::string, std::unique_ptr<session>> sessions_;
};

TEST_P(LeavingNodeBehindHaProxy, DrainsAllItsWorkloadsAndTakesThemBack) {
  const auto agent = start_on_node({{"DRAIN_STATUS", "404"}, {"AGENT_LISTEN", "127.0.0.1:0"}});
  ASSERT_TRUE(api.wait_for_node_watches(1));
  std::vector<checked_backend> backends;
  for (const std::string workload : {"shop/web", "shop/db", "demo/game"}) {
    backends.push_back(backend(workload.substr(workload.find('/') + 1), *agent, "/healthz/" + workload, workload));
  }
  load_balancer balancer{directory.path(), backends};
  expect_drain_and_return(balancer, backends);
  EXPECT_EQ(api.counts().nodes.requests, 2U) << "no check caused a call";
}

TEST_P(LeavingNodeBehindHaProxy, DrainsTheSidecarsTargetAndTakesItBack) {
  auto target = start_watching_in(drain_mode::watch, {{"AGENT_LISTEN", "127.0.0.1:0"}});
  const std::vector<checked_backend> backends{backend("game", target.program(), "/healthz", "")};
  load_balancer balancer{directory.path(), backends};
  expect_drain_and_return(balancer, backends);
  EXPECT_EQ(api.counts().nodes.requests, 2U) << "no check caused a call";
}

INSTANTIATE_TEST_SUITE_P(Of, LeavingNodeBehindHaProxy,
                         Combine(Values(http_check, agent_check), Values("Label", "AutoscalersTaint")),
                         [](const auto& tested) {
                           return std::get<0>(tested.param).name + "_" + std::get<1>(tested.param);
                         });

}  // namespace
}  // namespace sidecar::test
