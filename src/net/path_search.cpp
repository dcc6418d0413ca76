#include "sidecar/net/path_search.hpp"

#include <openssl/x509v3.h>

namespace sidecar::net {
namespace {

/// The cause of a path's failure: what the next path must avoid.
enum class cause {
  signature,    ///< this issuer for this certificate
  dead_end,     ///< the last certificate
  constraint,   ///< the issuer that constrains names
  certificate,  ///< this certificate
};

cause cause_of(int error) noexcept {
  switch (error) {
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
    case X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return cause::signature;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return cause::dead_end;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
    case X509_V_ERR_SUBTREE_MINMAX:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
    case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
    case X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      return cause::constraint;
    default:
      return cause::certificate;
  }
}

int next_with_constraints(const STACK_OF(X509) * path, int depth) {
  do {
    ++depth;
  } while (depth < sk_X509_num(path) &&
           ::X509_get_ext_by_NID(sk_X509_value(path, depth), NID_name_constraints, -1) < 0);
  return depth;
}

}  // namespace

bool is_final(const chain_fault& fault) noexcept {
  switch (fault.error) {
    case X509_V_ERR_UNSPECIFIED:
    case X509_V_ERR_OUT_OF_MEM:
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return true;
    default:
      return fault.depth == 0 && cause_of(fault.error) == cause::certificate;
  }
}

bool is_dead_end(const chain_fault& fault) noexcept { return cause_of(fault.error) == cause::dead_end; }

bool is_readable(X509* certificate) { return (::X509_get_extension_flags(certificate) & EXFLAG_INVALID) == 0; }

bool path_search::by_content::operator()(const X509* a, const X509* b) const noexcept { return ::X509_cmp(a, b) < 0; }

bool path_search::by_content::operator()(const pair& a, const pair& b) const noexcept {
  const int firsts = ::X509_cmp(a.first, b.first);
  return firsts < 0 || (firsts == 0 && ::X509_cmp(a.second, b.second) < 0);
}

bool path_search::allows(X509* subject, X509* issuer) {
  if (::X509_NAME_cmp(::X509_get_issuer_name(subject), ::X509_get_subject_name(issuer)) != 0) return false;
  if (!is_readable(issuer)) {
    met_unreadable_ = true;
    return false;
  }
  return ::X509_get0_pubkey(issuer) != nullptr && !unfit_.contains(issuer) && !unsigned_.contains({subject, issuer});
}

bool path_search::learn(const STACK_OF(X509) * path, const chain_fault& fault) {
  switch (cause_of(fault.error)) {
    case cause::signature:
      return exclude_issuer(path, fault.depth);
    case cause::dead_end:
      return exclude(path, sk_X509_num(path) - 1);
    case cause::constraint:
      return exclude(path, next_with_constraints(path, fault.depth));
    case cause::certificate:
      return exclude(path, fault.depth);
  }
  return false;
}

bool path_search::exclude(const STACK_OF(X509) * path, int depth) {
  const bool is_new = depth > 0 && depth < sk_X509_num(path) && unfit_.insert(sk_X509_value(path, depth)).second;
  return is_new && ++useless_paths_ <= max_useless_paths;
}

bool path_search::exclude_issuer(const STACK_OF(X509) * path, int depth) {
  // OpenSSL checks signatures of complete paths only, so the last certificate is trusted.
  const int last = sk_X509_num(path) - 1;
  if (depth >= last) return false;
  const auto* const issuer = sk_X509_value(path, depth + 1);
  const bool is_new = unsigned_.emplace(sk_X509_value(path, depth), issuer).second;
  const bool rules_out_trusted = depth + 1 == last && ruled_out_.insert(issuer).second;
  if (!rules_out_trusted) ++useless_paths_;
  return is_new && useless_paths_ <= max_useless_paths;
}

}  // namespace sidecar::net
