#pragma once

#include <vector>

#include "sidecar/app/role.hpp"
#include "sidecar/app/tls_reloader.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/journal/transition_history.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::app {

/// The parts that the status port shows. They outlive it.
struct status_parts {
  const config::config& settings;
  const app::role& role;
  const http::server& server;
  const journal::transition_history& history;
  const kube::service_account* credentials;  ///< null with STATE_OVERRIDE
  const tls_reloader* tls;                   ///< null without TLS
};

/// Collects what the status port shows; changes nothing, and makes no request.
class status_facts final : public status::fact_source {
 public:
  explicit status_facts(const status_parts& parts);

  status::facts collect() const override;

 private:
  status::answer_facts describe_answer(const status::moment& now, const status::source_facts& source) const;
  std::vector<status::past_answer> describe_past() const;
  status::expiry_facts describe_expiry() const;

  status_parts parts_;
  status::wall_time started_;
};

}  // namespace sidecar::app
