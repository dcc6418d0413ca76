#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/watched_file.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::app {

/// Reloads TLS_CERT (with the key in it, if TLS_KEY is unset), TLS_KEY and TLS_CLIENT_CA when a client connects and a
/// file has changed. Files that do not fit together never replace files that do.
class tls_reloader {
 public:
  /// `settings.tls_cert` is set. Reads nothing yet.
  explicit tls_reloader(const config::config& settings);

  /// Reads the files for the first time. Returns every configuration error with a hint; without any, current() has a
  /// context.
  std::vector<std::string> open();

  /// The context for a client that connects now. Logs each change of the files once.
  net::tls_context current();

  /// When the certificate in use expires.
  std::chrono::sys_seconds expiry() const;

 private:
  /// The last warning about the certificate's expiry.
  enum class warned { no, expires_soon, expired };

  /// Reads every file that has changed; true if any has new content.
  bool refresh_files();
  /// Builds the context from the files' contents; on an error the previous context stays.
  boost::system::error_code build();
  /// The option and the file that an error of build() is about.
  std::pair<std::string_view, const watched_file*> offending_file(const boost::system::error_code& problem) const;
  void warn_of_expiry();

  watched_file certificate_;
  std::optional<watched_file> key_;  ///< empty: the key is in the certificate's file
  std::optional<watched_file> client_ca_;
  net::tls_context context_;
  warned warned_ = warned::no;
};

}  // namespace sidecar::app
