#pragma once

#include <openssl/x509.h>

#include <chrono>
#include <optional>

namespace sidecar::net {

/// A certificate's notBefore and notAfter.
struct validity {
  std::chrono::sys_seconds begin{};
  std::chrono::sys_seconds end{};
};

/// PURE. A time in a certificate, of the years 0 to 9999; empty if it is malformed.
std::optional<std::chrono::sys_seconds> time_of(const ASN1_TIME& when) noexcept;

/// PURE. Empty if either time is malformed.
std::optional<validity> validity_of(const X509& certificate) noexcept;

/// PURE. True in the last week, or for a short one the last fifth, of a certificate's lifetime: it should have been
/// renewed (cert-manager renews at two thirds).
bool expires_soon(const validity& times, std::chrono::sys_seconds now) noexcept;

}  // namespace sidecar::net
