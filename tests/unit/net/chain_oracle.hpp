#pragma once

#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/net/certificate_rules.hpp"
#include "sidecar/net/tls.hpp"

/// Certificate chains and what Go's crypto/x509 says of them (tests/data/certificate-chains.jsonl, one JSON object a
/// line), and what the product says.
namespace sidecar::test {

struct oracle_chain {
  std::string name;
  std::string family;
  std::string bundle;  ///< what ca.crt holds
  std::string sent;    ///< PEM; the server's own certificate first
  std::string host;
  std::time_t time = 0;  ///< when it is verified
  bool go = false;       ///< Go accepts it
  std::string go_error;
};

/// Throws if a line is no such object.
std::vector<oracle_chain> read_chains(std::string_view lines);

struct chain_verdict {
  bool accepted = false;
  std::string failure;                ///< in the words of the log
  std::chrono::microseconds took{0};  ///< the verification alone
};

/// As a connection to `chain.host` would, whose context was made of `chain.bundle`.
chain_verdict judge(const oracle_chain& chain);

/// As a connection of `context` would, to `chain.host` or from a client.
chain_verdict judge(const oracle_chain& chain, const net::tls_context& context, net::peer_role role);

}  // namespace sidecar::test
