#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/cluster.hpp"
#include "support/faults.hpp"
#include "support/tokens.hpp"

namespace sidecar::test {

/// One request as it was read, and where it came from.
struct seen_request {
  std::chrono::steady_clock::time_point when;
  std::uint64_t connection = 0;  ///< counted from 1, in the order of acceptance
  std::string method;
  std::string target;
  std::string authorization;  ///< the whole value, empty if there is none
  std::string head;           ///< every byte up to and with the empty line
  std::string server_name;    ///< TLS: SNI, empty if there was none
  std::uint64_t number = 0;   ///< counted from 1, never again
  int status = 0;             ///< of the answer that was decided on when it was read
  bool faulty = false;        ///< whether a fault had a part in it
  /// When the whole of that answer had been written, if it ever was.
  std::optional<std::chrono::steady_clock::time_point> answered = std::nullopt;
};

/// What has happened since the server was made or `forget` was called; `open` and `held` are of now.
struct server_counts {
  std::uint64_t accepted = 0;
  std::uint64_t handshakes = 0;  ///< TLS handshakes that both sides finished
  std::uint64_t open = 0;
  std::uint64_t requests = 0;
  std::uint64_t answers = 0;            ///< written in full
  std::uint64_t held = 0;               ///< answers that wait at the gate
  std::uint64_t application_bytes = 0;  ///< HTTP bytes read, also of a request that never ended
};

/// A kube-apiserver to test against, on a thread and a port of its own. What it answers was compared with recordings
/// of a real one; it knows how to GET pods and nothing else.
///
/// Everything here may be called from any thread at any time, and has taken effect when it returns. The answer to a
/// request is decided at the moment the request has been read in full, together with its entry in `requests()`;
/// gates, service time and faults only delay or damage it afterwards.
class api_server {
 public:
  struct options {
    std::string address = "127.0.0.1";  ///< or ::1
    std::uint16_t port = 0;             ///< 0: any that is free; the server keeps it until it is destroyed
    bool tls = true;
    std::size_t requests_remembered = 100000;  ///< the oldest go first
  };

  /// Made running, with its own CA and a good certificate.
  api_server();
  explicit api_server(const options& wanted);
  ~api_server();
  api_server(const api_server&) = delete;
  api_server& operator=(const api_server&) = delete;

  /// Closes every connection and refuses new ones, until `start`. Pods, tokens, faults and counts stay.
  void stop();
  void start();
  std::uint16_t port() const noexcept;
  const std::string& address() const noexcept;

  /// @name What the cluster holds; see `cluster`.
  /// @{
  void put_pod(pod document);
  void put_document(const std::string& name_space, const std::string& name, std::string bytes);
  void update_pod(const std::string& name_space, const std::string& name, const std::function<void(pod&)>& change);
  void set_ready(const std::string& container, bool ready, const std::string& name_space = "demo",
                 const std::string& name = "game-0");
  bool delete_pod(const std::string& name_space = "demo", const std::string& name = "game-0");
  /// Makes a token for these claims that the server accepts.
  std::string add_token(const token_claims& claims = {});
  void accept_token(const std::string& token, const std::string& user);
  bool revoke_token(const std::string& token);
  void allow(const access_rule& rule = {}, const std::string& user = "system:serviceaccount:demo:sidecar");
  void deny(const std::string& user = "system:serviceaccount:demo:sidecar");
  /// @}

  /// The CA that vouches for the server's first certificate, in PEM.
  std::string ca() const;
  /// Connections from now on get this one.
  void use_certificate(const certificate& next);
  /// Makes another CA of the same name and a certificate of it, and returns the CA: what a cluster does when its CA
  /// is replaced.
  std::string replace_authority();

  /// @name Trouble
  /// @{
  void inject(const fault& trouble);
  void clear_faults();
  /// Faults that are still to come: those without a count or time limit stay until cleared.
  std::size_t faults_left() const;
  /// How long every answer takes: a timer's wait, or the server's processor time (nothing else is served meanwhile).
  void set_service_time(std::chrono::microseconds wait);
  void set_service_work(std::chrono::microseconds work);
  /// @}

  /// @name The gate
  /// @{
  /// From now on answers wait, in the order of their requests.
  void hold_answers();
  /// Lets the one go that has waited longest; false if none waits.
  bool release_one();
  /// Lets those go that wait now; later ones wait still.
  std::size_t release_all();
  /// Opens the gate and leaves it open.
  void stop_holding();
  bool wait_until_held(std::uint64_t count, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// @}

  /// @name What was seen
  /// @{
  std::vector<seen_request> requests() const;
  server_counts counts() const;
  /// Empties `requests()` and sets the counts to 0, but for `open` and `held`.
  void forget();
  bool wait_for_requests(std::uint64_t count, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// False if `enough` was not true of the counts within the time. It runs under the server's lock: look, do not call.
  bool wait_for(const std::function<bool(const server_counts&)>& enough,
                std::chrono::milliseconds timeout = std::chrono::seconds{10});
  /// @}

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace sidecar::test
