#pragma once

#include <string>

namespace sidecar {

/// PURE. The shortest decimal text that is read as the same number again: "0.0025", "1e+30". For NaN and
/// the infinities, which JSON has not and Prometheus spells in its own way, the caller has other texts.
std::string shortest_text(double number);

}  // namespace sidecar
