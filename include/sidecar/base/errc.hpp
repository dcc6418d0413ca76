#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <type_traits>

namespace sidecar {

/// Expected failures that more than one file speaks of. Each has a one-line meaning (errc.cpp).
enum class errc {
  json_invalid = 1,       ///< not JSON: syntax, encoding, truncation or anything after the document
  json_too_deep,          ///< nested deeper than the reader allows
  json_repeated_key,      ///< a key that matters occurs twice in one object
  json_wrong_type,        ///< a field that matters has another JSON type than Kubernetes gives it
  pod_not_a_pod,          ///< the document's kind is not "Pod"
  pod_too_many_entries,   ///< more containers and statuses than any pod has
  file_missing,           ///< there is nothing at its path
  file_forbidden,         ///< it, or a directory on the way to it, is not for us to read
  file_not_regular,       ///< a directory, a FIFO, a device
  file_empty,             ///< nothing in it but white space
  file_too_large,         ///< larger than any file of its kind may be
  token_malformed,        ///< not a bearer token: a byte in it that no HTTP field may carry
  ca_malformed,           ///< no usable PEM certificate in it
  certificate_malformed,  ///< no certificate in it that OpenSSL takes for a server's
  client_ca_malformed,    ///< the same, in the file that vouches for clients
  key_malformed,          ///< no usable PEM private key in it; an encrypted one is none
  key_mismatch,           ///< the private key is not the certificate's
  certificate_order,      ///< the private key is that of a later certificate
  certificate_joined,     ///< two PEM files became one without a line end between them
  certificate_cut,        ///< a certificate without its last line
};

const boost::system::error_category& sidecar_category() noexcept;
boost::system::error_code make_error_code(errc value) noexcept;

template <class T>
using result = boost::system::result<T>;

}  // namespace sidecar

template <>
struct boost::system::is_error_code_enum<sidecar::errc> : std::true_type {};
