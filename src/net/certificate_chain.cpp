#include "sidecar/net/certificate_chain.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/out_of_memory.hpp"
#include "sidecar/net/path_search.hpp"

namespace sidecar::net {
namespace {

using verification_ptr = std::unique_ptr<X509_STORE_CTX, decltype(&::X509_STORE_CTX_free)>;

/// Without a path search, OpenSSL's rule: names, key ids and key types match.
int is_issuer(X509_STORE_CTX* store_context, X509* subject, X509* issuer) {
  if (auto* const search = static_cast<path_search*>(X509_STORE_CTX_get_app_data(store_context))) {
    return search->allows(subject, issuer) ? 1 : 0;
  }
  switch (::X509_check_issued(issuer, subject)) {
    case X509_V_OK:
    // It is the issuer; the missing key usage is reported later.
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
      return 1;
    default:
      return 0;
  }
}

/// Returns X509_V_OK for a valid path.
chain_fault try_path(X509_STORE_CTX* prepared, peer_role role) {
  ::X509_VERIFY_PARAM_set_purpose(::X509_STORE_CTX_get0_param(prepared), X509_PURPOSE_ANY);
  ::ERR_set_mark();
  const bool is_verified = ::X509_verify_cert(prepared) == 1;
  ::ERR_pop_to_mark();
  if (!is_verified) {
    const int error = ::X509_STORE_CTX_get_error(prepared);
    return {error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error, ::X509_STORE_CTX_get_error_depth(prepared)};
  }
  return find_fault(::X509_STORE_CTX_get0_chain(prepared), role).value_or(chain_fault{});
}

verification_ptr prepare_another(X509_STORE_CTX* given, path_search& search) {
  verification_ptr another(::X509_STORE_CTX_new(), &::X509_STORE_CTX_free);
  if (!another ||
      ::X509_STORE_CTX_init(another.get(), ::X509_STORE_CTX_get0_store(given), ::X509_STORE_CTX_get0_cert(given),
                            ::X509_STORE_CTX_get0_untrusted(given)) != 1 ||
      ::X509_VERIFY_PARAM_set1(::X509_STORE_CTX_get0_param(another.get()), ::X509_STORE_CTX_get0_param(given)) != 1 ||
      X509_STORE_CTX_set_app_data(another.get(), &search) != 1) {
    abort_out_of_memory();
  }
  return another;
}

/// True if another path than that of OpenSSL is valid.
bool find_other_path(X509_STORE_CTX* given, peer_role role, path_search& search) {
  for (int tried = 1; tried < max_paths; ++tried) {
    const auto another = prepare_another(given, search);
    const auto fault = try_path(another.get(), role);
    const auto* const path = ::X509_STORE_CTX_get0_chain(another.get());
    if (fault.error == X509_V_OK) {
      ::X509_STORE_CTX_set0_verified_chain(given, ::X509_STORE_CTX_get1_chain(another.get()));
      return true;
    }
    if (is_final(fault) || !search.learn(path, fault)) return false;
  }
  return false;
}

/// Makes an expected IPv4 address match its IPv6-mapped form in a SAN, which Go treats as equal. False without an
/// expected IPv4 address.
bool expect_mapped_address(X509_VERIFY_PARAM* param) {
  const std::unique_ptr<char, void (*)(char*)> address(::X509_VERIFY_PARAM_get1_ip_asc(param),
                                                       [](char* text) { OPENSSL_free(text); });
  const std::string_view text = address ? address.get() : ":";
  if (text.find(':') != text.npos) return false;
  return ::X509_VERIFY_PARAM_set1_ip_asc(param, ("::ffff:" + std::string{text}).c_str()) == 1;
}

chain_fault find_path(X509_STORE_CTX* given, peer_role role) {
  const auto fault = try_path(given, role);
  if (fault.error == X509_V_OK) return fault;
  if (!is_readable(::X509_STORE_CTX_get0_cert(given))) return {X509_V_ERR_INVALID_EXTENSION, 0};
  path_search search;
  if (fault.error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    const bool is_mapped = expect_mapped_address(::X509_STORE_CTX_get0_param(given));
    return is_mapped && find_other_path(given, role, search) ? chain_fault{} : fault;
  }
  if (is_final(fault)) return fault;
  // A dead end for OpenSSL may continue if key ids are ignored.
  const bool is_worth_another = is_dead_end(fault) || search.learn(::X509_STORE_CTX_get0_chain(given), fault);
  if (is_worth_another && find_other_path(given, role, search)) return {};
  if (is_dead_end(fault) && search.met_unreadable()) return {X509_V_ERR_INVALID_EXTENSION, fault.depth + 1};
  return fault;
}

template <peer_role Role>
int verify(X509_STORE_CTX* given, void*) {
  return verify_chain(given, Role);
}

}  // namespace

void verify_as_go(SSL_CTX* context, peer_role role) {
  auto* const param = ::SSL_CTX_get0_param(context);
  // Not X509_V_FLAG_POLICY_CHECK: up to OpenSSL 3.5 it leaks memory with each certificate that has policy constraints
  // and no policies.
  ::X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  // The subject's common name is no host name (RFC 9525), not even for name constraints.
  ::X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  ::X509_STORE_set_check_issued(::SSL_CTX_get_cert_store(context), is_issuer);
  ::SSL_CTX_set_cert_verify_callback(
      context, role == peer_role::server ? verify<peer_role::server> : verify<peer_role::client>, nullptr);
}

int verify_chain(X509_STORE_CTX* given, peer_role role) noexcept {
  const auto found = find_path(given, role);
  ::X509_STORE_CTX_set_error(given, found.error);
  ::X509_STORE_CTX_set_error_depth(given, found.depth);
  return found.error == X509_V_OK ? 1 : 0;
}

}  // namespace sidecar::net
