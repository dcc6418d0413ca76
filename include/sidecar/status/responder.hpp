#pragma once

#include <string>
#include <vector>

#include "sidecar/http/request.hpp"
#include "sidecar/status/facts.hpp"
#include "sidecar/status/response.hpp"

namespace sidecar::status {

struct responder_settings {
  bool has_page = true;            ///< STATUS_PAGE
  std::vector<std::string> hosts;  ///< STATUS_HOSTS
};

/// The answers of the status port. The path without its query is compared byte for byte. `source` outlives it.
class responder {
 public:
  responder(responder_settings settings, const fact_source& source) : settings_(std::move(settings)), source_(source) {}

  response respond(const http::request& query) const;

 private:
  responder_settings settings_;
  const fact_source& source_;
};

}  // namespace sidecar::status
