#include "sidecar/net/coro.hpp"

#include <exception>
#include <string>

#include "sidecar/base/log.hpp"

namespace sidecar::net {

std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& what) {
    return what.what();
  } catch (...) {
    return "unknown";
  }
}

void log_exception::operator()(std::exception_ptr error) const noexcept try {
  if (error) log::error("an internal error ended " + std::string{where}, {{"error", what_of(error)}});
} catch (...) {
  // No memory to tell of it.
}

}  // namespace sidecar::net
