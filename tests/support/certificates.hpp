#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace sidecar::test {

/// A leaf certificate and its private key, both PEM.
struct certificate {
  std::string pem;
  std::string key;
};

/// What a server certificate says. The default is a good one for a server on loopback.
struct certificate_options {
  std::string common_name = "kube-apiserver";
  std::vector<std::string> ip_addresses = {"127.0.0.1", "::1", "10.96.0.1"};
  std::vector<std::string> dns_names = {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"};
  std::chrono::hours valid_from{-1};   ///< counted from now
  std::chrono::hours valid_until{24};  ///< counted from now
  std::string extended_key_usage = "serverAuth";
};

/// A certificate authority made in memory (EC P-256), with key ids as Go writes them. Two of the same name have
/// different keys: the one that a server uses after its CA was replaced, seen from a client that still has the old
/// file.
class certificate_authority {
 public:
  /// With an `issuer`: an intermediate authority, vouched for by it.
  explicit certificate_authority(const std::string& name = "kubernetes", const certificate_authority* issuer = nullptr);
  /// One without key ids, as Go before 1.15, cfssl and old kubeadms write them.
  static certificate_authority without_key_ids(const std::string& name = "kubernetes");
  ~certificate_authority();
  certificate_authority(certificate_authority&&) noexcept;
  certificate_authority& operator=(certificate_authority&&) noexcept;

  const std::string& pem() const noexcept;
  certificate issue(const certificate_options& options = {}) const;

 private:
  struct impl;
  certificate_authority(const std::string& name, const certificate_authority* issuer, bool has_key_ids);

  std::unique_ptr<impl> impl_;
};

/// A server certificate that nobody but itself vouches for.
certificate make_self_signed(const certificate_options& options = {});

}  // namespace sidecar::test
