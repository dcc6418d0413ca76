#include "sidecar/net/certificate_rules.hpp"

#include <openssl/x509v3.h>

#include <memory>
#include <string_view>

#include "sidecar/base/ascii.hpp"
#include "sidecar/net/certificate_names.hpp"

namespace sidecar::net {
namespace {

template <class T>
using extension_ptr = std::unique_ptr<T, void (*)(T*)>;

/// Null if the extension is absent or malformed.
template <class T>
extension_ptr<T> read_extension(const X509* certificate, int nid, void (*release)(T*)) {
  return {static_cast<T*>(::X509_get_ext_d2i(certificate, nid, nullptr, nullptr)), release};
}

extension_ptr<GENERAL_NAMES> alternative_names_of(const X509* certificate) {
  return read_extension<GENERAL_NAMES>(certificate, NID_subject_alt_name, ::GENERAL_NAMES_free);
}

extension_ptr<NAME_CONSTRAINTS> constraints_of(const X509* certificate) {
  return read_extension<NAME_CONSTRAINTS>(certificate, NID_name_constraints, ::NAME_CONSTRAINTS_free);
}

bool is_good_for(const X509* certificate, peer_role role) {
  if (::X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1) < 0) return true;
  const auto usages = read_extension<EXTENDED_KEY_USAGE>(certificate, NID_ext_key_usage, ::EXTENDED_KEY_USAGE_free);
  if (!usages) return false;
  const int wanted = role == peer_role::server ? NID_server_auth : NID_client_auth;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages.get()); ++i) {
    const int usage = ::OBJ_obj2nid(sk_ASN1_OBJECT_value(usages.get(), i));
    if (usage == wanted || usage == NID_anyExtendedKeyUsage) return true;
  }
  return sk_ASN1_OBJECT_num(usages.get()) == 0;
}

bool has_extensions_for_its_version(const X509* certificate) {
  const auto version = ::X509_get_version(certificate);
  return version == X509_VERSION_3 || (version < X509_VERSION_3 && ::X509_get_ext_count(certificate) == 0);
}

bool is_known_type(const GENERAL_NAME* name) {
  return name->type == GEN_DNS || name->type == GEN_IPADD || name->type == GEN_EMAIL || name->type == GEN_URI;
}

bool has_known_name(const X509* certificate) {
  const auto names = alternative_names_of(certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (is_known_type(sk_GENERAL_NAME_value(names.get(), i))) return true;
  }
  return false;
}

bool are_all_known(const STACK_OF(GENERAL_SUBTREE) * subtrees) {
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); ++i) {
    if (!is_known_type(sk_GENERAL_SUBTREE_value(subtrees, i)->base)) return false;
  }
  return true;
}

bool has_known_constraints_only(const X509* certificate) {
  const auto constraints = constraints_of(certificate);
  return constraints && are_all_known(constraints->permittedSubtrees) && are_all_known(constraints->excludedSubtrees);
}

/// Whether Go handles this critical extension.
bool handles(const X509* certificate, X509_EXTENSION* extension) {
  switch (::OBJ_obj2nid(::X509_EXTENSION_get_object(extension))) {
    case NID_key_usage:
    case NID_basic_constraints:
    case NID_ext_key_usage:
    case NID_crl_distribution_points:
    case NID_certificate_policies:
    case NID_policy_mappings:
    case NID_policy_constraints:
    case NID_inhibit_any_policy:
      return true;
    case NID_subject_alt_name:
      return has_known_name(certificate);
    case NID_name_constraints:
      return has_known_constraints_only(certificate);
    default:
      return false;
  }
}

bool handles_critical_extensions(const X509* certificate) {
  for (int i = 0; i < ::X509_get_ext_count(certificate); ++i) {
    auto* const extension = ::X509_get_ext(certificate, i);
    if (::X509_EXTENSION_get_critical(extension) == 1 && !handles(certificate, extension)) return false;
  }
  return true;
}

/// A CA by its basic constraints, or a root of version 1, which has no extensions. OpenSSL also accepts key usage and
/// Netscape's type as proof for the last certificate of a chain.
bool is_authority(X509* certificate) {
  constexpr int basic_constraints = 1;
  constexpr int root_of_version_1 = 3;
  const int kind = ::X509_check_ca(certificate);
  return kind == basic_constraints || kind == root_of_version_1;
}

