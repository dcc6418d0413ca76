#pragma once

#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/base/watched_file.hpp"

namespace sidecar::net {

struct free_certificate {
  void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
};
using certificate_ptr = std::unique_ptr<X509, free_certificate>;

/// Why a PEM block is no certificate.
enum class pem_flaw : std::uint8_t {
  none,
  other_label,  ///< a key, a CRL, a certificate in OpenSSL's own "TRUSTED" form
  has_headers,  ///< RFC 1421, as in encrypted keys
  joined,       ///< its BEGIN or END line has other text: two files were joined without a line end
  cut,          ///< no END line
  not_base64,
  no_certificate,  ///< base64 of something else, or with bytes after the certificate
};

/// A block that is no certificate. `number` counts BEGIN lines from 1.
struct flawed_block {
  std::size_t number = 0;
  pem_flaw flaw = pem_flaw::none;
};

/// A PEM file's certificates, in file order, and its other blocks.
struct pem_bundle {
  std::vector<certificate_ptr> certificates;
  std::vector<flawed_block> flawed;
};

/// PURE. Reads what Go's encoding/pem and crypto/x509 (AppendCertsFromPEM) read: a flawed block is skipped, where
/// OpenSSL's reader would stop. Text between blocks, CRLF, empty lines and blanks within a block are accepted. So are
/// "X509 CERTIFICATE" blocks and a leading byte order mark, which OpenSSL accepts and Go does not.
pem_bundle read_pem(std::string_view text);

/// A phrase that follows the block's number: "is not base64".
std::string_view describe(pem_flaw flaw) noexcept;

/// For a log line: "2 (is not base64), 3 (...) and 5 more". Empty if there are none.
std::string describe(const std::vector<flawed_block>& blocks);

/// Logs `message` as a warning, with the file and its blocks that are no certificates, if there are any.
void warn_of_skipped_blocks(const watched_file& bundle, std::string_view message);

}  // namespace sidecar::net
