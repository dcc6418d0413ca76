#pragma once

#include <openssl/x509.h>

#include <set>
#include <utility>

#include "sidecar/net/certificate_rules.hpp"

namespace sidecar::net {

/// How many paths from a peer's certificate to a trusted one are tried: as many as Go checks signatures (verify.go,
/// maxChainSignatureChecks).
constexpr int max_paths = 100;

/// How many of them may fail that do not rule out a trusted certificate for the first time. The bundle is its owner's;
/// but each of 400 certificates that a peer sends may claim to be signed by the trusted one, for us to find out.
constexpr int max_useless_paths = 8;

/// True if no other path is better: it is the peer's certificate itself, or OpenSSL could not do its work.
bool is_final(const chain_fault& fault) noexcept;

/// True if no issuer was found for the last certificate of the path.
bool is_dead_end(const chain_fault& fault) noexcept;

/// True if OpenSSL can read all its extensions. It gives up where it comes to one of which that is not so.
bool is_readable(X509* certificate);

/// What the paths that have failed say of the next one: which issuers are not worth another try. It keeps no
/// certificate alive: they are those of the verification under way.
class path_search {
 public:
  /// Whether `issuer` may be the one of `subject`: names fit (key ids are hints only), and no path has shown that its
  /// key did not sign it, that it is unfit, or that it leads nowhere. Only OpenSSL checks signatures.
  bool allows(X509* subject, X509* issuer);

  /// Learns from a path that has failed; false if no other one is worth a try.
  bool learn(const STACK_OF(X509) * path, const chain_fault& fault);

  /// Whether one that fits by its name could not be read.
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
  std::set<const X509*, by_content> ruled_out_;      ///< trusted, and a path to it has failed
  int useless_paths_ = 0;
  bool met_unreadable_ = false;
};

}  // namespace sidecar::net
