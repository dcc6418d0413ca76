#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/watched_file.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::app {

/// TLS_CERT, TLS_KEY and TLS_CLIENT_CA, as they are now: looked at whenever a client comes, used when they have changed
/// and fit together. What does not never replaces what does.
class tls_files {
 public:
  /// `settings.tls_cert` is set. Reads nothing yet.
  explicit tls_files(const config::config& settings);

  /// The first reading; every mistake, each saying what to do. Without one there is a context from now on.
  std::vector<std::string> open();

  /// The context for a client that comes now. Logs what it finds new, once.
  net::tls_context current();

 private:
  /// What has been said of how long the certificate lasts.
  enum class warned { no, ends_soon, has_ended };

  void look();
  /// Of what look() has found, whether that fits together or not.
  boost::system::error_code build();
  /// The option and the file that a problem of build() is about.
  std::pair<std::string_view, const watched_file*> culprit(const boost::system::error_code& problem) const;
  void tell_of_validity();

  watched_file certificate_;
  watched_file key_;
  std::optional<watched_file> client_ca_;
  net::tls_context context_;
  bool pending_ = false;  ///< there is something new to try: a file tells of a change once, and memory may lack
  warned warned_ = warned::no;
};

}  // namespace sidecar::app
