#include "sidecar/config/ports.hpp"

namespace sidecar::config {
namespace {

std::uint16_t next_port(std::uint16_t port) { return static_cast<std::uint16_t>(port == 65'535 ? 3001 : port + 1); }

}  // namespace

std::vector<port_use> ports_in_use(const config& settings) {
  std::vector<port_use> used{{"LISTEN", settings.listen}};
  if (settings.agent_listen) used.push_back({"AGENT_LISTEN", *settings.agent_listen});
  if (settings.status_listen) used.push_back({"STATUS_LISTEN", *settings.status_listen});
  return used;
}

std::string another_port(const listen_address& taken, const std::set<std::int64_t>& used) {
  auto port = next_port(taken.port);
  while (used.contains(port)) port = next_port(port);
  return taken.defaulted ? ":" + std::to_string(port) : host_and_port(taken.address, port);
}

}  // namespace sidecar::config
