#pragma once

#include <set>
#include <string_view>

#include "sidecar/config/load.hpp"

namespace sidecar::config {

/// The configuration as read from what was given.
struct options_read {
  const environment& variables;
  const flags& given;
  const config& settings;
  std::set<std::string_view> refused;  ///< the options whose values were refused; they are reported already
};

/// PURE. Adds to `found` an error for each option that does not go together with another one.
void check_consistency(const options_read& input, configuration_errors& found);

}  // namespace sidecar::config
