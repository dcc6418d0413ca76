#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon.hpp"

/// The real HAProxy asks the real sidecar, which asks the stand-in.
namespace sidecar::test {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream{text};
  for (std::string part; std::getline(stream, part, at);) parts.push_back(part);
  return parts;
}

/// An HAProxy with one server, which it checks with a bare `option httpchk`.
class load_balancer {
 public:
  load_balancer(const std::filesystem::path& directory, std::uint16_t checked_port)
      : socket_{(directory / "stats").string()},
        process_{HAPROXY, {"-db", "-q", "-f", write_configuration(directory, checked_port)}} {}

  /// The server's row of `show stat`, by column.
  variables server() const {
    const auto lines = split(command("show stat\n"), '\n');
    const auto names = split(lines.at(0), ',');
    for (const auto& line : lines) {
      const auto values = split(line, ',');
      if (values.size() < 2 || values[0] != "nodes" || values[1] != "node") continue;
      variables row;
      for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) row[names[i]] = values[i];
      return row;
    }
    throw std::runtime_error{"HAProxy knows no server nodes/node"};
  }

  /// The row as soon as `wanted` is true of it, or after a time that is long enough.
  variables server_when(const std::function<bool(variables&)>& wanted) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    auto row = server();
    while (!wanted(row) && std::chrono::steady_clock::now() < until) row = server();
    return row;
  }

  /// With what came of the last check; HAProxy does not tell while another one is under way.
  variables server_between_checks() const {
    return server_when([](variables& row) { return row["check_code"] != "0"; });
  }

 private:
  std::string write_configuration(const std::filesystem::path& directory, std::uint16_t checked_port) const {
    const auto path = (directory / "haproxy.cfg").string();
    // Only the check's own time limit is lengthened: a busy machine is no failed check.
    std::ofstream{path} << "global\n  stats socket " << socket_ << "\n"
                        << "defaults\n  mode http\n  timeout connect 10s\n  timeout client 10s\n  timeout server 10s\n"
                        << "  timeout check 10s\n"
                        << "frontend players\n  bind unix@" << (directory / "players").string() << "\n"
                        << "  default_backend nodes\n"
                        << "backend nodes\n  option httpchk\n"
                        << "  server node 127.0.0.1:" << checked_port << " check inter 100ms\n";
    return path;
  }

  std::string command(const std::string& text) const {
    const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_.copy(address.sun_path, sizeof address.sun_path - 1);
    std::string answer;
    if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(handle, text.data(), text.size(), MSG_NOSIGNAL) > 0) {
      std::array<char, 4096> part{};
      for (ssize_t size = 0; (size = ::recv(handle, part.data(), part.size(), 0)) > 0;) {
        answer.append(part.data(), static_cast<std::size_t>(size));
      }
    }
    ::close(handle);
    return answer;
  }

  std::string socket_;
  process process_;
};

class HaProxy : public cluster_fixture {
 protected:
  /// Each check is a question and each question a GET: once the next one has begun, `count` have been judged.
  bool wait_for_checks(std::uint64_t count) { return api.wait_for_requests(api.counts().requests + count + 1); }
};

TEST_F(HaProxy, TakesTheServerOutWithinThreeChecksAndBackInAfterTwo) {
  const auto sidecar = start();
  const load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_TRUE(wait_for_checks(2));
  EXPECT_EQ(balancer.server()["status"], "UP");
  EXPECT_EQ(balancer.server_between_checks()["check_code"], "200");

  api.set_ready("game", false);
  ASSERT_TRUE(wait_for_checks(3));
  auto server = balancer.server();
  EXPECT_EQ(server["status"].substr(0, 4), "DOWN") << server["status"];
  server = balancer.server_between_checks();
  EXPECT_EQ(server["chkdown"], "1");
  EXPECT_EQ(server["check_code"], "500");
  EXPECT_NE(server["last_chk"].find("ContainerNotReady"), std::string::npos) << server["last_chk"];

  api.set_ready("game", true);
  ASSERT_TRUE(wait_for_checks(2));
  EXPECT_EQ(balancer.server()["status"], "UP");
  EXPECT_EQ(sidecar->stop_and_read().size(), 5U) << "a check, which HAProxy ends by a reset, is worth no line";
}

TEST_F(HaProxy, SeesAPodThatIsBeingDeletedGoDown) {
  const auto sidecar = start({{"TARGET_CONTAINER", "game"}});
  const load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_TRUE(wait_for_checks(1));
  EXPECT_EQ(balancer.server()["status"], "UP");
  change_pod([](pod& of) { of.terminate(); });
  ASSERT_TRUE(wait_for_checks(3));
  EXPECT_EQ(balancer.server()["status"].substr(0, 4), "DOWN");
  auto server = balancer.server_between_checks();
  EXPECT_NE(server["last_chk"].find("PodTerminating"), std::string::npos) << server["last_chk"];
}

TEST_F(HaProxy, LetsASidecarGoThatDrains) {
  const auto sidecar = start({{"DRAIN", "60s"}});
  const load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_TRUE(wait_for_checks(1));
  sidecar->running().send(SIGTERM);
  auto server = balancer.server_when(
      [](variables& row) { return row["status"].starts_with("DOWN") && row["check_code"] == "500"; });
  EXPECT_TRUE(server["status"].starts_with("DOWN")) << server["status"];
  EXPECT_NE(server["last_chk"].find("Draining"), std::string::npos) << server["last_chk"];
  EXPECT_TRUE(sidecar->is_alive());
}

TEST_F(HaProxy, KeepsTheServerWhileTheApiServerIsAway) {
  const auto sidecar = start({{"API_QPS", "100"}});
  const load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_TRUE(wait_for_checks(1));
  api.inject(reset_at(phase::request));
  ASSERT_TRUE(wait_for_checks(5));
  EXPECT_EQ(balancer.server()["status"], "UP");
  EXPECT_EQ(balancer.server()["chkfail"], "0");
}

}  // namespace
}  // namespace sidecar::test