/// X509_SIG_INFO_TLS (the signature is allowed in TLS 1.3) implies for RSASSA-PSS that hash, mask and salt match.
bool has_known_signature(X509* certificate) {
  int hash = NID_undef;
  int key = NID_undef;
  std::uint32_t flags = 0;
  if (::X509_get_signature_info(certificate, &hash, &key, nullptr, &flags) != 1) return false;
  if (key == NID_ED25519) return true;
  const bool is_known_key = key == NID_rsaEncryption || key == NID_rsassaPss || key == NID_X9_62_id_ecPublicKey;
  return is_known_key && hash != NID_sha1 && (flags & X509_SIG_INFO_TLS) != 0;
}

int fault_of(X509* certificate, int depth, bool is_trusted, peer_role role) {
  if (!has_extensions_for_its_version(certificate)) return X509_V_ERR_EXTENSIONS_REQUIRE_VERSION_3;
  if (!handles_critical_extensions(certificate)) return X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION;
  if (depth > 0 && !is_authority(certificate)) return X509_V_ERR_INVALID_CA;
  const auto max_path = ::X509_get_pathlen(certificate);
  if (depth > 0 && max_path >= 0 && depth - 1 > max_path) return X509_V_ERR_PATH_LENGTH_EXCEEDED;
  if (!is_good_for(certificate, role)) return X509_V_ERR_INVALID_PURPOSE;
  if (!is_trusted && !has_known_signature(certificate)) return X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM;
  return X509_V_OK;
}

std::string_view dns_name(const GENERAL_NAME* name) {
  return name->type == GEN_DNS ? bytes_of(name->d.dNSName) : std::string_view{};
}

/// "*.example.com" covers "web.example.com"; OpenSSL compares the texts only (CVE-2025-61727 was the same in Go).
bool covers(std::string_view wildcard, std::string_view excluded) {
  const auto dot = excluded.find('.');
  if (wildcard.substr(0, 2) != "*." || dot == excluded.npos) return false;
  return equal_ignoring_case(wildcard.substr(1), excluded.substr(dot));
}

bool has_wildcard_of_excluded(const GENERAL_NAMES* names, const NAME_CONSTRAINTS* constraints) {
  for (int i = 0; i < sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees); ++i) {
    const auto excluded = dns_name(sk_GENERAL_SUBTREE_value(constraints->excludedSubtrees, i)->base);
    for (int n = 0; n < sk_GENERAL_NAME_num(names); ++n) {
      if (covers(dns_name(sk_GENERAL_NAME_value(names, n)), excluded)) return true;
    }
  }
  return false;
}

/// Checks the certificate at `depth` against the name constraints of its issuers.
int fault_of_names(const STACK_OF(X509) * chain, int depth) {
  auto* const certificate = sk_X509_value(chain, depth);
  const auto names = alternative_names_of(certificate);
  // OpenSSL skips self-issued certificates (RFC 5280, 6.1.3 (b)).
  const bool was_skipped = depth > 0 && (::X509_get_extension_flags(certificate) & EXFLAG_SI) != 0;
  for (int issuer = depth + 1; issuer < sk_X509_num(chain); ++issuer) {
    const auto constraints = constraints_of(sk_X509_value(chain, issuer));
    if (!constraints) continue;
    if (names && has_wildcard_of_excluded(names.get(), constraints.get())) return X509_V_ERR_EXCLUDED_VIOLATION;
    const int found = was_skipped ? ::NAME_CONSTRAINTS_check(certificate, constraints.get()) : X509_V_OK;
    if (found != X509_V_OK) return found;
  }
  return X509_V_OK;
}

}  // namespace

std::optional<chain_fault> find_fault(const STACK_OF(X509) * chain, peer_role role) {
  const int size = sk_X509_num(chain);
  for (int depth = 0; depth < size; ++depth) {
    const int found = fault_of(sk_X509_value(chain, depth), depth, depth == size - 1, role);
    if (found != X509_V_OK) return chain_fault{found, depth};
  }
  for (int depth = 0; depth < size; ++depth) {
    const int found = fault_of_names(chain, depth);
    if (found != X509_V_OK) return chain_fault{found, depth};
  }
  return std::nullopt;
}

}  // namespace sidecar::net
