#pragma once

#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sidecar::net {

struct free_certificate {
  void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
};
using certificate_ptr = std::unique_ptr<X509, free_certificate>;

/// Why a block of PEM is no certificate.
enum class pem_flaw : std::uint8_t {
  none,
  other_label,  ///< a key, a CRL, a certificate in OpenSSL's own "TRUSTED" form
  has_headers,  ///< RFC 1421, as in encrypted keys
  joined,       ///< its BEGIN or END line has something else on it: two files were joined without a line end
  cut,          ///< no END line of its own
  not_base64,
  no_certificate,  ///< base64 of something else, or of more than a certificate
};

/// A block that is no certificate. Blocks are counted from 1 by their BEGIN.
struct flawed_block {
  std::size_t number = 0;
  pem_flaw flaw = pem_flaw::none;
};

/// A PEM file's certificates, in its order, and what else it has.
struct pem_bundle {
  std::vector<certificate_ptr> certificates;
  std::vector<flawed_block> flawed;
};

/// PURE. Reads what Go's encoding/pem and crypto/x509 (AppendCertsFromPEM) read: a block that is no certificate costs
/// no other one, where OpenSSL's reader stops at the first. Text between blocks, line ends of Windows, empty lines and
/// blanks within a block are no flaws. Read as well, as OpenSSL does and Go does not: "X509 CERTIFICATE" blocks, and
/// files that begin with a byte order mark.
pem_bundle read_pem(std::string_view text);

/// In words that follow the block's number: "is not base64".
std::string_view describe(pem_flaw flaw) noexcept;

/// For a log line: "2 (is not base64), 3 (...) and 5 more". Empty if there are none.
std::string describe(const std::vector<flawed_block>& blocks);

}  // namespace sidecar::net
