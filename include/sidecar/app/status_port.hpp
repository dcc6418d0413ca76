#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "sidecar/app/status_facts.hpp"
#include "sidecar/status/server.hpp"

namespace sidecar::app {

/// The status port (STATUS_LISTEN) and what it shows. `parts` outlive it.
struct status_port {
  status_port(boost::asio::ip::tcp::acceptor acceptor, const status_parts& parts)
      : facts(parts),
        server(std::move(acceptor), {.has_page = parts.settings.status_page, .hosts = parts.settings.status_hosts},
               facts) {}

  status_facts facts;
  status::server server;
};

}  // namespace sidecar::app
