#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <type_traits>

namespace sidecar {

/// Expected failures that more than one layer reports. Each has a message of one line; that of a file failure follows
/// the file's path.
enum class errc {
  json_invalid = 1,        ///< not JSON: syntax, encoding, truncation, or bytes after the document
  json_too_deep,           ///< nested deeper than json::max_depth
  json_duplicate_key,      ///< a key that is read occurs twice in one object
  json_wrong_type,         ///< a field that is read has another JSON type than Kubernetes gives it
  json_too_large,          ///< more values than a tree may have (json::read_tree)
  list_too_long,           ///< more items than a list of that query can have
  pod_not_a_pod,           ///< the document's kind is not "Pod"
  pod_too_many_entries,    ///< more containers and statuses than any pod has
  node_not_a_node,         ///< the document's kind is not "Node", or it has no name
  file_missing,            ///< ENOENT, ENOTDIR
  file_permission_denied,  ///< on the file or on a directory of its path
  file_not_regular,        ///< a directory, a FIFO, a device
  file_empty,              ///< nothing but white space
  file_too_large,          ///< larger than any file of its kind
  token_malformed,         ///< contains a byte that no HTTP field may have
  ca_malformed,            ///< no usable PEM certificate
  certificate_malformed,   ///< no certificate that OpenSSL accepts for a server
  client_ca_malformed,     ///< ca_malformed for TLS_CLIENT_CA
  key_malformed,           ///< no usable PEM private key; an encrypted one is not usable
  key_mismatch,            ///< the private key does not belong to the certificate
  certificate_order,       ///< the private key belongs to a later certificate of the chain
  certificate_joined,      ///< two PEM files were joined without a line end between them
  certificate_cut,         ///< a certificate without its END line
};

const boost::system::error_category& sidecar_category() noexcept;
boost::system::error_code make_error_code(errc value) noexcept;

template <class T>
using result = boost::system::result<T>;

}  // namespace sidecar

template <>
struct boost::system::is_error_code_enum<sidecar::errc> : std::true_type {};
