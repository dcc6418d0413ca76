#include "sidecar/app/tls_reloader.hpp"

#include <chrono>
#include <string_view>

#include "sidecar/base/log.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/net/pem_bundle.hpp"

namespace sidecar::app {
namespace {

using change = watched_file::change;

constexpr std::size_t max_file = 256 * 1024;

/// True if the file has new content. Logs a file that became unusable, once.
bool has_changed(watched_file& file) {
  const auto found = file.refresh();
  if (found == change::failed && !file.content().empty()) {
    log::warn("a TLS file of the health port is not usable; its previous content stays in use; repair the file",
              {{"file", file.path()}, {"problem", file.describe_problem()}});
  }
  return found == change::changed;
}

std::string_view example_of(std::string_view option) {
  if (option == "TLS_CERT") return "/tls/tls.crt";
  return option == "TLS_KEY" ? "/tls/tls.key" : "/tls/ca.crt";
}

std::string describe(std::string_view option, const watched_file& file, std::string_view problem) {
  auto text = config::variable_name(option) + "=\"" + log::printable(file.path(), 128) + "\": the file ";
  return text.append(problem);
}

/// With one file for both, an error of the key is one of TLS_CERT.
std::string hint(std::string_view option, const boost::system::error_code& problem) {
  const bool is_of_bundle = option == "TLS_CERT";
  if (problem == errc::key_malformed && is_of_bundle) {
    return ": put the key into it, in any place, or name the key's file in TLS_KEY";
  }
  if (problem == errc::key_mismatch) return ": write the path of the key that belongs to TLS_CERT";
  if (problem == errc::certificate_order) return ": put the certificate of the key first, and its issuers behind it";
  if (problem == errc::certificate_joined) return ": put a line end between them";
  if (problem == errc::certificate_cut) return ": write the whole file";
  return ": write the path of a PEM file, such as " + std::string{example_of(option)};
}

/// For a file without content. A permission that was denied already comes with advice.
std::string read_error(std::string_view option, const watched_file& file) {
  const bool is_there = file.last_error() == errc::file_permission_denied;
  return describe(option, file, file.describe_problem() + (is_there ? std::string{} : hint(option, {})));
}

std::string build_error(std::string_view option, const watched_file& file, const boost::system::error_code& problem) {
  if (option == "TLS_CERT" && problem == errc::key_mismatch) {
    return describe(option, file,
                    "has no private key of its first certificate: put that key into it, or name the key's file in "
                    "TLS_KEY");
  }
  return describe(option, file, problem.message() + hint(option, problem));
}

}  // namespace

tls_reloader::tls_reloader(const config::config& settings) : certificate_(settings.tls_cert, max_file, whole_text) {
  if (!settings.tls_key.empty()) key_.emplace(settings.tls_key, max_file, whole_text);
  if (!settings.tls_client_ca.empty()) client_ca_.emplace(settings.tls_client_ca, max_file, whole_text);
}

std::vector<std::string> tls_reloader::open() {
  refresh_files();
  std::vector<std::string> errors;
  const auto check = [&errors](std::string_view option, const watched_file& file) {
    if (file.content().empty()) errors.push_back(read_error(option, file));
  };
  check("TLS_CERT", certificate_);
  if (key_) check("TLS_KEY", *key_);
  if (client_ca_) check("TLS_CLIENT_CA", *client_ca_);
  if (!errors.empty()) return errors;
  if (const auto problem = build()) {
    const auto [option, file] = offending_file(problem);
    errors.push_back(build_error(option, *file, problem));
    return errors;
  }
  warn_of_expiry();
  return errors;
}

net::tls_context tls_reloader::current() {
  if (refresh_files()) {
    if (const auto problem = build()) {
      log::warn("the new TLS files of the health port are not usable (yet); the previous ones stay in use",
                {{"file", offending_file(problem).second->path()}, {"problem", problem.message()}});
    } else {
      log::info("TLS on the health port uses new files", {{"certificate", certificate_.path()}});
      warned_ = warned::no;
    }
  }
  warn_of_expiry();
  return context_;
}

std::chrono::sys_seconds tls_reloader::expiry() const { return net::validity_of(*context_).end; }

std::pair<std::string_view, const watched_file*> tls_reloader::offending_file(
    const boost::system::error_code& problem) const {
  if (problem == errc::client_ca_malformed) return {"TLS_CLIENT_CA", &*client_ca_};
  const bool is_about_key = problem == errc::key_malformed || problem == errc::key_mismatch;
  if (key_ && is_about_key) return {"TLS_KEY", &*key_};
  return {"TLS_CERT", &certificate_};
}

bool tls_reloader::refresh_files() {
  const bool new_certificate = has_changed(certificate_);
  const bool new_key = key_ && has_changed(*key_);
  const bool new_client_ca = client_ca_ && has_changed(*client_ca_);
  if (new_client_ca) {
    net::warn_of_skipped_blocks(*client_ca_,
                                "the bundle of TLS_CLIENT_CA has blocks that are no certificates: they are skipped");
  }
  return new_certificate || new_key || new_client_ca;
}

boost::system::error_code tls_reloader::build() {
  auto made = net::make_server_context({.certificate = certificate_.content(),
                                        .key = key_ ? key_->content() : certificate_.content(),
                                        .client_ca = client_ca_ ? client_ca_->content() : std::string{}});
  if (!made) return made.error();
  context_ = std::move(*made);
  return {};
}

void tls_reloader::warn_of_expiry() {
  using namespace std::chrono_literals;
  const auto times = net::validity_of(*context_);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (times.end <= now && warned_ != warned::expired) {
    warned_ = warned::expired;
    return log::warn(
        "the certificate of the health port has expired: a load balancer that verifies it takes this node for down; "
        "renew it",
        {{"certificate", certificate_.path()}});
  }
  if (!net::expires_soon(times, now) || warned_ != warned::no) return;
  warned_ = warned::expires_soon;
  log::warn("the certificate of the health port expires soon: renew it",
            {{"certificate", certificate_.path()}, {"hours_left", std::to_string((times.end - now) / 1h)}});
}

}  // namespace sidecar::app
