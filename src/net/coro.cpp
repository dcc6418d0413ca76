#include "sidecar/net/coro.hpp"

#include <exception>
#include <string>

#include "sidecar/base/log.hpp"

namespace sidecar::net {

void log_exception::operator()(std::exception_ptr error) const noexcept {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& what) {
    log::error("an internal error ended " + std::string{where}, {{"error", what.what()}});
  } catch (...) {
    log::error("an internal error ended " + std::string{where});
  }
}

}  // namespace sidecar::net
