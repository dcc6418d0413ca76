#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "support/api_server.hpp"
#include "support/pods.hpp"
#include "support/service_account_files.hpp"

namespace sidecar::test {

struct control_reply {
  int status = 200;
  std::string body;
};

/// What the stand-in's control address does: turns requests of curl into calls on the server.
class control {
 public:
  control(api_server& server, service_account_files& files, token_claims claims, std::string token, pod initial);

  /// `method` and `target` as in the request line. Never throws for a bad request: that is a 400 with a message.
  control_reply handle(std::string_view method, std::string_view target);

 private:
  struct command;
  static const command commands[];

  static std::string help();
  void rotate();

  api_server& server_;
  service_account_files& files_;
  token_claims claims_;
  std::string token_;
  pod initial_;
};

}  // namespace sidecar::test
