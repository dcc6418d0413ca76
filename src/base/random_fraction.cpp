#include "sidecar/base/random_fraction.hpp"

#include <random>

namespace sidecar {

std::function<double()> random_fraction() {
  return [engine = std::minstd_rand{std::random_device{}()}]() mutable {
    return std::uniform_real_distribution<>{0, 1}(engine);
  };
}

}  // namespace sidecar
