#include "sidecar/app/run_loop.hpp"

#include <exception>

#include "sidecar/base/log.hpp"

namespace sidecar::app {

bool run_loop(boost::asio::io_context& loop) try {
  loop.run();
  return true;
} catch (const std::exception& error) {
  log::error("internal error; exiting, so that Kubernetes restarts the container: please report it",
             {{"error", error.what()}});
  return false;
}

}  // namespace sidecar::app
