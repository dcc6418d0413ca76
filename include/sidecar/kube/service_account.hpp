#pragma once

#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"
#include "sidecar/base/watched_file.hpp"
#include "sidecar/kube/mounted_identity.hpp"
#include "sidecar/kube/token_claims.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::kube {

/// The pod's identity as the kubelet mounts it: token, ca.crt, namespace. Token and CA rotate; the namespace cannot.
/// The token leaves this class only as the value of an Authorization field.
class service_account {
 public:
  /// `directory` as in SERVICE_ACCOUNT_DIR. Reads nothing yet.
  explicit service_account(const std::string& directory);
  service_account(const service_account&) = delete;
  service_account& operator=(const service_account&) = delete;

  /// Reads the token file if it has changed (watched_file); true if the token has. Logs an unusable file once.
  bool refresh_token(bool force = false);

  /// The same for the CA bundle; true if tls() has changed.
  bool refresh_ca(bool force = false);

  const std::string& token() const noexcept { return token_.content(); }
  /// Replaces every piece of the token in a foreign text with ***: the API server or a proxy may repeat a request, and
  /// the token must not get into the log. Keeps the first kilobyte and drops the rest.
  std::string redact_token(std::string_view text) const;

  const token_claims& claims() const noexcept { return claims_; }

  /// The number of changes of the CA bundle: a connection that was verified before a change must not be used after it.
  unsigned ca_generation() const noexcept { return ca_generation_; }

  /// Null until a usable CA bundle has been read.
  const net::tls_context& tls() const noexcept { return tls_; }

  /// The namespace file as it is now.
  namespace_file read_namespace() const;

  const watched_file& token_file() const noexcept { return token_; }
  const watched_file& ca_file() const noexcept { return ca_; }

 private:
  watched_file token_;
  watched_file ca_;
  std::string namespace_path_;
  token_claims claims_;
  net::tls_context tls_;
  unsigned ca_generation_ = 0;
};

token_state state_of_token(const service_account& credentials);

/// PURE. The token is the file's content without surrounding white space, as in client-go: issuers use more characters
/// than RFC 6750 allows (Rancher's tokens are `id:secret`), and only the API server judges them. Errors: file_empty;
/// token_malformed for a byte that no field value may contain (RFC 9110, 5.5), which would allow header injection.
result<std::string> clean_token(std::string_view raw);

}  // namespace sidecar::kube
