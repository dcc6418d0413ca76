#include "sidecar/doctor/token_facts.hpp"

#include <sys/stat.h>

#include "sidecar/base/json.hpp"

namespace sidecar::doctor {

void read_token_payload(std::string_view payload, token_facts& facts) {
  const auto tree = json::read_tree(payload);
  if (!tree) return;
  const auto& kubernetes = (*tree)["kubernetes.io"];
  facts.service_account = kubernetes["serviceaccount"]["name"].text;
  facts.expires = kube::time_of_claim((*tree)["exp"]);
  facts.renew_by = kube::time_of_claim(kubernetes["warnafter"]);
}

token_facts read_token_facts(const kube::service_account& credentials) {
  const auto& token = credentials.token_file();
  struct stat info {};
  const bool has_mode = ::stat(token.path().c_str(), &info) == 0;
  token_facts facts{.path = token.path(),
                    .problem = token.describe_problem(),
                    .mode = has_mode ? info.st_mode : 0,
                    .claims = credentials.claims()};
  read_token_payload(kube::payload_of(credentials.token()), facts);
  return facts;
}

}  // namespace sidecar::doctor
