#include "sidecar/kube/service_account.hpp"

#include <algorithm>

#include "sidecar/base/log.hpp"
#include "sidecar/net/pem_bundle.hpp"

namespace sidecar::kube {
namespace {

constexpr std::size_t max_token = 64 * 1024;
constexpr std::size_t max_ca = 1024 * 1024;
constexpr std::size_t max_namespace = 1024;
constexpr std::size_t max_foreign_text = 1024;

/// The shortest piece of a token that is redacted: shorter pieces occur in other texts by chance.
constexpr std::size_t min_secret_piece = 16;

/// RFC 9110, 5.5: a field value contains no control character except the tab.
bool is_field_byte(char c) noexcept {
  const auto value = static_cast<unsigned char>(c);
  return value == '\t' || (value >= 0x20 && value != 0x7F);
}

void report(const watched_file& file, watched_file::change change, std::string_view kept) {
  if (change != watched_file::change::failed || file.content().empty()) return;
  log::warn("a service-account file is not usable; its previous content stays in use; repair the file",
            {{"file", file.path()}, {"problem", file.describe_problem()}, {"keeping", std::string{kept}}});
}

}  // namespace

service_account::service_account(const std::string& directory)
    : token_(directory + "/token", max_token, clean_token),
      ca_(directory + "/ca.crt", max_ca,
          [this](std::string_view raw) -> result<std::string> {
            auto text = trimmed_text(raw);
            if (!text) return text;
            // Only a usable bundle replaces the current one.
            auto context = net::make_client_context(*text);
            if (!context) return context.error();
            tls_ = std::move(*context);
            return text;
          }),
      namespace_path_(directory + "/namespace") {}

bool service_account::refresh_token(bool force) {
  const auto change = token_.refresh(force);
  report(token_, change, "the old token");
  if (change != watched_file::change::changed) return false;
  claims_ = read_claims(token_.content());
  return true;
}

bool service_account::refresh_ca(bool force) {
  const auto change = ca_.refresh(force);
  report(ca_, change, "the old CA bundle");
  if (change != watched_file::change::changed) return false;
  ++ca_generation_;
  net::warn_of_skipped_blocks(
      ca_, "the CA bundle has blocks that are no certificates: they are skipped, the certificates are in use");
  return true;
}

std::string service_account::redact_token(std::string_view text) const {
  const std::string_view secret = token();
  text = text.substr(0, max_foreign_text);
  const auto occurs = [secret](std::string_view piece) { return secret.find(piece) != secret.npos; };
  const auto min_size = std::min(min_secret_piece, secret.size());
  std::string shown;
  while (!text.empty()) {
    auto size = min_size;
    if (size == 0 || text.size() < size || !occurs(text.substr(0, size))) {
      shown += text.front();
      text.remove_prefix(1);
      continue;
    }
    while (size < text.size() && occurs(text.substr(0, size + 1))) ++size;
    shown += "***";
    text.remove_prefix(size);
  }
  return shown;
}

namespace_file service_account::read_namespace() const {
  watched_file file(namespace_path_, max_namespace, trimmed_text);
  file.refresh();
  return {file.content(), file.describe_problem()};
}

token_state state_of_token(const service_account& credentials) {
  if (!credentials.token().empty()) return token_state::read;
  const bool is_missing = credentials.token_file().last_error() == errc::file_missing;
  return is_missing ? token_state::missing : token_state::unreadable;
}

result<std::string> clean_token(std::string_view raw) {
  auto text = trimmed_text(raw);
  if (text && !std::ranges::all_of(*text, is_field_byte)) return errc::token_malformed;
  return text;
}

}  // namespace sidecar::kube
