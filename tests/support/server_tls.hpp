#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <string>

#include "support/certificates.hpp"
#include "support/faults.hpp"

namespace sidecar::test {

/// The server's TLS contexts: the one in use and, made when first asked for, the flawed ones.
class server_contexts {
 public:
  server_contexts();

  std::shared_ptr<SSL_CTX> current() const noexcept { return current_; }
  std::shared_ptr<SSL_CTX> flawed(tls_flaw flaw);

  const std::string& ca() const noexcept { return authority_.pem(); }
  void use(const certificate& next);
  /// Another CA of the same name and a certificate of it.
  void replace_authority();

 private:
  std::shared_ptr<SSL_CTX> make_flawed(tls_flaw flaw) const;

  certificate_authority authority_;
  std::shared_ptr<SSL_CTX> current_;
  std::map<tls_flaw, std::shared_ptr<SSL_CTX>> flawed_;
};

}  // namespace sidecar::test
