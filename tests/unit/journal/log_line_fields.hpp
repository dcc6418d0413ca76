#pragma once

#include <string>
#include <vector>

#include "sidecar/journal/log_line.hpp"

namespace sidecar::journal {

/// "name=value", in order.
inline std::vector<std::string> fields_of(const log_line& line) {
  std::vector<std::string> shown;
  for (const auto& field : line.fields) shown.push_back(std::string{field.name} + '=' + field.value);
  return shown;
}

}  // namespace sidecar::journal
