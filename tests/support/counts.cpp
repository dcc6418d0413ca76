#include "support/counts.hpp"

namespace sidecar::test {

traffic& traffic_log::at(std::chrono::steady_clock::time_point now) {
  const std::chrono::steady_clock::time_point begin{
      std::chrono::floor<std::chrono::duration<std::int64_t, std::deci>>(now.time_since_epoch())};
  if (tenths_.empty() || tenths_.back().begin < begin) {
    tenths_.push_back({begin});
    if (tenths_.size() > remembered) tenths_.pop_front();
  }
  return tenths_.back();
}

}  // namespace sidecar::test
