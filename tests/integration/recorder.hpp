#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace sidecar::test {

/// Listens on a port of its own, takes connections one after the other and never says a word.
class recorder {
 public:
  recorder();
  ~recorder();
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  std::uint16_t port() const noexcept { return port_; }
  /// What the next client sends, up to where `enough` is true of it, the client leaves or the time is up.
  std::string read_until(const std::function<bool(const std::string&)>& enough) const;

 private:
  int handle_;
  std::uint16_t port_ = 0;
};

}  // namespace sidecar::test
