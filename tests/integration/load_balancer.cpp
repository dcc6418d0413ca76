#include "load_balancer.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "haproxy_program.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

bool contains_all(const std::string& line, const std::vector<std::string>& parts) {
  return std::ranges::all_of(parts, [&](const std::string& part) { return line.find(part) != line.npos; });
}

void write_relay(std::ostream& out, const checked_backend& backend, const std::string& socket) {
  out << "listen relay-" << backend.name << "\n  mode tcp\n  bind unix@" << socket << "\n"
      << "  server relay 127.0.0.1:" << backend.port << "\n";
}

void write_players(std::ostream& out, const std::string& name, const std::string& socket) {
  out << "frontend players-" << name << "\n  mode tcp\n  bind unix@" << socket << "\n  default_backend " << name
      << "\n";
}

void write_backend(std::ostream& out, const checked_backend& backend, const std::string& relay) {
  out << "backend " << backend.name << "\n  log global\n";
  if (backend.played_port != 0) out << "  mode tcp\n";
  for (const auto& line : backend.lines) out << "  " << line << "\n";
  for (std::size_t i = 1; i <= backend.servers; ++i) {
    out << "  server node" << i << " ";
    if (backend.relayed) {
      out << "unix@" << relay;
    } else if (backend.played_port != 0) {
      out << "127.0.0.1:" << backend.played_port << " port " << backend.port;
    } else {
      out << "127.0.0.1:" << backend.port;
    }
    out << " check " << backend.how_often << " " << backend.server << "\n";
  }
}

/// The row of `show servers state` has the administrator's (and the agent's) word, which `show stat` hides behind NOLB.
bool is_drained(const variables& state) {
  constexpr unsigned long forced_drain = 0x08;
  return (std::stoul(state.at("srv_admin_state")) & forced_drain) != 0;
}

}  // namespace

std::string state_of(const variables& row) {
  const auto& status = row.at("status");
  if (status.starts_with("DOWN")) return status == "DOWN (agent)" ? "DOWN" : status;
  return row.at("drained") == "yes" ? "DRAIN" : status;
}

load_balancer::load_balancer(const std::filesystem::path& directory, const std::vector<checked_backend>& backends,
                             const std::string& check_timeout)
    : stats_{directory},
      process_{haproxy_program(), {"-db", "-f", write_configuration(directory, backends, check_timeout)}} {
  const auto rows = servers_when([this](std::vector<variables>& seen) { return !seen.empty() || process_.wait(0ms); });
  if (!rows.empty()) return;
  std::string said;
  for (const auto& line : process_.error()) said += line + "\n";
  throw std::runtime_error{"HAProxy does not run:\n" + said};
}

std::vector<variables> load_balancer::servers() const {
  auto rows = stats_.table("show stat\n", ',');
  std::erase_if(rows, [](variables& row) { return !row["svname"].starts_with("node"); });
  auto states = stats_.table("show servers state\n", ' ');
  for (auto& row : rows) {
    const auto own = std::ranges::find_if(states, [&](variables& state) {
      return state["be_name"] == row["pxname"] && state["srv_name"] == row["svname"];
    });
    if (own == states.end()) throw std::runtime_error{"HAProxy tells no state of " + row["pxname"]};
    row["backend"] = row["pxname"];
    row["drained"] = is_drained(*own) ? "yes" : "no";
  }
  return rows;
}

variables load_balancer::server(std::string_view backend) const {
  const auto rows = servers();
  const auto own = std::ranges::find_if(rows, [&](const variables& row) { return row.at("backend") == backend; });
  if (own == rows.end()) throw std::runtime_error{"HAProxy knows no server of " + std::string{backend}};
  return *own;
}

std::vector<variables> load_balancer::servers_when(const std::function<bool(std::vector<variables>&)>& wanted) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  for (;;) {
    const std::size_t told = log().size();
    auto rows = servers();
    if (wanted(rows) || std::chrono::steady_clock::now() >= until) return rows;
    // It logs every change of state, but not every check: look again after a while, too.
    std::size_t line = 0;
    process_.wait_for_output([&](const std::string&) { return ++line > told; }, 20ms);
  }
}

variables load_balancer::server_when(const std::function<bool(variables&)>& wanted, std::string_view backend) {
  const auto own = [&](variables& row) { return row.at("backend") == backend; };
  auto rows = servers_when([&](std::vector<variables>& all) { return wanted(*std::ranges::find_if(all, own)); });
  return *std::ranges::find_if(rows, own);
}

std::string load_balancer::state_after(const std::string& code, const std::string& wanted, std::string_view backend) {
  const auto row =
      server_when([&](variables& seen) { return seen["check_code"] == code && state_of(seen) == wanted; }, backend);
  return state_of(row) + " after " + row.at("check_code") + " " + row.at("last_chk");
}

variables load_balancer::server_between_checks(std::string_view backend) {
  return server_when([](variables& row) { return row["check_code"] != "0"; }, backend);
}

std::size_t load_balancer::relayed_checks() const {
  std::size_t sum = 0;
  for (const auto& row : stats_.table("show stat\n", ',')) {
    const bool is_relay = row.at("pxname").starts_with("relay-") && row.at("svname") == "FRONTEND";
    if (is_relay) sum += std::stoul(row.at("stot"));
  }
  return sum;
}

void load_balancer::wait_for_relayed_checks(std::size_t more) {
  const auto enough = relayed_checks() + more;
  servers_when([&](const auto&) { return relayed_checks() >= enough; });
}

std::string load_balancer::logged(const std::vector<std::string>& parts) {
  return process_.wait_for_output([&](const std::string& line) { return contains_all(line, parts); }).value_or("");
}

std::string load_balancer::write_configuration(const std::filesystem::path& directory,
                                               const std::vector<checked_backend>& backends,
                                               const std::string& check_timeout) const {
  const auto path = (directory / "haproxy.cfg").string();
  std::ofstream out{path};
  // One thread, so that what the log and the statistics say comes in one order.
  out << "global\n  nbthread 1\n  log stdout format raw local0 info\n  stats socket " << stats_.path() << "\n"
      << "  ca-base " << directory.string() << "\n  crt-base " << directory.string() << "\n"
      << "defaults\n  mode http\n  timeout connect 10s\n  timeout client 10s\n  timeout server 10s\n"
      << "  timeout check " << check_timeout << "\n";
  if (backends.front().played_port == 0) {
    out << "frontend players\n  bind unix@" << (directory / "players").string() << "\n"
        << "  default_backend " << backends.front().name << "\n";
  }
  for (const auto& backend : backends) {
    const auto relay = (directory / ("relay-" + backend.name)).string();
    if (backend.relayed) write_relay(out, backend, relay);
    if (backend.played_port != 0) write_players(out, backend.name, (directory / ("players-" + backend.name)).string());
    write_backend(out, backend, relay);
  }
  return path;
}

}  // namespace sidecar::test
