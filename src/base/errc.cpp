#include "sidecar/base/errc.hpp"

#include <string>

namespace sidecar {
namespace {

const char* meaning(int value) noexcept {
  switch (static_cast<errc>(value)) {
    case errc::json_invalid:
      return "not valid JSON";
    case errc::json_too_deep:
      return "JSON nested too deep";
    case errc::json_repeated_key:
      return "JSON repeats a key that matters";
    case errc::json_wrong_type:
      return "a JSON field has an unexpected type";
    case errc::pod_not_a_pod:
      return "the object is not a Pod";
    case errc::pod_too_many_entries:
      return "the Pod has too many containers and statuses";
    case errc::file_missing:
      return "cannot be read: there is no such file";
    case errc::file_forbidden:
      return "cannot be read: permission denied";
    case errc::file_not_regular:
      return "cannot be read: it is no regular file";
    case errc::file_empty:
      return "is empty";
    case errc::file_too_large:
      return "is too large";
    case errc::token_malformed:
      return "does not hold a bearer token: there is a line end or another control character in the middle";
    case errc::ca_malformed:
      return "holds no usable PEM certificate";
    case errc::certificate_malformed:
      return "holds no PEM certificate that OpenSSL accepts (too weak a key, perhaps)";
    case errc::client_ca_malformed:
      return "holds no usable PEM certificate to vouch for clients";
    case errc::key_malformed:
      return "holds no usable PEM private key without a passphrase";
    case errc::key_mismatch:
      return "is not the certificate's private key";
    case errc::certificate_order:
      return "does not begin with the certificate of the private key, which comes later: the order is wrong";
    case errc::certificate_joined:
      return "was joined from two without a line end between -----END and -----BEGIN";
    case errc::certificate_cut:
      return "was cut: a certificate in it has no END line";
  }
  return "unknown error";
}

class sidecar_errors final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sidecar"; }
  std::string message(int value) const override { return meaning(value); }
};

}  // namespace

const boost::system::error_category& sidecar_category() noexcept {
  static const sidecar_errors instance;
  return instance;
}

boost::system::error_code make_error_code(errc value) noexcept { return {static_cast<int>(value), sidecar_category()}; }

}  // namespace sidecar
