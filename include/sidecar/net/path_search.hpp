#pragma once

#include <openssl/x509.h>

#include <set>
#include <utility>

#include "sidecar/net/certificate_rules.hpp"

namespace sidecar::net {

/// The maximum number of paths from a peer's certificate to a trusted one; Go's limit of signature checks (verify.go,
/// maxChainSignatureChecks).
constexpr int max_paths = 100;

/// The maximum number of failed paths that rule out no further trusted certificate. A hostile peer may send 400
/// certificates that all claim to be signed by a trusted one, and each claim costs a signature check.
constexpr int max_useless_paths = 8;

/// True if no other path can succeed: the fault is in the peer's own certificate, or OpenSSL failed internally.
bool is_final(const chain_fault& fault) noexcept;

/// True if no issuer was found for the last certificate of the path.
bool is_dead_end(const chain_fault& fault) noexcept;

/// True if OpenSSL can parse all extensions. OpenSSL aborts a verification at a certificate whose extensions it cannot.
bool is_readable(X509* certificate);

/// Learns from failed paths which issuers the next path must avoid. Owns no certificate: they belong to the current
/// verification.
class path_search {
 public:
  /// Whether `issuer` may be the issuer of `subject`: the names match (key ids are only hints), and no failed path has
  /// shown that its key did not sign `subject`, that it is unfit, or that it is a dead end. OpenSSL checks signatures.
  bool allows(X509* subject, X509* issuer);

  /// Learns from a failed path; false if no other path is worth an attempt.
  bool learn(const STACK_OF(X509) * path, const chain_fault& fault);

  /// Whether an issuer with a matching name could not be parsed.
  bool met_unreadable() const noexcept { return met_unreadable_; }

 private:
  struct by_content {
    bool operator()(const X509* a, const X509* b) const noexcept;
    using pair = std::pair<const X509*, const X509*>;
    bool operator()(const pair& a, const pair& b) const noexcept;
  };

  bool exclude(const STACK_OF(X509) * path, int depth);
  bool exclude_issuer(const STACK_OF(X509) * path, int depth);

  std::set<const X509*, by_content> unfit_;
  std::set<by_content::pair, by_content> unsigned_;  ///< the first is not signed by the second
  std::set<const X509*, by_content> ruled_out_;      ///< trusted certificates with a failed path
  int useless_paths_ = 0;
  bool met_unreadable_ = false;
};

}  // namespace sidecar::net
