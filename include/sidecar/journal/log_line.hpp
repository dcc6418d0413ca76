#pragma once

#include <string>
#include <vector>

#include "sidecar/base/log.hpp"

namespace sidecar::journal {

/// A log line: a fact, its consequence, what to do about it.
struct log_line {
  log::level level = log::level::warn;
  std::string message;
  std::vector<log::field> fields{};
};

}  // namespace sidecar::journal
