#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon.hpp"
#include "haproxy_stats.hpp"

namespace sidecar::test {

/// One backend of HAProxy, whose servers all are what listens on `port`.
struct checked_backend {
  std::string name = "nodes";
  std::vector<std::string> lines = {"option httpchk"};
  std::uint16_t port = 0;
  std::string server = {};  ///< what the servers' lines say after `check` and how often; files are of the directory
  std::string how_often =
      "inter 100ms";        ///< HAProxy grants a connection, its TLS handshake included, no more than that
  bool relayed = false;     ///< through a Unix socket, where a connection has no addresses
  std::size_t servers = 1;  ///< node1, node2...
  /// If set, `port` is for checks alone, and players' TCP sessions, by the Unix socket players-<name>, go to this one.
  std::uint16_t played_port = 0;
};

/// The real HAProxy: the one of this build, or the one that the environment's HAPROXY names.
class load_balancer {
 public:
  /// Waits until it runs. `check_timeout` is long, so that a busy machine fails no check.
  load_balancer(const std::filesystem::path& directory, const std::vector<checked_backend>& backends,
                const std::string& check_timeout = "10s");
  load_balancer(const std::filesystem::path& directory, std::uint16_t checked_port)
      : load_balancer(directory, {{.port = checked_port}}) {}

  /// Every server's row of `show stat`, by column, in the configuration's order; "drained" is "yes" if an agent said
  /// so.
  std::vector<variables> servers() const;
  /// That backend's first one.
  variables server(std::string_view backend = "nodes") const;

  /// The rows as soon as `wanted` is true of them, or after a time that is long enough.
  std::vector<variables> servers_when(const std::function<bool(std::vector<variables>&)>& wanted);
  variables server_when(const std::function<bool(variables&)>& wanted, std::string_view backend = "nodes");
  /// Once a check has said `code` and HAProxy has drawn its conclusion: "DOWN after 500 ContainerNotReady".
  std::string state_after(const std::string& code, const std::string& wanted, std::string_view backend = "nodes");
  /// With what came of the last check; HAProxy does not tell while another one is under way.
  variables server_between_checks(std::string_view backend = "nodes");

  /// How many checks have come by a relay, of all backends that are `relayed`: a measure of time.
  std::size_t relayed_checks() const;
  /// Waits until there have been so many more of them.
  void wait_for_relayed_checks(std::size_t more);

  /// HAProxy's own log: a line that contains all of `parts`, of those there and those to come; empty if none comes.
  std::string logged(const std::vector<std::string>& parts);
  std::vector<std::string> log() const { return process_.output(); }

 private:
  std::string write_configuration(const std::filesystem::path& directory, const std::vector<checked_backend>& backends,
                                  const std::string& check_timeout) const;

  haproxy_stats stats_;
  process process_;
};

/// What HAProxy makes of a server: UP, NOLB (stopping), DRAIN (by the agent) or DOWN; "UP 1/3" and the like on the way
/// from one to another.
std::string state_of(const variables& row);

}  // namespace sidecar::test
