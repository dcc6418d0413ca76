#pragma once

#include <functional>
#include <optional>
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
  control(api_server& server, service_account_files& files, token_claims claims, std::string token, pod initial,
          watch_behaviour habits);

  /// `method` and `target` as in the request line. Never throws for a bad request: that is a 400 with a message.
  control_reply handle(std::string_view method, std::string_view target, const std::string& body);

 private:
  using maybe_reply = std::optional<control_reply>;

  control_reply act(const std::string& asked, std::string_view target, const std::string& body);
  maybe_reply show(const std::string& asked) const;
  maybe_reply act_on_pods(const std::string& asked, std::string_view target, const std::string& body);
  maybe_reply act_on_watches(const std::string& asked, std::string_view target, const std::string& body);
  maybe_reply act_on_server(const std::string& asked, std::string_view target);
  void change_pod(std::string_view target, const std::function<void(pod&)>& change);
  void change_rights(std::string_view target);
  void rotate();

  api_server& server_;
  service_account_files& files_;
  token_claims claims_;
  std::string token_;
  pod initial_;
  watch_behaviour habits_;  ///< as at the start
};

}  // namespace sidecar::test
