#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "load_balancer.hpp"

/// Every way in which HAProxy is made to ask for health, and the sidecars that it asks.
namespace sidecar::test {

/// What a sidecar offers beside plain answers.
enum class offer { nothing, tls, tls_for_clients, drain, agent };

/// One way to configure a check, as an operator writes it.
struct check_form {
  std::string name;
  std::vector<std::string> lines;  ///< of the backend
  std::string server;              ///< on the server's line
  std::string sends;               ///< what the first bytes of a check are: a regular expression for the start of them
  offer needs = offer::nothing;
  std::string leaving = "DOWN";  ///< what a pod that is being deleted is to HAProxy
  bool relayed = false;
  std::string ready = "UP";  ///< what a ready pod is; nothing but UP to a check that asks for its health
  friend void PrintTo(const check_form& form, std::ostream* out) { *out << form.name; }
};

const std::vector<check_form>& check_forms();
/// Checks that take any byte for up, as F5's do without `recv`, and HAProxy's for ports that speak TLS: they would be
/// up whatever came back. All but the first send what is no HTTP request, and must not get a byte.
const std::vector<check_form>& any_byte_forms();

/// The backend that checks what listens on `port` in this way; `agent_port` is looked at by the form that has one.
checked_backend backend_of(const check_form& form, std::uint16_t port, std::uint16_t agent_port);

/// Sidecars of every kind in one cluster. The directory has the certificates: ca.pem, server.pem and server.key for
/// health.example, client.pem with its key.
class haproxy_fixture : public watch_fixture {
 protected:
  haproxy_fixture();

  std::unique_ptr<daemon> start_offering(offer what, const variables& options = {}) const;
};

}  // namespace sidecar::test
