#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sidecar/kube/api_client.hpp"
#include "sidecar/kube/watch_event.hpp"

namespace sidecar::kube {

/// How a watch ended.
struct watch_end {
  enum class manner : std::uint8_t {
    completed,  ///< by the server, with the last chunk: nothing is missing up to here
    expired,    ///< the server knows nothing of the version to go on from (410, as status or event)
    refused,    ///< by an answer's status
    lost,       ///< no connection, or none any more; no time left; something that is no event
  };

  watch_end::manner how = manner::lost;
  failure why{health::reason::api_unreachable, {}, {}};  ///< unless completed
};

/// Watches the pod at the API server, one watch at a time. An interface for the same reason as pod_source.
class pod_watch {
 public:
  /// Called on the executor's thread, never after `watch` completed.
  struct listener {
    std::function<void()> sent;                    ///< the request is written; the head may take until the first event
    std::function<void()> accepted;                ///< the head says 200; before the first event
    std::function<void(const watch_event&)> told;  ///< each event in order, but errors and those of an unknown type
  };

  virtual ~pod_watch() = default;

  /// Watches from the version `from` on (render_watch), for `at_most`, which the server keeps, or somewhat longer,
  /// which we do. Never throws.
  virtual boost::asio::awaitable<watch_end> watch(std::string from, std::chrono::seconds at_most, listener to) = 0;

  /// Ends the watch under way, if there is one: as lost.
  virtual void stop() = 0;

  /// The watch under way is on a connection that was verified against a CA bundle that has been replaced since.
  virtual bool is_outdated() const = 0;

  /// True while a name lookup that cannot be stopped is under way.
  virtual bool is_looking_up() const noexcept = 0;
};

/// The real one: a connection of its own for each watch, so that a fleet's watches spread over all API servers again.
/// `settings.timeout` bounds the time until the request is sent. `credentials` must outlive it.
std::unique_ptr<pod_watch> create_pod_watch(boost::asio::any_io_executor executor, api_client_settings settings,
                                            service_account& credentials);

}  // namespace sidecar::kube
