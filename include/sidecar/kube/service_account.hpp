#pragma once

#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"
#include "sidecar/base/watched_file.hpp"
#include "sidecar/kube/token_claims.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::kube {

/// What the namespace file says.
struct namespace_file {
  std::string text;     ///< trimmed
  std::string problem;  ///< why there is no text, in words that follow the path; empty if there is one
};

/// The pod's identity as the kubelet mounts it: token, ca.crt, namespace. Token and CA rotate; the namespace cannot.
/// The token leaves this class only as the value of an Authorization field.
class service_account {
 public:
  /// `directory` as in SERVICE_ACCOUNT_DIR. Reads nothing yet.
  explicit service_account(const std::string& directory);
  service_account(const service_account&) = delete;
  service_account& operator=(const service_account&) = delete;

  /// Looks at the token file (see watched_file); true if the token's bytes changed. Logs a file gone bad, once.
  bool refresh_token(bool again = false);

  /// The same for the CA bundle; true if there is a new context.
  bool refresh_ca(bool again = false);

  const std::string& token() const noexcept { return token_.content(); }
  /// `text`, which a peer may have written, with every piece of the token in it replaced by ***: what the API server or
  /// a proxy repeats of a request must not get into the log. Looks at the first kilobyte and drops the rest.
  std::string without_token(std::string_view text) const;

  const token_claims& claims() const noexcept { return claims_; }

  /// How often the CA bundle's bytes have changed: what was verified before a change is not to be relied on after it.
  unsigned ca_generation() const noexcept { return ca_generation_; }

  /// Null until a usable CA bundle was seen.
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
  bool claims_are_old_ = false;  ///< the file tells of a new token once, and there may be no memory to read it
  net::tls_context tls_;
  unsigned ca_generation_ = 0;
};

/// White space around the text removed (Go's strings.TrimSpace, as client-go does with tokens).
std::string_view trim(std::string_view text) noexcept;

/// Whatever stands in the file is the token, as for client-go: issuers make them of more bytes than RFC 6750 has (Rancher's
/// are `id:secret`), and the API server alone judges them. White space around it is not part of it. Errors: file_empty;
/// token_malformed for a byte that no field's value may have (RFC 9110, 5.5), with which it would break out of its own.
result<std::string> clean_token(std::string_view raw);

}  // namespace sidecar::kube
