#pragma once

#include <functional>

namespace sidecar {

/// From 0 to below 1, another at each call: the jitter of pauses. Nothing secret may be made from it.
std::function<double()> random_fraction();

}  // namespace sidecar
