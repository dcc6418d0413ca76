#include "sidecar/app/tls_files.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "sidecar/base/log.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/net/pem_bundle.hpp"

namespace sidecar::app {
namespace {

using change = watched_file::change;

constexpr std::size_t longest_file = 256 * 1024;

result<std::string> non_empty(std::string_view raw) {
  if (raw.find_first_not_of(" \t\r\n") == raw.npos) return errc::file_empty;
  return std::string{raw};
}

/// True if there is something new to try.
bool has_changed(watched_file& file) {
  const auto found = file.refresh();
  if (found == change::worse && !file.content().empty()) {
    log::warn("a file for TLS on the health port went bad; what was read before stays in use",
              {{"file", file.path()}, {"problem", file.describe_problem()}});
  }
  return found == change::changed;
}

void report_skipped(const watched_file& bundle) {
  const auto found = net::read_pem(bundle.content());
  if (found.flawed.empty()) return;
  log::warn("the bundle of TLS_CLIENT_CA has blocks that are no certificates: they are skipped",
            {{"file", bundle.path()},
             {"certificates", std::to_string(found.certificates.size())},
             {"skipped", net::describe(found.flawed)}});
}

std::string_view example_of(std::string_view option) {
  if (option == "TLS_CERT") return "/tls/tls.crt";
  return option == "TLS_KEY" ? "/tls/tls.key" : "/tls/ca.crt";
}

std::string mistake(std::string_view option, const watched_file& file, std::string_view problem) {
  auto text = config::variable_name(option) + "=\"" + log::printable(file.path(), 128) + "\": the file ";
  return text.append(problem);
}

std::string advice_about(std::string_view option, const boost::system::error_code& problem) {
  if (problem == errc::key_mismatch) return ": write the path of the key that belongs to TLS_CERT";
  if (problem == errc::certificate_order) return ": put the certificate of TLS_KEY first, and its issuers behind it";
  if (problem == errc::certificate_joined) return ": put a line end between them";
  if (problem == errc::certificate_cut) return ": write the whole file";
  return ": write the path of a PEM file, such as " + std::string{example_of(option)};
}

/// Of a file without content. What may not be read says itself what to do.
std::string mistake_of_reading(std::string_view option, const watched_file& file) {
  const bool is_there = file.last_error() == errc::file_forbidden;
  return mistake(option, file, file.describe_problem() + (is_there ? std::string{} : advice_about(option, {})));
}

std::string mistake_of_building(std::string_view option, const watched_file& file,
                                const boost::system::error_code& problem) {
  return mistake(option, file, problem.message() + advice_about(option, problem));
}

}  // namespace

tls_files::tls_files(const config::config& settings)
    : certificate_(settings.tls_cert, longest_file, non_empty), key_(settings.tls_key, longest_file, non_empty) {
  if (!settings.tls_client_ca.empty()) client_ca_.emplace(settings.tls_client_ca, longest_file, non_empty);
}

std::vector<std::string> tls_files::open() {
  look();
  std::vector<std::string> mistakes;
  const auto check = [&mistakes](std::string_view option, const watched_file& file) {
    if (file.content().empty()) mistakes.push_back(mistake_of_reading(option, file));
  };
  check("TLS_CERT", certificate_);
  check("TLS_KEY", key_);
  if (client_ca_) check("TLS_CLIENT_CA", *client_ca_);
  if (!mistakes.empty()) return mistakes;
  if (const auto problem = build()) {
    const auto [option, file] = culprit(problem);
    mistakes.push_back(mistake_of_building(option, *file, problem));
    return mistakes;
  }
  tell_of_validity();
  return mistakes;
}

net::tls_context tls_files::current() {
  look();
  if (pending_) {
    if (const auto problem = build()) {
      log::warn("the new files for TLS on the health port cannot be used (yet); those before stay in use",
                {{"file", culprit(problem).second->path()}, {"problem", problem.message()}});
    } else {
      log::info("TLS on the health port uses new files", {{"certificate", certificate_.path()}});
      warned_ = warned::no;
    }
  }
  tell_of_validity();
  return context_;
}

std::pair<std::string_view, const watched_file*> tls_files::culprit(const boost::system::error_code& problem) const {
  if (problem == errc::client_ca_malformed) return {"TLS_CLIENT_CA", &*client_ca_};
  if (problem == errc::key_malformed || problem == errc::key_mismatch) return {"TLS_KEY", &key_};
  return {"TLS_CERT", &certificate_};
}

void tls_files::look() {
  if (has_changed(certificate_)) pending_ = true;
  if (has_changed(key_)) pending_ = true;
  if (client_ca_ && has_changed(*client_ca_)) {
    pending_ = true;
    report_skipped(*client_ca_);
  }
}

boost::system::error_code tls_files::build() {
  auto made = net::make_server_context({.certificate = certificate_.content(),
                                        .key = key_.content(),
                                        .client_ca = client_ca_ ? client_ca_->content() : std::string{}});
  pending_ = false;
  if (!made) return made.error();
  context_ = std::move(*made);
  return {};
}

/// In the last fifth of its time, at most a week before the end, somebody should have renewed it.
void tls_files::tell_of_validity() {
  using namespace std::chrono_literals;
  const auto [whole, left] = net::validity_of(*context_);
  if (left <= 0s && warned_ != warned::has_ended) {
    warned_ = warned::has_ended;
    return log::warn(
        "the certificate of the health port has expired: a load balancer that verifies it takes this node for down; "
        "renew it",
        {{"certificate", certificate_.path()}});
  }
  constexpr std::chrono::seconds soon = 7 * 24h;
  if (left > std::min(soon, whole / 5) || warned_ != warned::no) return;
  warned_ = warned::ends_soon;
  log::warn("the certificate of the health port expires soon, and nobody has renewed it",
            {{"certificate", certificate_.path()}, {"hours_left", std::to_string(left / 1h)}});
}

}  // namespace sidecar::app
