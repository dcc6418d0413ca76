#include "sidecar/app/listeners.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/base/shortage.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/http/listener.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

std::string describe(const boost::system::error_code& problem, const std::string& variable) {
  if (const auto advice = descriptor_advice(problem); !advice.empty()) {
    return "cannot listen: " + std::string{advice};
  }
  if (problem == asio::error::address_in_use) {
    return "cannot listen: another process has the port (all containers of a pod share its ports); stop it, or choose "
           "another with " +
           variable;
  }
  return "cannot listen; check " + variable + " and what this host allows";
}

/// `takes_ipv4`: where there is no IPv6, 0.0.0.0 in place of [::].
std::optional<asio::ip::tcp::acceptor> open(const asio::any_io_executor& executor, const config::listen_address& wanted,
                                            bool takes_ipv4, std::string_view option) {
  auto opened = http::open_listener(executor, asio::ip::make_address(wanted.address), wanted.port, takes_ipv4);
  if (opened) return std::move(*opened);
  log::error(describe(opened.error(), config::variable_name(option)),
             {{"address", config::host_and_port(wanted.address, wanted.port)}, {"problem", opened.error().message()}});
  return std::nullopt;
}

}  // namespace

std::optional<listeners> open_listeners(const asio::any_io_executor& executor, const config::config& settings) {
  auto health = open(executor, settings.listen, settings.listen.defaulted, "LISTEN");
  if (!health) return std::nullopt;
  listeners opened{.health = std::move(*health), .agent = std::nullopt, .status = std::nullopt};
  if (settings.agent_listen) {
    opened.agent = open(executor, *settings.agent_listen, settings.agent_listen->defaulted, "AGENT_LISTEN");
    if (!opened.agent) return std::nullopt;
  }
  if (settings.status_listen) {
    // STATUS_LISTEN always has an address, so [::] there means every address, also on a node without IPv6. If it cannot
    // be opened, that is an error in the log alone: the health port serves without it.
    opened.status = open(executor, *settings.status_listen, true, "STATUS_LISTEN");
  }
  if (!http::can_open(http::min_descriptors)) {
    log::error(
        "no client could be served: the limit of open files leaves none for connections; raise it (ulimit -n, "
        "LimitNOFILE of the container runtime)",
        {{"open_files", std::to_string(http::raise_open_file_limit())}});
    return std::nullopt;
  }
  return opened;
}

}  // namespace sidecar::app
