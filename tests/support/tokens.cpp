#include "support/tokens.hpp"

#include <openssl/rand.h>

#include <array>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string_view>

#include "support/base64url.hpp"
#include "support/uuid.hpp"

namespace sidecar::test {

std::string make_token(const token_claims& claims) {
  using nlohmann::ordered_json;
  const std::time_t now = std::time(nullptr);
  ordered_json kubernetes{{"namespace", claims.name_space}};
  if (!claims.pod_name.empty()) {
    kubernetes["node"] = ordered_json{{"name", claims.node_name}, {"uid", make_uuid()}};
    kubernetes["pod"] = ordered_json{{"name", claims.pod_name}, {"uid", claims.pod_uid}};
  }
  kubernetes["serviceaccount"] = ordered_json{{"name", claims.service_account}, {"uid", make_uuid()}};
  kubernetes["warnafter"] = now + claims.lifetime.count();
  const ordered_json body{{"aud", ordered_json::array({"https://kubernetes.default.svc"})},
                          {"exp", now + 365 * 24 * 3600 + claims.lifetime.count()},
                          {"iat", now},
                          {"iss", "https://kubernetes.default.svc"},
                          {"jti", make_uuid()},
                          {"kubernetes.io", kubernetes},
                          {"nbf", now},
                          {"sub", user_of(claims)}};
  std::array<char, 256> noise{};
  RAND_bytes(reinterpret_cast<unsigned char*>(noise.data()), static_cast<int>(noise.size()));
  return to_base64url(R"({"alg":"RS256","kid":"stand-in"})") + "." + to_base64url(body.dump()) + "." +
         to_base64url({noise.data(), noise.size()});
}

std::string user_of(const token_claims& claims) {
  return "system:serviceaccount:" + claims.name_space + ":" + claims.service_account;
}

}  // namespace sidecar::test
