#include "sidecar/kube/node_pods_source.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "sidecar/kube/api_call.hpp"
#include "sidecar/kube/cache_behind.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/node_pods_reader.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using health::reason;

/// For the cache to reach the version. An API server waits for 3 s before it says that its cache is behind
/// (k8s.io/apiserver storage/cacher, blockTimeout), which is longer than API_TIMEOUT by default.
constexpr std::chrono::seconds max_wait_for_cache{2};

class api_node_pods_source final : public node_pods_source {
 public:
  api_node_pods_source(const asio::any_io_executor& executor, api_client_settings settings, health::requirement require,
                       service_account& credentials)
      : channel_(executor, std::move(settings), credentials), require_(require) {}

  asio::awaitable<outcome<node_pods>> list_pods() override;

 private:
  struct cache_behind {};
  using cached_list = std::variant<node_pods, failure, cache_behind>;
  /// Why a list was not read to its end.
  struct read_problem {
    failure cause;
    bool is_cache_behind = false;  ///< the API server says that its cache has not reached the requested version
  };
  /// The newest version at `observed`: every pod in the list is at least as new.
  struct bound {
    std::string version;
    time_point observed;
  };

  const api_client_settings& settings() const noexcept { return channel_.endpoint.settings(); }
  asio::awaitable<cached_list> list_from_cache();
  asio::awaitable<outcome<node_pods>> list_past_cache();
  asio::awaitable<outcome<bound>> read_bound(api_call& call);
  asio::awaitable<cached_list> list(api_call& call, const bound& min_version);
  asio::awaitable<std::optional<read_problem>> read_pages(api_call& call, std::string target, node_pods_reader& reader);

  api_channel channel_;
  health::requirement require_;
};

asio::awaitable<outcome<node_pods>> api_node_pods_source::list_pods() {
  auto cached = co_await list_from_cache();
  if (auto* found = std::get_if<node_pods>(&cached)) co_return std::move(*found);
  if (auto* problem = std::get_if<failure>(&cached)) co_return std::move(*problem);
  co_return co_await list_past_cache();
}

asio::awaitable<api_node_pods_source::cached_list> api_node_pods_source::list_from_cache() {
  auto granted = co_await channel_.wait_for_permit();
  api_call call(channel_, std::move(granted));
  auto min_version = co_await read_bound(call);
  if (!min_version) {
    call.count(verb::list, failure_reason(min_version));
    co_return min_version.error();
  }
  call.limit_rest(std::min<std::chrono::milliseconds>(settings().timeout, max_wait_for_cache));
  auto result = co_await list(call, *min_version);
  std::optional<reason> why;
  if (const auto* problem = std::get_if<failure>(&result)) why = problem->why;
  if (std::holds_alternative<cache_behind>(result)) why = reason::api_timeout;
  call.count(verb::list, why);
  co_return result;
}

/// A consistent read of one key, whether or not there is such a pod: its version is the newest of the cluster.
asio::awaitable<outcome<api_node_pods_source::bound>> api_node_pods_source::read_bound(api_call& call) {
  const auto target = list_target(settings().pod);
  auto response = co_await call.request(target);
  if (!response) co_return response.error();
  auto read = classify_list(*response, settings().pod);
  if (!read) co_return read.error();
  co_return bound{read->resource_version, call.request_started()};
}

asio::awaitable<api_node_pods_source::cached_list> api_node_pods_source::list(api_call& call,
                                                                              const bound& min_version) {
  node_pods_reader reader(settings().node, require_, settings().maintenance_label);
  auto problem = co_await read_pages(call, node_pods_target(settings().node, min_version.version), reader);
  if (problem && (problem->is_cache_behind || problem->cause.why == reason::api_timeout)) co_return cache_behind{};
  if (problem) co_return std::move(problem->cause);
  // The server, or a proxy, ignored resourceVersionMatch=NotOlderThan.
  if (compare_versions(reader.version(), min_version.version) == version_order::older) {
    co_return protocol_failure("a list of pods at the resourceVersion " + reader.version() + ", older than " +
                               min_version.version + ", the newest");
  }
  co_return node_pods{reader.take(), min_version.observed, reader.version()};
}

/// A consistent read of them all, which before Kubernetes 1.31 reads every pod of the cluster: once, where the cache
/// does not get there, and with a deadline of its own.
asio::awaitable<outcome<node_pods>> api_node_pods_source::list_past_cache() {
  auto granted = co_await channel_.wait_for_permit();
  const auto begun = granted.started;
  api_call call(channel_, std::move(granted));
  node_pods_reader reader(settings().node, require_, settings().maintenance_label);
  const auto problem = co_await read_pages(call, node_pods_target(settings().node, {}), reader);
  call.count(verb::list, problem ? std::optional{problem->cause.why} : std::nullopt);
  if (problem) co_return problem->cause;
  co_return node_pods{reader.take(), begun, reader.version()};
}

asio::awaitable<std::optional<api_node_pods_source::read_problem>> api_node_pods_source::read_pages(
    api_call& call, std::string target, node_pods_reader& reader) {
  for (;;) {
    const auto response = co_await call.request(target, &reader);
    if (!response) co_return read_problem{response.error()};
    if (auto refused = unusable(*response)) {
      co_return read_problem{std::move(*refused), is_cache_behind(*response)};
    }
    const auto next = reader.end_page();
    if (!next) co_return read_problem{next.error()};
    if (next->empty()) co_return std::nullopt;
    target = node_pods_next_page(settings().node, *next);
    co_await call.wait_for_rate();
  }
}

}  // namespace

std::unique_ptr<node_pods_source> create_node_pods_source(asio::any_io_executor executor, api_client_settings settings,
                                                          health::requirement require, service_account& credentials) {
  return std::make_unique<api_node_pods_source>(executor, std::move(settings), require, credentials);
}

}  // namespace sidecar::kube
