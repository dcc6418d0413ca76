#include "sidecar/base/errc.hpp"

#include <string>

namespace sidecar {
namespace {

const char* message_of(errc value) noexcept {
  switch (value) {
    case errc::json_invalid:
      return "not valid JSON";
    case errc::json_too_deep:
      return "JSON nested too deep";
    case errc::json_duplicate_key:
      return "JSON with a duplicate key";
    case errc::json_wrong_type:
      return "a JSON field has an unexpected type";
    case errc::json_too_large:
      return "JSON with too many values";
    case errc::list_too_long:
      return "the list has too many items";
    case errc::pod_not_a_pod:
      return "the object is not a Pod";
    case errc::pod_too_many_entries:
      return "the Pod has too many containers and statuses";
    case errc::node_not_a_node:
      return "the object is not a Node with a name";
    case errc::file_missing:
      return "cannot be read: there is no such file";
    case errc::file_permission_denied:
      return "cannot be read: permission denied";
    case errc::file_not_regular:
      return "cannot be read: not a regular file";
    case errc::file_empty:
      return "is empty";
    case errc::file_too_large:
      return "is too large";
    case errc::token_malformed:
      return "is not a bearer token: it contains a line end or another control character";
    case errc::ca_malformed:
      return "contains no usable PEM certificate";
    case errc::certificate_malformed:
      return "contains no PEM certificate that OpenSSL accepts (its key may be too weak)";
    case errc::client_ca_malformed:
      return "contains no usable PEM certificate to verify clients with";
    case errc::key_malformed:
      return "contains no usable PEM private key (an encrypted key is not usable)";
    case errc::key_mismatch:
      return "is not the certificate's private key";
    case errc::certificate_order:
      return "has its certificates in the wrong order (the private key belongs to a later one)";
    case errc::certificate_joined:
      return "was joined from two files without a line end between -----END and -----BEGIN";
    case errc::certificate_cut:
      return "is truncated: a certificate in it has no END line";
  }
  return "unknown error";
}

class sidecar_errors final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "sidecar"; }
  std::string message(int value) const override { return message_of(static_cast<errc>(value)); }
};

}  // namespace

const boost::system::error_category& sidecar_category() noexcept {
  static const sidecar_errors instance;
  return instance;
}

boost::system::error_code make_error_code(errc value) noexcept { return {static_cast<int>(value), sidecar_category()}; }

}  // namespace sidecar
