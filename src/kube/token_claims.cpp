#include "sidecar/kube/token_claims.hpp"

#include <array>
#include <cstdint>
#include <optional>

#include "sidecar/base/json.hpp"
#include "sidecar/config/load.hpp"

namespace sidecar::kube {
namespace {

using boost::system::error_code;

std::optional<std::uint32_t> base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '-') return 62;
  if (c == '_') return 63;
  return std::nullopt;
}

/// RFC 4648 section 5, without padding, as JWTs have it. OpenSSL's decoder knows only the other alphabet.
std::optional<std::string> decode_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = base64url_value(c);
    if (!value) return std::nullopt;
    bits = (bits << 6U | *value) & 0xFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes.push_back(static_cast<char>(bits >> held & 0xFFU));
  }
  return bytes;
}

/// Keeps kubernetes.io.{namespace, pod.name, pod.uid}; whatever else is there is passed over.
class claims_events final : public json::events {
 public:
  token_claims claims;

 private:
  error_code null() override { return {}; }
  error_code boolean(bool) override { return {}; }
  error_code number() override { return {}; }
  error_code start_array() override { return enter(); }
  error_code end_array() override { return leave(); }
  error_code start_object() override { return enter(); }
  error_code end_object() override { return leave(); }

  error_code key(std::string_view name) override {
    if (depth_ < path_.size() + 1) path_[depth_ - 1].assign(name);
    return {};
  }

  error_code string(std::string_view value) override {
    if (depth_ == 2 && path_[0] == "kubernetes.io" && path_[1] == "namespace") claims.namespace_name = value;
    if (depth_ == 3 && path_[0] == "kubernetes.io" && path_[1] == "pod") {
      if (path_[2] == "name") claims.pod_name = value;
      if (path_[2] == "uid") claims.pod_uid = value;
    }
    return {};
  }

  error_code enter() {
    if (depth_ < path_.size()) path_[depth_].clear();
    ++depth_;
    return {};
  }
  error_code leave() {
    --depth_;
    return {};
  }

  std::array<std::string, 3> path_;  // the key under way in each of the outermost objects
  std::size_t depth_ = 0;
};

}  // namespace

token_claims read_claims(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos) return {};
  const auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  if (!payload) return {};
  claims_events events;
  if (!json::read(*payload, events)) return {};
  if (!config::is_dns1123_subdomain(events.claims.pod_name)) events.claims.pod_name.clear();
  if (!config::is_dns1123_label(events.claims.namespace_name)) events.claims.namespace_name.clear();
  return events.claims;
}

}  // namespace sidecar::kube
