#pragma once

#include <cstdint>
#include <vector>

namespace sidecar::test {

/// A port of 127.0.0.1 where no SYN gets an answer, for as long as this lives: somebody listens, with a queue that is
/// full. The port may be one that an `api_server` keeps while it is stopped.
class black_hole {
 public:
  explicit black_hole(std::uint16_t port);
  ~black_hole();
  black_hole(const black_hole&) = delete;
  black_hole& operator=(const black_hole&) = delete;

 private:
  void listen(std::uint16_t port);
  bool fill(std::uint16_t port);

  int listener_ = -1;
  std::vector<int> fillers_;
};

}  // namespace sidecar::test
