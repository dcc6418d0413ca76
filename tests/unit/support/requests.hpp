#pragma once

#include <string>

#include "support/api_server.hpp"
#include "support/http_client.hpp"

namespace sidecar::test {

inline const std::string pod_path = "/api/v1/namespaces/demo/pods/game-0";

inline std::string get(const std::string& token, const std::string& path = pod_path, const std::string& more = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: kubernetes\r\nUser-Agent: http-healthcheck-sidecar\r\n" +
         (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + more + "\r\n";
}

/// A server with the pod game-0, a token that may get pods, and both at hand.
struct ready_server {
  explicit ready_server(const api_server::options& options = {}) : server{options} {
    server.put_pod(pod{});
    server.allow();
  }

  http_client connect() const { return http_client{server.address(), server.port(), server.ca()}; }
  std::string ask() const { return get(token); }

  api_server server;
  std::string token = server.add_token();
};

}  // namespace sidecar::test
