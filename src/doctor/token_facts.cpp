#include "sidecar/doctor/token_facts.hpp"

#include <sys/stat.h>

namespace sidecar::doctor {

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
