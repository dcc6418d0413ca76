#pragma once

#include <string>

namespace sidecar {

/// PURE. The shortest decimal text that is read as the same number again: "0.0025", "1e+30". "nan" and "inf" are none
/// that JSON or Prometheus knows.
std::string shortest_text(double number);

}  // namespace sidecar
